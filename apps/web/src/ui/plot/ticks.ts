/** A place on an axis, in the units that are drawn, and what stands there. */
export interface Tick {
  readonly at: number
  readonly label: string
}

/** The smallest of 1, 2, 2.5 or 5 times a power of ten that goes into `span` at most `most` times. */
function stepOf(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most))
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => span / step <= most + 1e-9) ?? power * 10
}

/** Multiplying and rounding keeps 0.3 from becoming 0.30000000000000004. */
const multiple = (count: number, step: number): number => Number((count * step).toPrecision(12))

/** What is closer together has too few digits to be divided, and counts as one value. */
const LEAST_SPAN = 1e-290

/** Round numbers between `min` and `max`, at most `most` + 1 of them, evenly spaced. */
export function roundTicks(min: number, max: number, most: number): number[] {
  const span = max - min
  if (!(span > LEAST_SPAN)) return max > min ? [min, max] : [min]
  const step = stepOf(span, most)
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  // Far from zero a step can be less than the numbers there can tell apart.
  const ticks = Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => multiple(first + index, step))
  return ticks.length > 1 && new Set(ticks).size === ticks.length ? ticks : [min, max]
}

/** The range with room beyond both ends, as a share of it; a range that is a single value gets some to lie in. Zero
 *  stays the end of a range that does not go below it. */
export function roomy(min: number, max: number, share: number): { min: number; max: number } {
  if (!(max - min > LEAST_SPAN)) {
    const room = Math.abs(min) * 0.1 || 1
    return { min: min - room, max: max + room }
  }
  const room = (max - min) * share
  return { min: min >= 0 ? Math.max(min - room, 0) : min - room, max: max <= 0 ? Math.min(max + room, 0) : max + room }
}

/** Values for an axis of logarithms between two exponents of ten: whole decades, thinned until at most `most` are
 *  left; 2 and 5 times each where there is room; round numbers where the range is less than that. */
export function logTicks(min: number, max: number, most: number): number[] {
  const within = (value: number) => Math.log10(value) >= min - 1e-9 && Math.log10(value) <= max + 1e-9
  const first = Math.floor(min)
  const decades = Array.from({ length: Math.ceil(max) - first + 1 }, (_, index) => first + index)
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = decades.flatMap((decade) => factors.map((factor) => Number(`${factor}e${decade}`))).filter(within)
    if (ticks.length > most) continue
    return ticks.length > 1 ? ticks : roundTicks(10 ** min, 10 ** max, Math.max(most - 1, 1)).filter((tick) => tick > 0)
  }
  const stride = Math.ceil(decades.length / most)
  return decades
    .filter((decade) => decade % stride === 0)
    .map((decade) => Number(`1e${decade}`))
    .filter((tick) => tick > 0 && within(tick))
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const LAPSES = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE].concat(
  [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR],
  [DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY],
)

/** Round spans of time, in seconds: whole seconds, minutes, hours or days; fractions of a second below five. */
export function lapseTicks(min: number, max: number, most: number): number[] {
  if (max - min < 5) return roundTicks(min, max, most)
  const step = LAPSES.find((one) => (max - min) / one <= most) ?? stepOf((max - min) / DAY, most) * DAY
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** A span of seconds in its two largest units: `12 s`, `3 min 5 s`, `2 h`, `1 d 4 h`. */
export function lapse(seconds: number): string {
  const size = Math.abs(seconds)
  const sign = seconds < 0 ? '−' : ''
  if (size < MINUTE) return `${sign}${Number(size.toPrecision(3))} s`
  if (size < HOUR) return sign + twoOf(size, MINUTE, 'min', 1, 's')
  return sign + (size < DAY ? twoOf(size, HOUR, 'h', MINUTE, 'min') : twoOf(size, DAY, 'd', HOUR, 'h'))
}

function twoOf(size: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const whole = Math.round(size / small) * small
  const rest = Math.round((whole % large) / small)
  const first = `${Math.floor(whole / large)} ${largeUnit}`
  return rest === 0 ? first : `${first} ${rest} ${smallUnit}`
}
