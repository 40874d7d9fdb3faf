import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { type ColumnType, compare, compileFilter, type Test } from '../filters/compile.sql.ts'
import type { Clause, Field } from '../filters/filter.ts'
import { wholePlace } from '../traces/whole-place.ts'
import type { EvaluationSet, EvaluationSetStore, KeptRecord, SetPage } from './evaluation-sets.store.ts'

const Kinds = z.record(z.string(), z.string())
const Schema = z.object({
  inputs: Kinds,
  outputs: z.union([Kinds, z.string()]),
  expectations: Kinds,
  version: z.string(),
})
const Fields = z.record(z.string(), z.unknown())
const SetRow = z.object({
  id: z.string(),
  name: z.string(),
  digest: z.string(),
  tags: Fields,
  schema: Schema.nullable(),
  records: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
  experiments: z.array(z.number()),
})
const RecordDocument = z.object({
  inputs: Fields,
  outputs: z.unknown().optional(),
  expectations: Fields.nullish(),
  tags: Fields.nullish(),
  source: z.object({ source_type: z.string(), source_data: Fields.optional() }).nullish(),
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
})

type Sql = RawBuilder<unknown>
const COLUMNS: Sql = sql`s.id, s.name, s.digest, s.tags, s.schema, s.created_at as "createdAt", s.updated_at as "updatedAt",
  s.created_by as "createdBy", s.updated_by as "updatedBy",
  (select count(*) from evaluation_records as r where r.set_id = s.id) as records,
  (select coalesce(jsonb_agg(e.number order by e.number), '[]') from evaluation_set_experiments as b
    join experiments as e on e.id = b.experiment_id where b.set_id = s.id) as experiments`

export function sqlEvaluationSetStore(kysely: Kysely<Tables>): EvaluationSetStore {
  const holding = <T>(projectId: string, id: string, work: (transaction: Transaction<Tables>) => Promise<T>) =>
    kysely.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('evaluation_sets')
        .select('id')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      return row === undefined ? ('gone' as const) : work(transaction)
    })
  return {
    create: (projectId, { id, name, digest, tags, experiments, ...times }) =>
      kysely.transaction().execute(async (transaction) => {
        const { createdAt: created_at, updatedAt: updated_at, createdBy: created_by, updatedBy: updated_by } = times
        const row = { id, project_id: projectId, name, digest, tags, schema: null }
        await transaction
          .insertInto('evaluation_sets')
          .values({ ...row, created_at, updated_at, created_by, updated_by })
          .execute()
        await addExperiments(transaction, projectId, id, experiments)
      }),
    async find(projectId, id) {
      const { rows } = await sql`select ${COLUMNS} from evaluation_sets as s
        where s.project_id = ${projectId} and s.id = ${id}`.execute(kysely)
      return rows[0] === undefined ? undefined : SetRow.parse(rows[0])
    },
    page: (projectId, page) => pageOfSets(kysely, projectId, page),
    async remove(projectId, id) {
      await kysely.deleteFrom('evaluation_sets').where('project_id', '=', projectId).where('id', '=', id).execute()
    },
    changeTags: (projectId, id, { digest, at, by }, next) =>
      holding(projectId, id, async (transaction) => {
        const { tags } = await transaction
          .selectFrom('evaluation_sets')
          .select('tags')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        const changed = {
          tags: next(Fields.parse(tags)),
          digest,
          updated_at: at,
          ...(by === null ? {} : { updated_by: by }),
        }
        await transaction.updateTable('evaluation_sets').set(changed).where('id', '=', id).execute()
        return 'done' as const
      }),
    changeExperiments: (projectId, id, numbers, change) =>
      holding(projectId, id, async (transaction) => {
        if (change === 'add') await addExperiments(transaction, projectId, id, numbers)
        else
          await sql`delete from evaluation_set_experiments
            where set_id = ${id} and experiment_id = any (array(${rowsOf(projectId, numbers)}))`.execute(transaction)
        return 'done' as const
      }),
    putRecords: (projectId, id, records, change) =>
      holding(projectId, id, (transaction) => putRecords(transaction, id, records, change)),
    async records(projectId, id, { after, limit }) {
      const known = sql`select from evaluation_sets where project_id = ${projectId} and id = ${id}`
      if ((await known.execute(kysely)).rows.length === 0) return 'gone'
      const place = after ? sql`(created_at, id collate "C") > (${after.createdAt}::bigint, ${after.id})` : sql`true`
      const { rows } = await sql<RecordRow>`select id, document, created_at as "createdAt", updated_at as "updatedAt"
        from evaluation_records where set_id = ${id} and ${place}
        order by created_at, id collate "C" limit ${limit}`.execute(kysely)
      return rows.map(recordIn)
    },
    removeRecords: (projectId, id, ids) =>
      holding(projectId, id, async (transaction) => {
        const { numAffectedRows } = await sql`delete from evaluation_records where set_id = ${id}
          and id = any (array(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)))`.execute(transaction)
        return Number(numAffectedRows ?? 0)
      }),
  }
}

const rowsOf = (projectId: string, numbers: readonly number[]): Sql =>
  sql`select id from experiments where project_id = ${projectId}
    and number = any (array(select one::bigint from jsonb_array_elements_text(${JSON.stringify(numbers)}::jsonb) as list(one)))`

async function addExperiments(
  transaction: Transaction<Tables>,
  projectId: string,
  id: string,
  numbers: readonly number[],
): Promise<void> {
  await sql`insert into evaluation_set_experiments (set_id, experiment_id)
    select ${id}, found.id from (${rowsOf(projectId, numbers)}) as found on conflict do nothing`.execute(transaction)
}

interface RecordRow {
  readonly id: string
  readonly document: unknown
  readonly createdAt: number
  readonly updatedAt: number
}

const recordIn = ({ document, ...row }: RecordRow): KeptRecord => ({ ...RecordDocument.parse(document), ...row })

async function putRecords(
  transaction: Transaction<Tables>,
  id: string,
  records: Parameters<EvaluationSetStore['putRecords']>[2],
  { digest, at, by, merge, schema }: Parameters<EvaluationSetStore['putRecords']>[3],
): Promise<{ inserted: number; updated: number }> {
  const hashes = JSON.stringify(records.map(({ hash }) => hash))
  const { rows } = await sql<RecordRow & { hash: string }>`select inputs_hash as hash, id, document,
      created_at as "createdAt", updated_at as "updatedAt"
    from evaluation_records where set_id = ${id}
      and inputs_hash = any (array(select jsonb_array_elements_text(${hashes}::jsonb)))`.execute(transaction)
  const kept = new Map(rows.map(({ hash, ...row }) => [hash, recordIn(row)]))
  let inserted = 0
  for (const { hash, record } of records) {
    const before = kept.get(hash)
    if (before === undefined) inserted += 1
    kept.set(hash, before === undefined ? record : merge(before, record))
  }
  const written = [...kept].map(([hash, { id: recordId, createdAt, updatedAt, ...document }]) => ({
    hash,
    id: recordId,
    document,
    created_at: createdAt,
    updated_at: updatedAt,
  }))
  await sql`insert into evaluation_records (set_id, id, inputs_hash, document, created_at, updated_at)
    select ${id}, given.id, given.hash, given.document, given.created_at, given.updated_at
    from jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as given
      (hash text, id text, document jsonb, created_at bigint, updated_at bigint)
    on conflict (set_id, id) do update set document = excluded.document, updated_at = excluded.updated_at`.execute(
    transaction,
  )
  const set = await transaction
    .selectFrom('evaluation_sets')
    .select('schema')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const changed = { digest, schema: schema(Schema.nullable().parse(set.schema)), updated_at: at, updated_by: by }
  await transaction.updateTable('evaluation_sets').set(changed).where('id', '=', id).execute()
  return { inserted, updated: records.length - inserted }
}

interface Column {
  readonly value: Sql
  readonly type: ColumnType
}
const ATTRIBUTES: Readonly<Record<string, Column>> = {
  name: { value: sql`s.name collate "C"`, type: 'text' },
  created_time: { value: sql`s.created_at`, type: 'bigint' },
  last_update_time: { value: sql`s.updated_at`, type: 'bigint' },
  created_by: { value: sql`s.created_by`, type: 'text' },
  last_updated_by: { value: sql`s.updated_by`, type: 'text' },
}

function columnOf({ of, key }: Field): Column {
  const column = of === 'tag' ? { value: sql`(s.tags->>${key})`, type: 'text' as const } : ATTRIBUTES[key]
  if (column === undefined) throw new Error(`evaluation sets have no ${of} "${key}"`)
  return column
}

function holds(clause: Clause): Test {
  const { value, type } = columnOf(clause.field)
  return compare(value, type, clause, true)
}

async function pageOfSets(
  kysely: Kysely<Tables>,
  projectId: string,
  { experiments, filter, order, after, limit }: SetPage,
): ReturnType<EvaluationSetStore['page']> {
  const { value, type } = columnOf(order.field)
  const [place = '', id = ''] = after?.values ?? []
  const at = type === 'bigint' && after ? sql`${wholePlace(place)}::bigint` : sql`${place}`
  const beyond = order.descending ? sql`<` : sql`>`
  const isAfter = sql`(${value} ${beyond} ${at} or (${value} = ${at} and s.id collate "C" > ${id}))`
  const belongs = sql`exists (select from evaluation_set_experiments as b where b.set_id = s.id
    and b.experiment_id = any (array(${rowsOf(projectId, experiments)})))`
  const { rows } = await sql<{ place: string }>`select ${COLUMNS}, (${value})::text as place from evaluation_sets as s
    where s.project_id = ${projectId} and ${experiments.length === 0 ? sql`true` : belongs}
      and ${compileFilter(filter, holds)} and ${after === undefined ? sql`true` : isAfter}
    order by ${value} ${order.descending ? sql`desc` : sql`asc`}, s.id collate "C" limit ${limit + 1}`.execute(kysely)
  const sets = rows.slice(0, limit).map((row): EvaluationSet => SetRow.parse(row))
  const last = rows.length > limit ? sets.at(-1) : undefined
  return { sets, next: last && { part: 0, values: [rows[limit - 1]!.place, last.id] } }
}
