import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Field } from '../filters/filter.ts'
import { columnOf, isKept, KEPT } from './run-filter.sql.ts'
import type { KeyCount, RunKeys, ValueCount } from './run-search.store.ts'

/** The keys that runs of the experiments have. */
export async function countKeys(
  kysely: Kysely<Tables>,
  experiments: readonly number[],
  limit: number,
): Promise<RunKeys> {
  const keys = (of: keyof typeof KEPT) => (experiments.length === 0 ? [] : read(kysely, of, experiments, limit))
  return { metrics: await keys('metric'), params: await keys('param'), tags: await keys('tag') }
}

/** Counted in one statement: of as many runs as this, a key takes some fifty milliseconds. */
const KEYS_AT_ONCE = 4

async function read(kysely: Kysely<Tables>, of: keyof typeof KEPT, experiments: readonly number[], limit: number) {
  const counts = new Map<string, number>()
  for (const experiment of experiments) {
    const keys = await keysOf(kysely, of, experiment, limit)
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE)
      for (const { key, runs } of await count(kysely, of, experiment, keys.slice(at, at + KEYS_AT_ONCE)))
        counts.set(key, (counts.get(key) ?? 0) + runs)
  }
  return [...counts]
    .map(([key, runs]): KeyCount => ({ key, runs }))
    .toSorted((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1))
    .slice(0, limit)
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

async function count(kysely: Kysely<Tables>, of: keyof typeof KEPT, experiment: number, keys: readonly string[]) {
  const counts = keys.map(
    (key) => sql`select ${key}::text as key, (select count(*) from ${sql.table(KEPT[of].table)}
      where experiment_id = ${experiment}::bigint and key = ${key}) as runs`,
  )
  const { rows } = await sql<KeyCount>`${sql.join(counts, sql` union all `)}`.execute(kysely)
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
