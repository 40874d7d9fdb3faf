import { isDrawable, measure, tickLabels } from './measure.ts'
import { logTicks, roomy, roundTicks } from './ticks.ts'
import type { Tick } from './ticks.ts'

/** What an item has on an axis. Texts that are numbers count as numbers, as long as all on the axis are. */
export type Value = number | string | null | undefined

export interface Axis {
  readonly name: string
  readonly unit?: string | undefined
  /** Where all values are numbers; those at or below zero have no place on an axis of logarithms. */
  readonly scale?: 'linear' | 'log' | undefined
}

/** Where values lie on an axis. The units that are drawn are the values, their exponents of ten, or the places of
 *  categories. */
export interface Scale {
  readonly is: 'linear' | 'log' | 'category'
  readonly min: number
  readonly max: number
  /** NaN for what has no place: absent, not finite, or not on a logarithmic axis. */
  place(value: Value): number
  ticks(most: number): readonly Tick[]
  /** A value in words. */
  text(value: Value): string
  /** The words for a place, such as the end of a brush. */
  textAt(place: number): string
}

const natural = new Intl.Collator('en', { numeric: true })
const isAbsent = (value: Value) => value === null || value === undefined || value === ''
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
  ['-inf', -Infinity],
  ['-infinity', -Infinity],
])

/** A value as a number; undefined for what is a word. */
function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (isAbsent(value)) return undefined
  const text = value!.trim()
  const special = SPECIAL.get(text.toLowerCase())
  if (special !== undefined) return special
  return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** The scale on which all of the values have a place that can have one. `absent` is the word for no value. */
export function scaleOf(values: readonly Value[], { scale }: Pick<Axis, 'scale'>, absent = '–'): Scale {
  const present = values.filter((value) => !isAbsent(value))
  const numbers = present.map(numberOf)
  if (numbers.some((number) => number === undefined)) return categories(present.map(String), absent)
  return scale === 'log' ? logarithms(numbers as number[], absent) : numeric(numbers as number[], absent)
}

function extentOf(numbers: readonly number[]): { min: number; max: number } | undefined {
  let [min, max] = [Infinity, -Infinity]
  for (const number of numbers) {
    if (!isDrawable(number)) continue
    if (number < min) min = number
    if (number > max) max = number
  }
  return min <= max ? { min, max } : undefined
}

const wordsOf = (value: Value, absent: string): string => {
  const number = numberOf(value)
  return number === undefined ? absent : measure(number)
}

function numeric(numbers: readonly number[], absent: string): Scale {
  const extent = extentOf(numbers) ?? { min: 0, max: 1 }
  const { min, max } = roomy(extent.min, extent.max, 0)
  const isWhole = numbers.every(Number.isInteger)
  return {
    is: 'linear',
    min,
    max,
    place(value) {
      const number = numberOf(value) ?? NaN
      return isDrawable(number) ? number : NaN
    },
    ticks(most) {
      const ticks = roundTicks(min, max, most).filter((tick) => !isWhole || Number.isInteger(tick))
      const labels = tickLabels(ticks)
      return ticks.map((at, index) => ({ at, label: labels[index]! }))
    },
    text: (value) => wordsOf(value, absent),
    textAt: measure,
  }
}

function logarithms(numbers: readonly number[], absent: string): Scale {
  const extent = extentOf(numbers.filter((number) => number > 0 && isDrawable(number)).map(Math.log10)) ?? {
    min: 0,
    max: 1,
  }
  const room = extent.max > extent.min ? 0 : 0.5
  const min = extent.min - room
  const max = extent.max + room
  return {
    is: 'log',
    min,
    max,
    place(value) {
      const number = numberOf(value) ?? NaN
      return number > 0 && isDrawable(number) ? Math.log10(number) : NaN
    },
    ticks(most) {
      const ticks = logTicks(min, max, most)
      const labels = tickLabels(ticks)
      return ticks.map((value, index) => ({ at: Math.log10(value), label: labels[index]! }))
    },
    text: (value) => wordsOf(value, absent),
    textAt: (place) => measure(10 ** place),
  }
}

function categories(texts: readonly string[], absent: string): Scale {
  const names = [...new Set(texts)].sort(natural.compare)
  const places = new Map(names.map((name, place) => [name, place]))
  return {
    is: 'category',
    min: -0.5,
    max: names.length - 0.5,
    place: (value) => (isAbsent(value) ? NaN : (places.get(String(value)) ?? NaN)),
    ticks(most) {
      const stride = Math.ceil(names.length / Math.max(most, 1))
      return names.map((label, at) => ({ at, label })).filter(({ at }) => at % stride === 0)
    },
    text: (value) => (isAbsent(value) ? absent : String(value)),
    textAt: (place) => names[Math.min(Math.max(Math.round(place), 0), names.length - 1)] ?? absent,
  }
}
