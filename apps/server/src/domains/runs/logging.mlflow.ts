import { SteadError } from '@stead/contracts'
import { optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { type LoggedMetric, refuseLargeBatch } from './limits.ts'
import { RUN_ID, runIdIn } from './run-wire.ts'
import type { Runs } from './runs.ts'

const METRIC = {
  key: required('string'),
  value: required('double'),
  timestamp: required('int64'),
  step: optional('int64'),
  model_id: optional('string'),
  dataset_name: optional('string'),
  dataset_digest: optional('string'),
}
const PAIR = { key: required('string'), value: optional('string') }
const NOTHING = {}

/** The calls that come by the thousand. */
export function serveLoggingToMlflow(mount: MlflowMount, runs: Runs): void {
  mount(
    { act: 'run.log', method: 'POST', path: 'runs/log-metric', takes: { ...RUN_ID, ...METRIC } },
    async (input, { project }) => {
      await runs.log(project, runIdIn(input), { metrics: [metricIn(input)] })
      return NOTHING
    },
  )
  mount(
    { act: 'run.log', method: 'POST', path: 'runs/log-parameter', takes: { ...RUN_ID, ...PAIR } },
    async (input, { project }) => {
      const id = runIdIn(input)
      const { key, value = '' } = input
      await runs.log(project, id, { params: [{ key, value }] }).catch((error: unknown) => {
        throw oneParam(error, id)
      })
      return NOTHING
    },
  )
  mount(
    { act: 'run.log', method: 'POST', path: 'runs/set-tag', takes: { ...RUN_ID, ...PAIR } },
    async (input, { project }) => {
      const { key, value = '' } = input
      await runs.log(project, runIdIn(input), { tags: [{ key, value }] })
      return NOTHING
    },
  )
  mount(
    {
      act: 'run.log',
      method: 'POST',
      path: 'runs/log-batch',
      takes: { ...RUN_ID, metrics: repeated(METRIC), params: repeated(PAIR), tags: repeated(PAIR) },
    },
    async (input, { project }) => {
      const logged = {
        metrics: (input.metrics ?? []).map(metricIn),
        params: (input.params ?? []).map(({ key, value = '' }) => ({ key, value })),
        tags: (input.tags ?? []).map(({ key, value = '' }) => ({ key, value })),
      }
      refuseLargeBatch(logged)
      await runs.log(project, runIdIn(input), logged)
      return NOTHING
    },
  )
}

interface MetricGiven {
  readonly key: string
  readonly value: number
  readonly timestamp: number
  readonly step?: number | undefined
  readonly model_id?: string | undefined
  readonly dataset_name?: string | undefined
  readonly dataset_digest?: string | undefined
}

function metricIn({
  key,
  value,
  timestamp,
  step = 0,
  model_id,
  dataset_name,
  dataset_digest,
}: MetricGiven): LoggedMetric {
  if (!model_id) return { key, value, timestamp, step }
  const dataset = dataset_name ? { name: dataset_name, digest: dataset_digest ?? '' } : undefined
  return { key, value, timestamp, step, model: model_id, dataset }
}

/** Of a single param the protocol tells in other words. */
function oneParam(error: unknown, runId: string): unknown {
  if (!(error instanceof SteadError) || error.code !== 'param_fixed') return error
  const [changed] = (error.details as { changed: { key: string; old: string; value: string }[] }).changed
  if (!changed) return error
  return new SteadError(
    'param_fixed',
    `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${changed.old}' for run ID='${runId}'. Attempted logging new value '${changed.value}'.`,
  )
}
