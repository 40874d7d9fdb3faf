import { isDrawable } from './measure.ts'

/** What a box shows of a group of values. */
export interface Box {
  readonly count: number
  readonly low: number
  readonly quarter: number
  readonly median: number
  readonly threeQuarters: number
  readonly high: number
  /** Values beyond 1.5 times the height of the box, sorted; `low` and `high` are the outermost of the others. */
  readonly outliers: readonly number[]
  /** How many were NaN or infinite and are in none of the figures. */
  readonly left: number
}

/** The quantile of sorted values, between the two nearest in proportion (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? NaN
  const above = sorted[Math.ceil(at)] ?? NaN
  return below === above ? below : below + (above - below) * (at - Math.floor(at))
}

/** The box of a group (Tukey 1977); undefined when no value is finite. */
export function boxOf(values: readonly number[]): Box | undefined {
  const sorted = values.filter(isDrawable).sort((one, other) => one - other)
  if (sorted.length === 0) return undefined
  const quarter = quantile(sorted, 0.25)
  const threeQuarters = quantile(sorted, 0.75)
  const reach = 1.5 * (threeQuarters - quarter)
  const isNear = (value: number) => value >= quarter - reach && value <= threeQuarters + reach
  const near = sorted.filter(isNear)
  return {
    count: sorted.length,
    low: near[0] ?? quarter,
    quarter,
    median: quantile(sorted, 0.5),
    threeQuarters,
    high: near.at(-1) ?? threeQuarters,
    outliers: sorted.filter((value) => !isNear(value)),
    left: values.length - sorted.length,
  }
}
