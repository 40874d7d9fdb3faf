import { clockMinute, clockTime, dayOf } from '../time.tsx'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const COUNTS = [1, 2, 5, 10, 15, 30]
const TIME_STEPS = COUNTS.concat(
  COUNTS.map((count) => count * MINUTE),
  [1, 2, 3, 6, 12].map((count) => count * HOUR),
  [1, 2, 7, 14, 30].map((count) => count * DAY),
)

/** 0 and up to `most` round values above it, the last of which is no less than `highest`. */
export function valueTicks(highest: number, most: number): number[] {
  const wanted = highest > 0 ? highest : 1
  const power = 10 ** Math.floor(Math.log10(wanted / most))
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => wanted / one <= most + 1e-9) ?? power * 10
  const count = Math.max(Math.ceil(wanted / step - 1e-9), 1)
  // Multiplying keeps 0.3 from becoming 0.30000000000000004 more often than adding does.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

/** Round times in a span of epoch seconds, local to whoever looks, as many as fit. */
export function timeTicks(from: number, to: number, most: number): { at: number; label: string }[] {
  const step = TIME_STEPS.find((one) => (to - from) / one <= most) ?? 90 * DAY
  const zone = new Date(to * 1000).getTimezoneOffset() * MINUTE
  const first = Math.ceil((from - zone) / step) * step + zone
  const ticks: { at: number; label: string }[] = []
  for (let at = first; at <= to; at += step) ticks.push({ at, label: labelOf(at, step) })
  return ticks
}

function labelOf(at: number, step: number): string {
  if (step >= DAY) return dayOf(at * 1000)
  return step >= MINUTE ? clockMinute(at * 1000) : clockTime(at * 1000)
}

/** A time as precisely as the rows lie apart. */
export function timeOfRow(at: number, step: number): string {
  if (step >= 300) return `${dayOf(at * 1000)}, ${clockMinute(at * 1000)}`
  return clockTime(at * 1000)
}
