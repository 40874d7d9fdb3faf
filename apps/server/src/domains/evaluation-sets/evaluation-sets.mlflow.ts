import { z } from 'zod'
import { parseBody } from '../../mlflow/json.ts'
import { invalid, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { experimentNumber, readAs } from '../traces/traces.wire.ts'
import type { EvaluationSet, GivenRecord, KeptRecord } from './evaluation-sets.store.ts'
import type { EvaluationSets } from './evaluation-sets.ts'

/** Evaluation datasets on MLflow's wire, where tags, records and schemas travel as texts of JSON. */

const V3 = ['3.0'] as const
const ID = { dataset_id: required('string') }
const MOST_SETS = 1000
const MOST_RECORDS = 1000

const Fields = z.record(z.string(), z.unknown())
const Records: z.ZodType<GivenRecord[]> = z.array(
  z.object({
    inputs: Fields.nullish().transform((inputs) => inputs ?? {}),
    outputs: z.unknown().optional(),
    expectations: Fields.nullish(),
    tags: Fields.nullish(),
    source: z.object({ source_type: z.string().max(100), source_data: Fields.optional() }).nullish(),
  }),
)

export function serveEvaluationSetsToMlflow(mount: MlflowMount, sets: EvaluationSets): void {
  mount(
    {
      act: 'evaluation-set.create',
      method: 'POST',
      path: 'datasets/create',
      versions: V3,
      takes: { name: required('string'), experiment_ids: repeated('string'), tags: optional('string') },
    },
    async ({ name, experiment_ids: ids = [], tags }, { project }) => ({
      dataset: setOut(await sets.create(project, { name, tags: tagsIn(tags), experiments: ids.map(experimentNumber) })),
    }),
  )
  const one = { path: 'datasets/:dataset_id', versions: V3, takes: ID } as const
  mount({ ...one, act: 'evaluation-set.get', method: 'GET' }, async ({ dataset_id: id }, { project }) => ({
    dataset: setOut(await sets.get(project, id)),
  }))
  mount({ ...one, act: 'evaluation-set.delete', method: 'DELETE' }, async ({ dataset_id: id }, { project }) => {
    await sets.remove(project, id)
    return {}
  })
  serveSearch(mount, sets)
  serveTags(mount, sets)
  serveExperiments(mount, sets)
  serveRecords(mount, sets)
}

function serveSearch(mount: MlflowMount, sets: EvaluationSets): void {
  const takes = {
    experiment_ids: repeated('string'),
    filter_string: optional('string'),
    max_results: optional('int64'),
    order_by: repeated('string'),
    page_token: optional('string'),
  }
  mount(
    { act: 'evaluation-set.search', method: ['GET', 'POST'], path: 'datasets/search', versions: V3, takes },
    async (input, { project }) => {
      const { sets: found, next } = await sets.search(project, {
        experiments: (input.experiment_ids ?? []).map(experimentNumber),
        filter: input.filter_string,
        order: input.order_by,
        limit: limitIn(input.max_results, MOST_SETS),
        after: input.page_token || undefined,
      })
      return {
        ...(found.length === 0 ? {} : { datasets: found.map(setOut) }),
        ...(next === undefined ? {} : { next_page_token: next }),
      }
    },
  )
}

function limitIn(given: number | undefined, most: number): number {
  if (given === undefined || given === 0) return most
  if (given < 0 || given > 50_000) throw invalid('max_results', given)
  return Math.min(given, most)
}

function serveTags(mount: MlflowMount, sets: EvaluationSets): void {
  mount(
    {
      act: 'evaluation-set.change',
      method: 'PATCH',
      path: 'datasets/:dataset_id/tags',
      versions: V3,
      takes: { ...ID, tags: required('string') },
    },
    async ({ dataset_id: id, tags }, { project }) => ({
      dataset: setOut(await sets.setTags(project, id, tagsIn(tags))),
    }),
  )
  mount(
    {
      act: 'evaluation-set.change',
      method: 'DELETE',
      path: 'datasets/:dataset_id/tags/:key',
      versions: V3,
      takes: { ...ID, key: required('string') },
    },
    async ({ dataset_id: id, key }, { project }) => {
      await sets.removeTag(project, id, key)
      return {}
    },
  )
}

function serveExperiments(mount: MlflowMount, sets: EvaluationSets): void {
  const takes = { ...ID, experiment_ids: repeated('string') }
  mount(
    { act: 'evaluation-set.get', method: 'GET', path: 'datasets/:dataset_id/experiment-ids', versions: V3, takes: ID },
    async ({ dataset_id: id }, { project }) => {
      const { experiments } = await sets.get(project, id)
      return experiments.length === 0 ? {} : { experiment_ids: experiments.map(String) }
    },
  )
  for (const change of ['add', 'remove'] as const)
    mount(
      {
        act: 'evaluation-set.change',
        method: 'POST',
        path: `datasets/:dataset_id/${change}-experiments`,
        versions: V3,
        takes,
      },
      async ({ dataset_id: id, experiment_ids: ids = [] }, { project }) => ({
        dataset: setOut(await sets.changeExperiments(project, id, ids.map(experimentNumber), change)),
      }),
    )
}

function serveRecords(mount: MlflowMount, sets: EvaluationSets): void {
  const all = { path: 'datasets/:dataset_id/records', versions: V3 } as const
  mount(
    { ...all, act: 'evaluation-set.change', method: 'POST', takes: { ...ID, records: required('string') } },
    async ({ dataset_id: id, records }, { project }) => {
      const { inserted, updated } = await sets.putRecords(project, id, readAs(Records, parseBody(records), 'records'))
      return { inserted_count: inserted, updated_count: updated }
    },
  )
  mount(
    {
      ...all,
      act: 'evaluation-set.get',
      method: 'GET',
      takes: { ...ID, max_results: optional('int64'), page_token: optional('string') },
    },
    async ({ dataset_id: id, max_results: most, page_token: token }, { project }) => {
      const page = { after: token, limit: limitIn(most, MOST_RECORDS) }
      const { records, next } = await sets.records(project, id, page)
      return {
        records: JSON.stringify(records.map((record) => recordOut(id, record))),
        ...(next === undefined ? {} : { next_page_token: next }),
      }
    },
  )
  mount(
    {
      ...all,
      act: 'evaluation-set.change',
      method: 'DELETE',
      takes: { ...ID, dataset_record_ids: repeated('string') },
    },
    async ({ dataset_id: id, dataset_record_ids: ids = [] }, { project }) => ({
      deleted_count: await sets.removeRecords(project, id, ids),
    }),
  )
}

const tagsIn = (tags: string | undefined): EvaluationSet['tags'] =>
  tags === undefined || tags === '' ? {} : readAs(Fields, parseBody(tags), 'tags')

function setOut({ records, ...set }: EvaluationSet): object {
  return {
    dataset_id: set.id,
    name: set.name,
    tags: JSON.stringify(set.tags),
    ...(set.schema === null ? {} : { schema: JSON.stringify(set.schema) }),
    ...(records === 0 ? {} : { profile: JSON.stringify({ num_records: records }) }),
    digest: set.digest,
    created_time: set.createdAt,
    last_update_time: set.updatedAt,
    ...(set.createdBy === null ? {} : { created_by: set.createdBy }),
    ...(set.updatedBy === null ? {} : { last_updated_by: set.updatedBy }),
    ...(set.experiments.length === 0 ? {} : { experiment_ids: set.experiments.map(String) }),
  }
}

function recordOut(set: string, { source, ...record }: KeptRecord): object {
  const { trace_id: trace, source_id: other } = source?.source_data ?? {}
  const sourceId = source?.source_type === 'TRACE' ? trace : other
  return {
    dataset_record_id: record.id,
    dataset_id: set,
    inputs: record.inputs,
    ...(record.outputs === undefined ? {} : { outputs: record.outputs }),
    ...(record.expectations ? { expectations: record.expectations } : {}),
    tags: record.tags ?? {},
    ...(source ? { source, source_type: source.source_type } : {}),
    ...(typeof sourceId === 'string' ? { source_id: sourceId } : {}),
    created_time: record.createdAt,
    last_update_time: record.updatedAt,
    ...(record.createdBy === null ? {} : { created_by: record.createdBy }),
    ...(record.updatedBy === null ? {} : { last_updated_by: record.updatedBy }),
  }
}
