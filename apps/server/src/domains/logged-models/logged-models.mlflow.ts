import { ExperimentId, LoggedModelStatus } from '@stead/contracts'
import type { LoggedModel } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { invalid, missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { KeyValue } from '../runs/limits.ts'
import type { LoggedModels } from './logged-models.ts'

const Pair = { key: required('string'), value: optional('string') }
const OneModel = { model_id: required('string') }

/** Logged models over MLflow's protocol. */
export function serveLoggedModelsToMlflow(mlflow: MlflowMount, loggedModels: LoggedModels): void {
  serveModels(mlflow, loggedModels)
  serveChanges(mlflow, loggedModels)
  serveSearch(mlflow, loggedModels)
}

function serveModels(mlflow: MlflowMount, loggedModels: LoggedModels): void {
  mlflow(
    {
      act: 'logged-model.create',
      method: 'POST',
      path: 'logged-models',
      takes: {
        experiment_id: required('string'),
        name: optional('string'),
        model_type: optional('string'),
        source_run_id: optional('string'),
        params: repeated(Pair),
        tags: repeated(Pair),
      },
    },
    async ({ experiment_id, name, model_type = '', source_run_id, params, tags }, { project }) => {
      const model = await loggedModels.create(project, {
        experiment: experimentIn(experiment_id),
        name: name || undefined,
        type: model_type,
        run: source_run_id || null,
        params: pairsIn(params),
        tags: pairsIn(tags),
      })
      return { model: loggedModel(model) }
    },
  )
  mlflow(
    {
      act: 'logged-model.get',
      method: 'GET',
      path: 'logged-models/:model_id',
      takes: { ...OneModel, allow_deleted: optional('bool') },
    },
    async ({ model_id, allow_deleted }, { project }) => ({
      model: loggedModel(await loggedModels.get(project, model_id, allow_deleted)),
    }),
  )
  mlflow(
    { act: 'logged-model.delete', method: 'DELETE', path: 'logged-models/:model_id', takes: OneModel },
    async ({ model_id }, { project }) => {
      await loggedModels.remove(project, model_id)
      return {}
    },
  )
}

function serveChanges(mlflow: MlflowMount, loggedModels: LoggedModels): void {
  mlflow(
    {
      act: 'logged-model.change',
      method: 'PATCH',
      path: 'logged-models/:model_id',
      takes: { ...OneModel, status: optional('any') },
    },
    async ({ model_id, status }, { project }) => ({
      model: loggedModel(await loggedModels.finalize(project, model_id, statusIn(status))),
    }),
  )
  mlflow(
    {
      act: 'logged-model.change',
      method: 'PATCH',
      path: 'logged-models/:model_id/tags',
      takes: { ...OneModel, tags: repeated(Pair) },
    },
    async ({ model_id, tags }, { project }) => {
      const changes = Object.fromEntries(pairsIn(tags).map(({ key, value }) => [key, value]))
      await loggedModels.changeTags(project, model_id, changes)
      return {}
    },
  )
  mlflow(
    {
      act: 'logged-model.change',
      method: 'DELETE',
      path: 'logged-models/:model_id/tags/:tag_key',
      takes: { ...OneModel, tag_key: required('string') },
    },
    async ({ model_id, tag_key }, { project }) => {
      await loggedModels.changeTags(project, model_id, { [tag_key]: null })
      return {}
    },
  )
  mlflow(
    {
      act: 'logged-model.change',
      method: 'POST',
      path: 'logged-models/:model_id/params',
      takes: { ...OneModel, params: repeated(Pair) },
    },
    async ({ model_id, params }, { project }) => {
      await loggedModels.logParams(project, model_id, pairsIn(params))
      return {}
    },
  )
}

const MOST_RESULTS = 50_000

function serveSearch(mlflow: MlflowMount, loggedModels: LoggedModels): void {
  mlflow(
    {
      act: 'logged-model.search',
      method: 'POST',
      path: 'logged-models/search',
      takes: {
        experiment_ids: repeated('string'),
        filter: optional('string'),
        datasets: repeated({ dataset_name: optional('string'), dataset_digest: optional('string') }),
        max_results: optional('int64'),
        order_by: repeated({
          field_name: required('string'),
          ascending: optional('bool'),
          dataset_name: optional('string'),
          dataset_digest: optional('string'),
        }),
        page_token: optional('string'),
      },
    },
    async ({ experiment_ids = [], filter, datasets = [], max_results, order_by = [], page_token }, { project }) => {
      if (experiment_ids.length === 0) throw missing('experiment_ids')
      const limit = max_results || 100
      if (limit < 1 || limit > MOST_RESULTS) throw invalid('max_results', limit)
      const { items, nextToken } = await loggedModels.search(project, {
        experiments: experiment_ids.map(experimentIn),
        filter,
        datasets: datasets.map(({ dataset_name = '', dataset_digest }) => ({
          name: dataset_name,
          digest: dataset_digest || undefined,
        })),
        orderBy: order_by.map(({ field_name, ascending = true, dataset_name, dataset_digest }) => ({
          field: field_name,
          ascending,
          dataset: { name: dataset_name || undefined, digest: dataset_digest || undefined },
        })),
        limit,
        token: page_token,
      })
      return {
        ...(items.length > 0 ? { models: items.map(loggedModel) } : {}),
        ...(nextToken === undefined ? {} : { next_page_token: nextToken }),
      }
    },
  )
}

export function loggedModel(model: LoggedModel): object {
  const tags = pairs(model.tags)
  const params = pairs(model.params)
  const metrics = model.metrics.map(({ key, value, timestamp, step, run, dataset }) => ({
    key,
    value,
    timestamp,
    step,
    model_id: model.id,
    run_id: run,
    ...(dataset ? { dataset_name: dataset.name, dataset_digest: dataset.digest } : {}),
  }))
  return {
    info: {
      model_id: model.id,
      experiment_id: String(model.experiment),
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: model.artifactUri,
      status: `LOGGED_MODEL_${model.status}`,
      model_type: model.type,
      source_run_id: model.run ?? '',
      ...(model.statusMessage === '' ? {} : { status_message: model.statusMessage }),
      ...(tags.length > 0 ? { tags } : {}),
    },
    data: { ...(params.length > 0 ? { params } : {}), ...(metrics.length > 0 ? { metrics } : {}) },
  }
}

const pairs = (values: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

const pairsIn = (given: readonly { key: string; value?: string | undefined }[] = []): KeyValue[] =>
  given.map(({ key, value = '' }) => ({ key, value }))

function experimentIn(text: string): ExperimentId {
  const id = /^\d+$/.test(text) ? ExperimentId.safeParse(text) : undefined
  if (id?.success) return id.data
  throw new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`,
  )
}

/** As protobuf numbers them, which is how some clients tell them. */
const STATUSES = ['UNSPECIFIED', ...LoggedModelStatus.options]

function statusIn(given: unknown): LoggedModelStatus {
  if (given === undefined || given === null || given === '') throw missing('status')
  const named =
    typeof given === 'number'
      ? STATUSES[given]
      : typeof given === 'string'
        ? given.replace(/^LOGGED_MODEL_/, '')
        : undefined
  const status = LoggedModelStatus.safeParse(named)
  if (!status.success) throw invalid('status', given)
  return status.data
}
