import { clockTime, dayOf } from '../time.tsx'
import { timeTicks } from '../chart/ticks.ts'
import { plots as words } from '../../strings/plots.ts'
import { say } from '../../strings/message.ts'
import { tickLabels } from './measure.ts'
import type { PlaneAxis } from './plane.ts'
import type { Points } from './points.ts'
import { lapse, lapseTicks, logTicks, roomy, roundTicks } from './ticks.ts'
import type { Tick } from './ticks.ts'
import { rowFrom, rowNear, traceOf } from './trace.ts'
import type { Along, Trace, TraceView } from './trace.ts'

/** One line of a plot. Give the same `points` as long as nothing was added: what is computed from them is kept. */
export interface LineSeries {
  readonly id: string
  readonly label: string
  /** A colour of style sheets, such as `var(--c1)`. */
  readonly colour: string
  readonly dash?: readonly number[]
  readonly points: Points
  /** More will come: its end is marked. */
  readonly live?: boolean
}

/** A stretch of x: steps, epoch seconds, or seconds since the first point. */
export interface Range {
  readonly from: number
  readonly to: number
}

export interface LineView extends TraceView {
  /** What is in sight; all of it when there is none. */
  readonly range?: Range | undefined
}

/** Everything that is drawn of some series in some view. */
export interface LineScene {
  readonly along: Along
  readonly lines: readonly { readonly series: LineSeries; readonly trace: Trace }[]
  readonly x: PlaneAxis
  readonly y: PlaneAxis
  readonly isSmoothed: boolean
  readonly isEmpty: boolean
  readonly left: number
}

/** A label of the x axis takes so many pixels, with the room to the next. */
const LABEL = 90
const HEIGHT_OF_TICK = 40
/** Above the highest and below the lowest value, as a share of what lies between. */
const ROOM = 0.05

export function lineSceneOf(series: readonly LineSeries[], view: LineView, width: number, height: number): LineScene {
  const lines = series.map((one) => ({ series: one, trace: traceOf(one.points, view) }))
  const range = view.range ?? wholeRange(lines.map(({ trace }) => trace))
  const { extent, left } = seenIn(
    lines.map(({ trace }) => trace),
    range,
  )
  return {
    along: view.along,
    lines,
    x: {
      min: range.from,
      max: range.to,
      ticks: ticksAlong(view.along, range, Math.max(width / LABEL, 2)),
      lines: false,
    },
    y: valueAxis(extent, view.scale, Math.max(Math.floor(height / HEIGHT_OF_TICK), 2)),
    isSmoothed: view.smoothing > 0,
    isEmpty: extent === undefined && lines.every(({ trace }) => trace.infinite.length === 0),
    left,
  }
}

function wholeRange(traces: readonly Trace[]): Range {
  let [from, to] = [Infinity, -Infinity]
  for (const { xs } of traces) {
    if (xs.length === 0) continue
    from = Math.min(from, xs[0]!)
    to = Math.max(to, xs.at(-1)!)
  }
  if (from > to) return { from: 0, to: 1 }
  return from === to ? { from: from - 0.5, to: to + 0.5 } : { from, to }
}

interface Extent {
  readonly min: number
  readonly max: number
}

/** The lowest and highest of what is in sight, in units of the axis, and how many values have no place there. */
function seenIn(traces: readonly Trace[], { from, to }: Range): { extent: Extent | undefined; left: number } {
  let [min, max, left] = [Infinity, -Infinity, 0]
  for (const { xs, raw, line, left: leftHere } of traces) {
    left += leftHere
    const end = rowNear(xs, to)
    for (let row = rowFrom(xs, from); row <= end; row++) {
      // Comparisons with NaN are false, which is what is wanted.
      if (raw[row]! < min) min = raw[row]!
      if (raw[row]! > max) max = raw[row]!
      if (line[row]! < min) min = line[row]!
      if (line[row]! > max) max = line[row]!
    }
  }
  return { extent: min <= max ? { min, max } : undefined, left }
}

function valueAxis(extent: Extent | undefined, scale: 'linear' | 'log', most: number): PlaneAxis {
  const { min, max } = extent ?? { min: 0, max: 1 }
  if (scale === 'linear') {
    const range = roomy(min, max, ROOM)
    return { ...range, ticks: labelled(roundTicks(range.min, range.max, most), (value) => value) }
  }
  const room = max > min ? (max - min) * ROOM : 0.5
  const range = { min: min - room, max: max + room }
  return { ...range, ticks: labelled(logTicks(range.min, range.max, most + 2), Math.log10) }
}

function labelled(values: readonly number[], place: (value: number) => number): Tick[] {
  const labels = tickLabels(values)
  return values.map((value, index) => ({ at: place(value), label: labels[index]! }))
}

function ticksAlong(along: Along, { from, to }: Range, most: number): readonly Tick[] {
  if (along === 'time') return timeTicks(from, to, most)
  if (along === 'relative') return lapseTicks(from, to, most).map((at) => ({ at, label: lapse(at) }))
  const whole = roundTicks(from, to, most).filter(Number.isInteger)
  return labelled(whole.length > 1 ? whole : roundTicks(from, to, most), (value) => value)
}

/** A place on x in words. */
export function wordsAlong(along: Along, x: number): string {
  if (along === 'step') return say(words.stepIs, { step: measureStep(x) })
  return along === 'relative' ? lapse(x) : `${dayOf(x * 1000)}, ${clockTime(x * 1000)}`
}
const measureStep = (x: number): string => String(Number(x.toPrecision(12)))

/** What a line says at the crosshair. */
export interface LineValue {
  readonly series: LineSeries
  /** As smoothed; as logged without smoothing. */
  readonly value: number
  readonly logged: number
  /** In units of the y axis; NaN for what has no place there. */
  readonly at: number
}

/** The value of each line at `x`, or nearest to it; lines that do not reach so far are left out. */
export function valuesAt({ lines, x: axis }: LineScene, x: number): LineValue[] {
  const slack = (axis.max - axis.min) * 0.01
  return lines.flatMap(({ series, trace: { xs, values, means, line } }) => {
    const row = rowNear(xs, x)
    if (row < 0 || x < xs[0]! - slack || x > xs.at(-1)! + slack) return []
    const logged = values[row]!
    return [{ series, value: Number.isFinite(logged) ? means[row]! : logged, logged, at: line[row]! }]
  })
}

/** The place nearest to `x` at which a line has a point. */
export function snapped({ lines }: LineScene, x: number): number {
  let nearest: number | undefined
  for (const {
    trace: { xs },
  } of lines) {
    const found = xs[rowNear(xs, x)]
    if (found !== undefined && (nearest === undefined || Math.abs(found - x) < Math.abs(nearest - x))) nearest = found
  }
  return nearest ?? x
}

/** The newest value of each line in sight. */
export const newestValues = (scene: LineScene): Map<string, number> =>
  new Map(
    scene.lines.flatMap(({ series, trace: { xs, values, means } }) => {
      const row = rowNear(xs, scene.x.max)
      if (row < 0) return []
      return [[series.id, Number.isFinite(values[row]!) ? means[row]! : values[row]!] as const]
    }),
  )

/** The next place with a point of any line beyond `x`, at least `stride` on: where an arrow key leads. */
export function nextAlong({ lines, x: axis }: LineScene, x: number, stride: number): number {
  const wanted = x + stride
  let best: number | undefined
  for (const { trace } of lines) {
    const { xs } = trace
    const after = rowFrom(xs, wanted)
    const row = stride > 0 ? after : xs[after] === wanted ? after : after - 1
    const found = xs[row]
    if (found === undefined || found < axis.min || found > axis.max) continue
    if (best === undefined || (stride > 0 ? found < best : found > best)) best = found
  }
  return best ?? Math.min(Math.max(x, axis.min), axis.max)
}
