import { LANGUAGE } from '../../strings/message.ts'

const plain = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 4, useGrouping: false })
const large = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1, useGrouping: 'min2' })
const counted = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumSignificantDigits: 3 })

/** Beyond this no axis can be divided; stores that know no infinity keep the largest number in its place. */
const LARGEST = 1e300

/** Whether a value can lie on an axis. */
export const isDrawable = (value: number): boolean => Math.abs(value) <= LARGEST

/** A value of a metric, to be compared with others: four significant digits, powers of ten for what is very small or
 *  large, and what is no number by its name. */
export function measure(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!isDrawable(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return short(value.toExponential(2))
  return size >= 10_000 ? large.format(value).replaceAll(',', ' ') : plain.format(value)
}

/** The label of a tick: as many digits as tell it from its neighbours. */
export function tickLabel(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return short(value.toExponential(2))
  if (size >= 10_000) return counted.format(value)
  return String(Number(value.toPrecision(8)))
}

/** Two ticks of the same label would say that the axis stands still. */
export function tickLabels(values: readonly number[]): string[] {
  const labels = values.map(tickLabel)
  return new Set(labels).size === labels.length ? labels : values.map((value) => String(Number(value.toPrecision(12))))
}

/** `1.00e-5` as `1e-5`. */
const short = (text: string): string => text.replace(/\.?0+e/, 'e').replace('e+', 'e')
