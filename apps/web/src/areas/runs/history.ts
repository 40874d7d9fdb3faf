import type { LatestMetric, MetricPoint, RunId } from '@stead/contracts'
import { growingPoints } from '../../ui/plot/points.ts'
import type { GrowingPoints, Points } from '../../ui/plot/points.ts'

/** What is known of one metric of one run. */
export interface History {
  readonly points: Points
  /** How many values were logged; more than there are points where they were thinned. */
  readonly total: number
  readonly last: MetricPoint | undefined
  /** To go on with. Only the newest history of a series may. */
  readonly growing: GrowingPoints
}

/** One metric of several runs. */
export type Histories = ReadonlyMap<RunId, History>

export interface Series {
  readonly run: RunId
  readonly points: readonly MetricPoint[]
  readonly total: number
}

/** Whether a history ends with what the run tells as its newest value. */
export function isUpToDate(history: History | undefined, latest: LatestMetric | undefined): boolean {
  if (latest === undefined) return true
  const last = history?.last
  if (last === undefined) return false
  return last[0] === latest.step && last[1] === latest.timestamp && last[2] === latest.value
}

/** From which step on these runs have to be read again; undefined for all of it. Several values may have one step, so the
 *  last one that is known is read once more. */
export function stepToAskFrom(known: Histories, runs: readonly RunId[]): number | undefined {
  let least: number | undefined
  for (const run of runs) {
    const last = known.get(run)?.last
    if (last === undefined) return undefined
    least = Math.min(least ?? Infinity, last[0] - 1)
  }
  return least
}

/** The histories with what an answer adds to them; one that was read whole takes the place of the one before. */
export function grown(known: Histories, answer: readonly Series[], afterStep: number | undefined): Histories {
  const next = new Map(known)
  for (const { run, points, total } of answer) {
    const before = afterStep === undefined ? undefined : known.get(run)
    next.set(run, before ? goneOn(before, points) : begun(points, total))
  }
  return next
}

function begun(points: readonly MetricPoint[], total: number): History {
  const growing = growingPoints()
  for (const [step, time, value] of points) growing.add(step, time, Number(value))
  return { growing, points: growing.now(), total, last: points.at(-1) }
}

function goneOn({ growing, total, last, points: before }: History, points: readonly MetricPoint[]): History {
  const [lastStep] = last ?? [-Infinity]
  const known = atStep(before, lastStep)
  let added = 0
  let newest = last
  for (const point of points) {
    const [step, time, value] = point
    if (step < lastStep || (step === lastStep && known.has(`${time} ${Number(value)}`))) continue
    growing.add(step, time, Number(value))
    newest = point
    added += 1
  }
  return { growing, points: growing.now(), total: total + added, last: newest }
}

function atStep({ steps, times, values }: Points, step: number): ReadonlySet<string> {
  const found = new Set<string>()
  for (let at = steps.length - 1; at >= 0 && steps[at] === step; at--) found.add(`${times[at]} ${values[at]}`)
  return found
}
