import { RunStatus, SteadError } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { invalid, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { lifecycleIn } from '../experiments/experiment-wire.ts'
import type { RunSearch } from './run-search.ts'
import { experimentIn, infoOut, RUN_ID, runIdIn, runOut } from './run-wire.ts'
import type { Runs } from './runs.ts'

const TAG = { key: required('string'), value: optional('string') }
const valued = <T extends { readonly key: string; readonly value?: string | undefined }>({ key, value = '' }: T) => ({
  key,
  value,
})
const NOTHING = {}
const MOST_RESULTS = 50_000

export function serveRunsToMlflow(mount: MlflowMount, runs: Runs): void {
  mount(
    {
      act: 'run.create',
      method: 'POST',
      path: 'runs/create',
      takes: {
        experiment_id: optional('string'),
        user_id: optional('string'),
        run_name: optional('string'),
        start_time: optional('int64'),
        tags: repeated(TAG),
      },
    },
    async ({ experiment_id, user_id, run_name, start_time = 0, tags = [] }, { project }) => {
      const run = await runs.create(project, {
        experiment: experimentIn(experiment_id || '0'),
        name: run_name,
        user: user_id,
        startedAt: start_time,
        tags: tags.map(valued),
      })
      return { run: runOut(run) }
    },
  )
  mount({ act: 'run.get', method: 'GET', path: 'runs/get', takes: RUN_ID }, async (input, { project }) => ({
    run: runOut(await runs.get(project, runIdIn(input))),
  }))
  mount(
    {
      act: 'run.change',
      method: 'POST',
      path: 'runs/update',
      takes: {
        ...RUN_ID,
        status: optional('any'),
        end_time: optional('int64'),
        run_name: optional('string'),
      },
    },
    async (input, { project }) => {
      const id = runIdIn(input)
      const { status, end_time: endedAt, run_name: name } = input
      const change = { status: statusIn(status), endedAt, name: name || undefined, tags: {} }
      await runs.change(project, [id], change)
      return { run_info: infoOut(await runs.info(project, id)) }
    },
  )
  mount({ act: 'run.delete', method: 'POST', path: 'runs/delete', takes: RUN_ID }, async (input, caller) => {
    await runs.delete(caller.project, [runIdIn(input)], caller.actor)
    return NOTHING
  })
  mount({ act: 'run.delete', method: 'POST', path: 'runs/restore', takes: RUN_ID }, async (input, caller) => {
    await runs.restore(caller.project, [runIdIn(input)], caller.actor)
    return NOTHING
  })
  mount(
    { act: 'run.change', method: 'POST', path: 'runs/delete-tag', takes: { ...RUN_ID, key: required('string') } },
    async (input, { project }) => {
      await runs.removeTag(project, runIdIn(input), input.key)
      return NOTHING
    },
  )
  serveInputs(mount, runs)
}

/** By name, or by the number that it has in the protocol. */
function statusIn(status: unknown): RunStatus | undefined {
  if (status === undefined || status === null || status === '') return undefined
  const NUMBERED = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']
  const read = RunStatus.safeParse(typeof status === 'number' ? NUMBERED[status - 1] : status)
  if (!read.success) throw invalid('status', status)
  return read.data
}

const DATASET_INPUT = {
  tags: repeated(TAG),
  dataset: required({
    name: required('string'),
    digest: required('string'),
    source_type: required('string'),
    source: required('string'),
    schema: optional('string'),
    profile: optional('string'),
  }),
}

function serveInputs(mount: MlflowMount, runs: Runs): void {
  mount(
    {
      act: 'run.log',
      method: 'POST',
      path: 'runs/log-inputs',
      takes: { ...RUN_ID, datasets: repeated(DATASET_INPUT), models: repeated({ model_id: required('string') }) },
    },
    async (input, { project }) => {
      const { datasets = [], models = [] } = input
      const given = datasets.map(({ tags = [], dataset }) => ({
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type,
        source: dataset.source,
        schema: dataset.schema ?? null,
        profile: dataset.profile ?? null,
        tags: tags.map(valued),
      }))
      const used = models.map(({ model_id }) => ({ model: model_id, direction: 'input' as const, step: 0 }))
      await runs.addInputs(project, runIdIn(input), given, used)
      return NOTHING
    },
  )
  mount(
    {
      act: 'run.log',
      method: 'POST',
      path: 'runs/outputs',
      takes: { ...RUN_ID, models: repeated({ model_id: required('string'), step: optional('int64') }) },
    },
    async (input, { project }) => {
      const made = (input.models ?? []).map(({ model_id, step = 0 }) => ({
        model: model_id,
        direction: 'output' as const,
        step,
      }))
      await runs.addInputs(project, runIdIn(input), [], made)
      return NOTHING
    },
  )
  mount(
    {
      act: 'run.log',
      method: 'POST',
      path: 'runs/log-model',
      takes: { ...RUN_ID, model_json: required('string') },
    },
    async (input, { project }) => {
      await runs.noteModel(project, runIdIn(input), modelIn(input.model_json))
      return NOTHING
    },
  )
}

const MODEL_FIELDS = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const

/** What of a model's description the tag keeps. */
function modelIn(text: string): Record<string, unknown> {
  let model: unknown
  try {
    model = JSON.parse(text)
  } catch {
    model = undefined
  }
  if (typeof model !== 'object' || model === null || Array.isArray(model))
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Malformed model info. \n ${text.slice(0, 1000)} \n is not a valid JSON.`,
    )
  const given = model as Record<string, unknown>
  const absent = MODEL_FIELDS.filter((field) => !Object.hasOwn(given, field))
  if (absent.length > 0)
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Model json is missing mandatory fields: {${absent.map((field) => `'${field}'`).join(', ')}}`,
    )
  const { artifact_path, flavors, utc_time_created, run_id, model_uuid } = given
  return {
    artifact_path,
    flavors: withoutConfig(flavors),
    utc_time_created,
    run_id,
    ...(model_uuid ? { model_uuid } : {}),
  }
}

function withoutConfig(flavors: unknown): unknown {
  if (typeof flavors !== 'object' || flavors === null) return flavors
  return Object.fromEntries(
    Object.entries(flavors).map(([name, flavor]: [string, unknown]) => {
      if (typeof flavor !== 'object' || flavor === null) return [name, flavor]
      const { config: _, ...rest } = flavor as Record<string, unknown>
      return [name, rest]
    }),
  )
}

export function serveRunSearchToMlflow(
  mount: MlflowMount,
  search: RunSearch,
  projectId: (project: Parameters<Runs['get']>[0]) => Promise<string>,
): void {
  mount(
    {
      act: 'run.search',
      method: 'POST',
      path: 'runs/search',
      takes: {
        experiment_ids: repeated('string'),
        filter: optional('string'),
        run_view_type: optional('any'),
        max_results: optional('int64'),
        order_by: repeated('string'),
        page_token: optional('string'),
      },
    },
    async (input, { project }) => {
      const { experiment_ids: ids = [], max_results: limit = 1000 } = input
      if (limit < 1 || limit > MOST_RESULTS)
        throw new SteadError(
          'invalid_request',
          `Invalid value ${limit} for parameter 'max_results' supplied. It must be between 1 and ${MOST_RESULTS}`,
          { where: 'max_results' },
        )
      const { texts, nextToken } = await search.searchRunTexts(await projectId(project), {
        experiments: [...new Set(ids.map(experimentIn))],
        filter: input.filter,
        lifecycle: lifecycleIn(input.run_view_type),
        limit,
        orderBy: input.order_by,
        token: input.page_token,
      })
      const parts = [
        ...(texts.length === 0 ? [] : [`"runs":[${texts.join(',')}]`]),
        ...(nextToken === undefined ? [] : [`"next_page_token":${JSON.stringify(nextToken)}`]),
      ]
      return `{${parts.join(',')}}`
    },
  )
}
