import { SteadError } from '@stead/contracts'
import type { ChangedRun, LogCall } from './batches.ts'
import type { Outcome } from './groups.ts'
import { inPython, type KeyValue, type LoggedMetric } from './limits.ts'

/** A run as calls are judged by. */
export interface KnownRun {
  readonly row: number
  readonly runId: string
  readonly projectId: string
  readonly experiment: number
  readonly lifecycle: 'active' | 'deleted'
}

/** What the database held when the runs were locked. */
export interface Known {
  readonly runs: ReadonlyMap<string, KnownRun>
  /** By `paramName`. */
  readonly params: ReadonlyMap<string, string>
  /** The logged models of those that calls name. */
  readonly models: ReadonlySet<string>
}

/** What is to be written. */
export interface Judged {
  readonly outcomes: readonly Outcome<ChangedRun>[]
  readonly metrics: readonly MetricRow[]
  readonly modelMetrics: readonly MetricRow[]
  readonly latest: readonly MetricRow[]
  readonly params: readonly TextRow[]
  readonly tags: readonly TextRow[]
}
export type MetricRow = LoggedMetric & { readonly run: KnownRun }
export type TextRow = KeyValue & { readonly run: KnownRun }

/** A param's or tag's or metric's place among those of all runs. */
export const nameOf = (row: number, key: string): string => `${row} ${key}`

/** Takes calls in their order, each as if those before it were written. */
export function judge(calls: readonly LogCall[], known: Known): Judged {
  const params = new Map(known.params)
  const newParams: TextRow[] = []
  const metrics: MetricRow[] = []
  const modelMetrics: MetricRow[] = []
  const latest = new Map<string, MetricRow>()
  const tags = new Map<string, TextRow>()

  function take(call: LogCall): ChangedRun {
    const run = activeRun(call, known)
    refuseChanged(call, run, params)
    for (const { model } of call.metrics)
      if (model !== undefined && !known.models.has(modelName(call.projectId, model)))
        throw new SteadError('logged_model_not_found', `Logged model with ID '${model}' not found.`)
    for (const { key, value } of call.params) {
      const name = nameOf(run.row, key)
      if (params.has(name)) continue
      params.set(name, value)
      newParams.push({ run, key, value })
    }
    for (const metric of call.metrics) {
      const row = { ...metric, run }
      metrics.push(row)
      if (metric.model !== undefined) modelMetrics.push(row)
      const name = nameOf(run.row, metric.key)
      const before = latest.get(name)
      if (before === undefined || isLater(metric, before)) latest.set(name, row)
    }
    for (const { key, value } of call.tags) tags.set(nameOf(run.row, key), { run, key, value })
    return { experiment: run.experiment, runId: run.runId }
  }

  const outcomes = calls.map((call): Outcome<ChangedRun> => {
    try {
      return { answer: take(call) }
    } catch (error) {
      return { error }
    }
  })
  return { outcomes, metrics, modelMetrics, latest: [...latest.values()], params: newParams, tags: [...tags.values()] }
}

export const modelName = (projectId: string, model: string): string => `${projectId} ${model}`

type Point = Pick<LoggedMetric, 'step' | 'timestamp' | 'value'>

/** As PostgreSQL compares rows, to which NaN is above all numbers. */
export function isLater(one: Point, other: Point): boolean {
  if (one.step !== other.step) return one.step > other.step
  if (one.timestamp !== other.timestamp) return one.timestamp > other.timestamp
  if (Number.isNaN(other.value)) return false
  return Number.isNaN(one.value) || one.value > other.value
}

/** Fails with `run_not_found` or `invalid_request`. */
export function activeRun({ projectId, runId }: LogCall, { runs }: Pick<Known, 'runs'>): KnownRun {
  const run = runs.get(runId)
  if (run === undefined || run.projectId !== projectId) throw noRun(runId)
  if (run.lifecycle !== 'active') throw inactiveRun(runId)
  return run
}

export const noRun = (runId: string) => new SteadError('run_not_found', `Run with id=${runId} not found`)
export const inactiveRun = (runId: string) =>
  new SteadError('invalid_request', `The run ${runId} must be in the 'active' state. Current state is deleted.`, {
    where: 'run_id',
  })

function refuseChanged(call: LogCall, run: KnownRun, params: ReadonlyMap<string, string>): void {
  const changed = call.params.flatMap(({ key, value }) => {
    const old = params.get(nameOf(run.row, key))
    return old === undefined || old === value ? [] : [{ key, old, value }]
  })
  if (changed.length === 0) return
  const listed = changed.map(
    ({ key, old, value }) =>
      `{'key': ${inPython(key)}, 'old_value': ${inPython(old)}, 'new_value': ${inPython(value)}}`,
  )
  throw new SteadError(
    'param_fixed',
    `Changing param values is not allowed. Params were already logged='[${listed.join(', ')}]' for run ID='${call.runId}'.`,
    { where: `params.${changed[0]?.key}`, details: { changed } },
  )
}
