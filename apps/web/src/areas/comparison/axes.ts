import type { RunRow } from '@stead/contracts'
import type { Value } from '../../ui/plot/scale.ts'

/** A column of the runs as an axis: `metrics.auc`, `params.depth`, `tags.stage`. */
export type AxisId = string

export const nameOfAxis = (id: AxisId): string => id.slice(id.indexOf('.') + 1)

const partOf = (id: AxisId) => id.slice(0, id.indexOf('.'))

export function valueOf(run: RunRow, id: AxisId): Value {
  const name = nameOfAxis(id)
  if (partOf(id) === 'metrics') {
    const value = run.metrics[name]?.value
    return value === undefined ? undefined : Number(value)
  }
  return partOf(id) === 'params' ? run.params[name] : run.tags[name]
}

const natural = new Intl.Collator('en', { numeric: true })

export interface Columns {
  readonly metrics: readonly AxisId[]
  readonly params: readonly AxisId[]
  readonly tags: readonly AxisId[]
  /** All that may be an axis. */
  readonly all: readonly AxisId[]
}

/** The columns that these runs have; those that clients keep to themselves are left out. */
export function columnsOf(runs: readonly RunRow[]): Columns {
  const of = (part: 'metrics' | 'params' | 'tags') =>
    [...new Set(runs.flatMap((run) => Object.keys(run[part])))]
      .filter((key) => part !== 'tags' || !/^(mlflow|stead)\./.test(key))
      .toSorted(natural.compare)
      .map((key) => `${part}.${key}`)
  const [metrics, params, tags] = [of('metrics'), of('params'), of('tags')]
  return { metrics, params, tags, all: [...metrics, ...params, ...tags] }
}

/** Whether the runs have more than one value there. */
export const differs = (runs: readonly RunRow[], id: AxisId): boolean => {
  const first = runs[0] && valueOf(runs[0], id)
  return runs.some((run) => !Object.is(valueOf(run, id), first))
}

const MOST_LINES = 4
const MOST_AXES = 7

/** Metrics that were logged over steps, those of the model before those of the machine. */
export const usualLines = (runs: readonly RunRow[], { metrics }: Columns): AxisId[] =>
  metrics
    .filter((id) => runs.some((run) => (run.metrics[nameOfAxis(id)]?.step ?? 0) > 0))
    .toSorted((a, b) => Number(isOfMachine(a)) - Number(isOfMachine(b)))
    .slice(0, MOST_LINES)

const isOfMachine = (id: AxisId) => id.startsWith('metrics.system/')

/** Params that differ, and then a metric. */
export function usualAxes(runs: readonly RunRow[], { metrics, params }: Columns): AxisId[] {
  const told = params.filter((id) => differs(runs, id))
  const last = usualMetric(runs, { metrics })
  return [...told.slice(0, MOST_AXES - 1), ...(last === undefined ? [] : [last])]
}

export const usualMetric = (runs: readonly RunRow[], { metrics }: Pick<Columns, 'metrics'>): AxisId | undefined =>
  metrics.find((id) => !isOfMachine(id) && differs(runs, id)) ?? metrics[0]
