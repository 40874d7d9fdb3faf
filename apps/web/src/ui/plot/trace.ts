import { isDrawable } from './measure.ts'
import type { Points } from './points.ts'
import { smoothed } from './smoothing.ts'

/** What lies on x: the step, the time of day, or the time since the first point of the same series. */
export type Along = 'step' | 'time' | 'relative'

export interface TraceView {
  readonly along: Along
  readonly scale: 'linear' | 'log'
  /** Weight of the moving average: 0 for none, less than 1. */
  readonly smoothing: number
}

/** A series as it is drawn: sorted by x, in units of the y axis. */
export interface Trace {
  /** Steps, or seconds. */
  readonly xs: Float64Array
  /** As logged. */
  readonly values: Float64Array
  /** As logged, in units of the axis; NaN for what has no place there. */
  readonly raw: Float64Array
  /** Smoothed, in units of the axis; the same as `raw` without smoothing. */
  readonly line: Float64Array
  /** Smoothed, in units of the metric. */
  readonly means: Float64Array
  /** Rows whose value is infinite. */
  readonly infinite: readonly number[]
  /** How many values at or below zero an axis of logarithms leaves out. */
  readonly left: number
}

const known = new WeakMap<Points, { key: string; trace: Trace }>()

/** The trace of a history; the same one as long as neither has changed. */
export function traceOf(points: Points, view: TraceView): Trace {
  const key = `${view.along} ${view.scale} ${view.smoothing}`
  const before = known.get(points)
  if (before?.key === key) return before.trace
  const trace = newTrace(points, view)
  known.set(points, { key, trace })
  return trace
}

function newTrace(points: Points, { along, scale, smoothing }: TraceView): Trace {
  const { xs, values } = sortedBy(xsOf(points, along), points.values)
  const infinite: number[] = []
  let left = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Math.abs(value) > 0 && !isDrawable(value)) infinite.push(row)
    else if (scale === 'log' && value <= 0) left += 1
  }
  const raw = placed(values, scale)
  const means = smoothing > 0 ? smoothed(values, smoothing) : values
  return { xs, values, raw, line: smoothing > 0 ? placed(means, scale) : raw, means, infinite, left }
}

function xsOf({ steps, times }: Points, along: Along): Float64Array {
  if (along === 'step') return steps
  const first = along === 'relative' ? times.reduce((least, time) => Math.min(least, time), Infinity) : 0
  return times.map((time) => (time - first) / 1000)
}

/** Most histories come in order and are taken as they are; points of one x keep theirs. */
function sortedBy(xs: Float64Array, values: Float64Array): { xs: Float64Array; values: Float64Array } {
  if (xs.every((x, row) => row === 0 || x >= xs[row - 1]!)) return { xs, values }
  const order = Uint32Array.from(xs, (_, row) => row).sort((one, other) => xs[one]! - xs[other]! || one - other)
  return { xs: Float64Array.from(order, (row) => xs[row]!), values: Float64Array.from(order, (row) => values[row]!) }
}

function placed(values: Float64Array, scale: 'linear' | 'log'): Float64Array {
  return values.map((value) => {
    if (!isDrawable(value) || (scale === 'log' && value <= 0)) return NaN
    return scale === 'log' ? Math.log10(value) : value
  })
}

/** The first row at or after `x`; as many as there are when none is. */
export function rowFrom(xs: Float64Array, x: number): number {
  let [low, high] = [0, xs.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (xs[middle]! < x) low = middle + 1
    else high = middle
  }
  return low
}

/** The row nearest to `x`; -1 without rows. Of several at one x the last, which was logged last. */
export function rowNear(xs: Float64Array, x: number): number {
  if (xs.length === 0) return -1
  const after = rowFrom(xs, x)
  const nearest = after === xs.length || (after > 0 && x - xs[after - 1]! < xs[after]! - x) ? after - 1 : after
  let row = nearest
  while (row + 1 < xs.length && xs[row + 1] === xs[nearest]) row += 1
  return row
}
