import type { LatestMetric, MetricValue } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'

const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 5, useGrouping: false })
const SMALL = 1e-4
const LARGE = 1e9

/** A metric in the width of a column: five significant digits, powers of ten where there are many noughts. */
export function metricText(value: MetricValue): string {
  const number = Number(value)
  if (!Number.isFinite(number)) return String(value)
  if (number !== 0 && (Math.abs(number) < SMALL || Math.abs(number) >= LARGE)) return number.toExponential(2)
  return precise.format(number)
}

export const isOdd = (value: MetricValue): boolean => !Number.isFinite(Number(value))

/** The whole of it, for those who point at it. */
export const metricTitle = ({ value, step }: LatestMetric): string =>
  say(words.valueAt, { value: String(value), step: String(step) })

/** Where bars begin and end: what they are of, with a round number below the least. */
export function barScale(values: readonly number[]): { readonly from: number; readonly to: number } | undefined {
  const finite = values.filter(Number.isFinite)
  if (finite.length < 2) return undefined
  const least = finite.reduce((a, b) => Math.min(a, b))
  const most = finite.reduce((a, b) => Math.max(a, b))
  if (least === most) return undefined
  // Where all are near each other, bars from nought would all be as long.
  if (least >= 0 && (most - least) / most > 0.5) return { from: 0, to: most }
  const step = 10 ** Math.floor(Math.log10(most - least))
  return { from: Math.floor(least / step) * step, to: most }
}

export const barShare = (value: number, { from, to }: { readonly from: number; readonly to: number }): number =>
  Number.isFinite(value) ? Math.min(Math.max((value - from) / (to - from), 0), 1) : 0
