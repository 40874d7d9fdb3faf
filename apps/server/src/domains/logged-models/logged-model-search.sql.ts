import type { LoggedModel } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { compare, compareKeyed, compileFilter, type Sql, type Test } from '../filters/compile.sql.ts'
import type { Clause, Filter } from '../filters/filter.ts'
import { behind, keysOfNumber, keysOfText, orderedBy, placeOf, type SortKey } from '../filters/keyset.sql.ts'
import { readLoggedModels } from './logged-model-rows.sql.ts'
import type { DatasetWanted, LoggedModelOrder, LoggedModelsWanted } from './logged-models.store.ts'

/** Read by one statement; others have their turn between. */
const AT_ONCE = 250

export async function searchLoggedModels(
  kysely: Kysely<Tables>,
  projectId: string,
  wanted: LoggedModelsWanted,
): Promise<{ items: LoggedModel[]; next: readonly string[] | undefined }> {
  const keys = sortKeys(wanted.order)
  const passing = testOf(projectId, wanted)
  const found: { item: LoggedModel; place: string[] }[] = []
  // One row more than asked for tells whether there is another page.
  for (let last = wanted.after; found.length <= wanted.limit;) {
    const asked = Math.min(AT_ONCE, wanted.limit + 1 - found.length)
    const { rows } = await sql<{ id: string; place: string[] }>`
      select logged_models.model_id as id, ${placeOf(keys)} as place
      from logged_models join experiments on experiments.id = logged_models.experiment_id
      where ${passing} and ${behind(keys, last)} ${orderedBy(keys)} limit ${asked}`.execute(kysely)
    const items = await byId(
      kysely,
      rows.map(({ id }) => id),
    )
    for (const { id, place } of rows) {
      const item = items.get(id)
      if (item) found.push({ item, place })
    }
    if (rows.length < asked) break
    last = rows.at(-1)?.place
  }
  const page = found.slice(0, wanted.limit)
  return {
    items: page.map(({ item }) => item),
    next: found.length > wanted.limit ? page.at(-1)?.place : undefined,
  }
}

async function byId(kysely: Kysely<Tables>, ids: readonly string[]): Promise<Map<string, LoggedModel>> {
  if (ids.length === 0) return new Map()
  const models = await readLoggedModels(kysely, sql<boolean>`logged_models.model_id in (${sql.join(ids)})`)
  return new Map(models.map((model) => [model.id, model]))
}

function testOf(projectId: string, { experiments, run, filter, datasets }: LoggedModelsWanted): Test {
  const tests = [
    sql`logged_models.project_id = ${projectId}`,
    sql`logged_models.lifecycle = 'active'`,
    compileFilter(filter, (clause) => clauseTest(clause, datasets)),
  ]
  if (experiments)
    tests.push(sql`experiments.number = any (array(
    select one::bigint from jsonb_array_elements_text(${JSON.stringify(experiments)}::text::jsonb) as list(one)))`)
  if (run !== undefined) tests.push(sql`logged_models.run_id = ${run}`)
  // Where a metric is compared, the datasets say which of its values are meant.
  if (datasets.length > 0 && !comparesMetric(filter)) tests.push(measured(sql`true`, datasets))
  return sql<boolean>`(${sql.join(tests, sql` and `)})`
}

const comparesMetric = (filter: Filter | undefined): boolean => {
  if (filter === undefined) return false
  if (filter.is === 'clause') return filter.field.of === 'metric'
  return filter.is === 'not' ? comparesMetric(filter.part) : filter.parts.some(comparesMetric)
}

function clauseTest(clause: Clause, datasets: readonly DatasetWanted[]): Test {
  const { field, comparator } = clause
  if (field.of === 'param') return compareKeyed(keptIn('logged_model_params'), clause)
  if (field.of === 'tag') return compareKeyed(keptIn('logged_model_tags'), clause)
  if (field.of !== 'metric') {
    const { column, type, nullable } = attribute(field.key)
    return compare(column, type, clause, nullable)
  }
  const ofKey = sql`measured.key = ${field.key}`
  if (comparator === 'is null') return sql<boolean>`(not ${measured(ofKey, datasets)})`
  if (comparator === 'is not null') return measured(ofKey, datasets)
  const value = sql`coalesce(nullif(measured.value, 'NaN'::double precision), 0)`
  return measured(sql`${ofKey} and ${compare(value, 'double', clause)}`, datasets)
}

const keptIn = (table: string) =>
  ({ table, owner: 'model', of: sql`logged_models.id`, value: sql`kept.value`, type: 'text' }) as const

function measured(test: Sql, datasets: readonly DatasetWanted[]): Test {
  const ofDatasets = datasets.map((dataset) => ofDataset(dataset))
  const all = ofDatasets.length === 0 ? test : sql`${test} and (${sql.join(ofDatasets, sql` or `)})`
  return sql<boolean>`exists (select from logged_model_metrics as measured
    where measured.model_id = logged_models.model_id and ${all})`
}

function ofDataset({ name, digest }: Partial<DatasetWanted>): Sql {
  const tests = [
    ...(name === undefined ? [] : [sql`measured.dataset_name = ${name}`]),
    ...(digest === undefined ? [] : [sql`measured.dataset_digest = ${digest}`]),
  ]
  return tests.length === 0 ? sql`true` : sql`(${sql.join(tests, sql` and `)})`
}

interface Attribute {
  readonly column: Sql
  readonly type: 'text' | 'bigint'
  readonly nullable?: boolean
}

function attribute(key: string): Attribute {
  switch (key) {
    case 'model_id':
    case 'name':
    case 'model_type':
    case 'status':
      return { column: sql`logged_models.${sql.ref(key)}`, type: 'text' }
    case 'source_run_id':
      return { column: sql`logged_models.run_id`, type: 'text', nullable: true }
    case 'last_updated_timestamp':
      return { column: sql`logged_models.updated_at`, type: 'bigint' }
    default:
      return { column: sql`logged_models.created_at`, type: 'bigint' }
  }
}

function sortKeys(order: readonly LoggedModelOrder[]): SortKey[] {
  const isNamed = (key: string) => order.some(({ field }) => field.of === 'attribute' && field.key === key)
  return [
    ...order.flatMap(keysOf),
    ...(isNamed('creation_timestamp') ? [] : [{ ...sortedBy('creation_timestamp'), descending: true }]),
    ...(isNamed('model_id') ? [] : [{ ...sortedBy('model_id'), descending: false }]),
  ]
}

const sortedBy = (key: string) => {
  const { column: value, type } = attribute(key)
  return { value, type }
}

function keysOf({ field, descending, dataset = {} }: LoggedModelOrder): SortKey[] {
  if (field.of === 'metric') {
    const last = sql`(select measured.value from logged_model_metrics as measured
      where measured.model_id = logged_models.model_id and measured.key = ${field.key} and ${ofDataset(dataset)}
      order by measured.timestamp desc, measured.step desc, measured.value desc limit 1)`
    return keysOfNumber(last, descending)
  }
  const { column, type, nullable } = attribute(field.key)
  return nullable ? keysOfText(column, descending) : [{ value: column, type, descending }]
}
