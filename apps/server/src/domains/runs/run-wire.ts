import type { Run, RunInfo } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { missing, optional } from '../../mlflow/message.ts'
import type { KeyValue } from './limits.ts'

/** Runs as MLflow's protocol writes them. Lists that are empty are left out. */

/** Clients of 1.x say `run_uuid`, newer ones both. */
export const RUN_ID = { run_id: optional('string'), run_uuid: optional('string') }

export function runIdIn({ run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const id = run_id || run_uuid
  if (!id) throw missing('run_id')
  return id
}

/** Numbers count per project. */
export function experimentIn(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  if (/^\d+$/.test(text)) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${text} exists`)
  throw new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Invalid experiment ID '${text.slice(0, 500)}'. Experiment ID must be a valid integer.`,
  )
}

export const infoOut = (run: RunInfo) => ({
  run_uuid: run.id,
  run_id: run.id,
  run_name: run.name,
  experiment_id: String(run.experiment),
  user_id: run.user,
  status: run.status,
  start_time: run.startedAt,
  ...(run.endedAt === null ? {} : { end_time: run.endedAt }),
  artifact_uri: run.artifactUri,
  lifecycle_stage: run.lifecycle,
})

export function runOut(run: Run) {
  const used = run.models.filter(({ direction }) => direction === 'input')
  const made = run.models.filter(({ direction }) => direction === 'output')
  return {
    info: infoOut(run),
    data: {
      ...some(
        'metrics',
        Object.entries(run.metrics).map(([key, { value, timestamp, step }]) => ({ key, value, timestamp, step })),
      ),
      ...some('params', pairsOut(run.params)),
      ...some('tags', pairsOut(run.tags)),
    },
    inputs: {
      ...some('dataset_inputs', run.datasets.map(datasetOut)),
      ...some(
        'model_inputs',
        used.map(({ model }) => ({ model_id: model })),
      ),
    },
    outputs: some(
      'model_outputs',
      made.map(({ model, step }) => ({ model_id: model, step })),
    ),
  }
}

const datasetOut = ({ name, digest, sourceType, source, schema, profile, tags }: Run['datasets'][number]) => ({
  ...some('tags', pairsOut(tags)),
  dataset: {
    name,
    digest,
    source_type: sourceType,
    source,
    ...(schema === null ? {} : { schema }),
    ...(profile === null ? {} : { profile }),
  },
})

export const pairsOut = (all: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(all).map(([key, value]) => ({ key, value }))

/** A list under its name, unless it is empty. */
export const some = <Name extends string, T>(name: Name, list: readonly T[]): { readonly [K in Name]?: readonly T[] } =>
  list.length === 0 ? {} : ({ [name]: list } as { readonly [K in Name]: readonly T[] })
