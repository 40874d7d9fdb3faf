import { Experiment, ExperimentSummary } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { compare, compareKeyed, compileFilter, type Sql, type Test } from '../filters/compile.sql.ts'
import type { Clause, Order } from '../filters/filter.ts'
import { behind, orderedBy, placeOf, type SortKey } from '../filters/keyset.sql.ts'
import type {
  ExperimentPage,
  ExperimentPageWanted,
  ExperimentSearchStore,
  ExperimentsWanted,
} from './experiment-search.store.ts'

export function sqlExperimentSearchStore(kysely: Kysely<Tables>): ExperimentSearchStore {
  return {
    page: (projectId, wanted) => readPage(kysely, Experiment, sql``, projectId, wanted),
    summaries: (projectId, wanted) => readPage(kysely, ExperimentSummary, counted, projectId, wanted),
    async count(projectId, wanted) {
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from experiments where ${isMeant(projectId, wanted)}`.execute(kysely)
      return rows[0]?.count ?? 0
    },
  }
}

const NUMBER: SortKey = { value: sql`experiments.number`, type: 'bigint', descending: false }
const millis = (column: Sql) => sql`(extract(epoch from ${column}) * 1000)::bigint`

const COLUMNS = {
  name: { value: sql`experiments.name`, type: 'text' },
  creation_time: { value: millis(sql`experiments.created_at`), type: 'bigint' },
  last_update_time: { value: millis(sql`experiments.updated_at`), type: 'bigint' },
  experiment_id: { value: NUMBER.value, type: 'bigint' },
} as const

const lastRun = sql`(select max(started_at) from runs
  where runs.experiment_id = experiments.id and runs.lifecycle = 'active')`

/** Clients give any number as a start; an instant has a year of four digits. */
const LAST_OF_9999 = 253_402_300_799_999

/** Counted for the rows of a page, never for all. */
const counted = sql`,
  (select count(*) from runs where runs.experiment_id = experiments.id and runs.lifecycle = 'active') as runs,
  (select count(*) from runs where runs.experiment_id = experiments.id and runs.lifecycle = 'active'
    and runs.status in ('RUNNING', 'SCHEDULED')) as running,
  to_timestamp(case when ${lastRun} > ${sql.lit(LAST_OF_9999)} then ${sql.lit(LAST_OF_9999)} else ${lastRun} end / 1000.0)::timestamptz(3) as "lastRunAt"`

function columnOf(key: string): (typeof COLUMNS)[keyof typeof COLUMNS] {
  if (!Object.hasOwn(COLUMNS, key)) throw new Error(`Experiments have no column for ${key}.`)
  return COLUMNS[key as keyof typeof COLUMNS] // its own key, as was just seen
}

const tags = { table: 'experiment_tags', owner: 'experiment_id', of: sql`experiments.id`, value: sql`kept.value` }

function passesClause(clause: Clause): Test {
  if (clause.field.of === 'tag') return compareKeyed({ ...tags, type: 'text' }, clause)
  const { value, type } = columnOf(clause.field.key)
  return compare(value, type, clause)
}

function isMeant(projectId: string, { filter, search, lifecycle }: ExperimentsWanted): Test {
  const tests = [sql<boolean>`experiments.project_id = ${projectId}`, compileFilter(filter, passesClause)]
  if (lifecycle !== 'all') tests.push(sql<boolean>`experiments.lifecycle = ${lifecycle}`)
  if (search !== '') tests.push(sql<boolean>`position(lower(${search}) in lower(experiments.name)) > 0`)
  return sql<boolean>`(${sql.join(tests, sql` and `)})`
}

function columnsOf(order: readonly Order[] | 'latest runs'): SortKey[] {
  const latest = [{ ...COLUMNS.creation_time, descending: true }, NUMBER]
  if (order === 'latest runs')
    return [{ value: sql`coalesce(${lastRun}, -1)`, type: 'bigint', descending: true }, ...latest]
  const sorted = order.map(({ field, descending }): SortKey => {
    const { value, type } = columnOf(field.key)
    return { value, type, descending }
  })
  return [...sorted, ...latest]
}

async function readPage<Found>(
  kysely: Kysely<Tables>,
  schema: z.ZodType<Found>,
  more: Sql,
  projectId: string,
  { order, limit, after, ...wanted }: ExperimentPageWanted,
): Promise<ExperimentPage<Found>> {
  const columns = columnsOf(order)
  const { rows } = await sql<{ place: string[] }>`
    with page as (
      select experiments.*, ${placeOf(columns)} as place, row_number() over (${orderedBy(columns)}) as at
      from experiments where ${isMeant(projectId, wanted)} and ${behind(columns, after?.values)} order by at limit ${limit + 1}
    )
    select number as id, name, artifact_location as "artifactLocation", lifecycle, created_at as "createdAt",
      updated_at as "updatedAt", place,
      (select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from experiment_tags
        where experiment_tags.experiment_id = experiments.id) as tags ${more}
    from page as experiments order by at`.execute(kysely)
  const experiments = rows.slice(0, limit).map((row) => schema.parse(row))
  const last = rows[limit - 1]
  const next = rows.length > limit && last !== undefined ? { part: 0, values: last.place } : undefined
  return { experiments, next }
}
