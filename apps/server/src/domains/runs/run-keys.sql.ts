import { type Kysely, sql } from 'kysely'
import { numbers } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { Field } from '../filters/filter.ts'
import { columnOf, isKept, KEPT } from './run-filter.sql.ts'
import type { KeyCount, RunKeys, ValueCount } from './run-search.store.ts'

/** The keys that runs of the experiments have, and how many of the newest runs have each. To count all would go through
 *  everything that was ever logged. */
export async function countKeys(
  kysely: Kysely<Tables>,
  experiments: readonly number[],
  limit: number,
): Promise<RunKeys> {
  const keys = (of: keyof typeof KEPT) => read(kysely, of, experiments, limit)
  return { metrics: await keys('metric'), params: await keys('param'), tags: await keys('tag') }
}

const NEWEST = 1_000
/** Counted in one statement, and in all: runs may have thousands of keys each. */
const AT_ONCE = 50
const MOST_ROWS = 50_000

async function read(kysely: Kysely<Tables>, of: keyof typeof KEPT, experiments: readonly number[], limit: number) {
  const counts = new Map<string, number>()
  for (const experiment of experiments) {
    for (const key of await keysOf(kysely, of, experiment, limit)) if (!counts.has(key)) counts.set(key, 0)
    const newest = await newestOf(kysely, experiment)
    for (let at = 0, rows = 0; at < newest.length && rows < MOST_ROWS; at += AT_ONCE)
      for (const { key, runs } of await count(kysely, of, newest.slice(at, at + AT_ONCE))) {
        if (counts.has(key)) counts.set(key, counts.get(key)! + runs)
        rows += runs
      }
  }
  return [...counts]
    .map(([key, runs]): KeyCount => ({ key, runs }))
    .toSorted((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1))
    .slice(0, limit)
}

async function newestOf(kysely: Kysely<Tables>, experiment: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from runs
    where experiment_id = ${experiment}::bigint and lifecycle = 'active'
    order by started_at desc, run_id collate "C" limit ${NEWEST}`.execute(kysely)
  return rows.map(({ id }) => id)
}

/** Every key there is, by one step of the index for each. */
async function keysOf(kysely: Kysely<Tables>, of: keyof typeof KEPT, experiment: number, limit: number) {
  const table = sql.table(KEPT[of].table)
  const { rows } = await sql<{ key: string }>`
    with recursive each (key) as (
      (select key from ${table} where experiment_id = ${experiment}::bigint order by key limit 1)
      union all
      select (select key from ${table} where experiment_id = ${experiment}::bigint and key > each.key order by key limit 1)
      from each where each.key is not null
    ) select key from each where key is not null limit ${limit}`.execute(kysely)
  return rows.map(({ key }) => key)
}

async function count(kysely: Kysely<Tables>, of: keyof typeof KEPT, runs: readonly number[]): Promise<KeyCount[]> {
  const { rows } = await sql<KeyCount>`select key, count(*) as runs from ${sql.table(KEPT[of].table)}
    where run = any (${numbers(runs)}::bigint[]) group by key`.execute(kysely)
  return rows
}

/** The most frequent values that hold a text, without case; long ones by their beginnings. */
export async function countValues(
  kysely: Kysely<Tables>,
  experiments: readonly number[],
  { of, key }: Field,
  search: string,
  limit: number,
): Promise<ValueCount[]> {
  if (experiments.length === 0) return []
  const [value, from] = isKept(of)
    ? [sql`value::text`, sql`${sql.table(KEPT[of].table)} where key = ${key} and`]
    : [sql`(${columnOf(key).column})::text`, sql`runs where`]
  const { rows } = await sql<ValueCount>`
    select left(${value}, 256) collate "C" as value, count(*) as runs
    from ${from} experiment_id in (${sql.join(experiments)}) and position(lower(${search}) in lower(${value})) > 0
    group by 1 order by runs desc, 1 limit ${limit}`.execute(kysely)
  return rows
}
