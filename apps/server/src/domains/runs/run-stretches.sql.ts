import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { listOf, type Sql, type Test } from '../filters/compile.sql.ts'
import { passesFilter } from './run-filter.sql.ts'
import type { RunsWanted } from './run-search.store.ts'

/** Which runs are meant, by the rows of their experiments. */
export interface Meant {
  readonly experiments: readonly number[]
  readonly lifecycles: readonly string[]
  readonly filter: RunsWanted['filter']
}

/** Some of the runs that are meant: what to write after `from`, to have them as `runs`. */
export interface Stretch {
  readonly runs: Sql
}

const AT_ONCE = 10_000

/** All runs that are meant, in stretches that a statement goes through in some tens of milliseconds. */
export async function* stretchesOf(
  kysely: Kysely<Tables>,
  { experiments, lifecycles, filter }: Meant,
): AsyncGenerator<Stretch> {
  for (const experiment of experiments)
    for (const lifecycle of lifecycles)
      for (let after: Last | undefined; ;) {
        const from = after === undefined ? sql`` : sql`and ${isAfter(after)}`
        const seen = sql`select * from runs where experiment_id = ${experiment}::bigint and lifecycle = ${lifecycle} ${from}
          order by started_at desc, run_id collate "C" limit ${AT_ONCE}`
        yield { runs: sql`(select * from (${seen} offset 0) as runs where ${passesFilter(filter)}) as runs` }
        after = await lastOf(kysely, seen)
        if (after === undefined) break
      }
}

interface Last {
  readonly started: string
  readonly run: string
}

const isAfter = ({ started, run }: Last): Test =>
  sql<boolean>`started_at <= ${started}::bigint and (started_at < ${started}::bigint or run_id collate "C" > ${run})`

async function lastOf(kysely: Kysely<Tables>, seen: Sql): Promise<Last | undefined> {
  const { rows } = await sql<Last>`select started_at::text as started, run_id as run from (${seen}) as seen
    offset ${AT_ONCE - 1} limit 1`.execute(kysely)
  return rows[0]
}

export async function countRuns(kysely: Kysely<Tables>, meant: Meant): Promise<number> {
  const count = async (from: Sql) => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${from}`.execute(kysely)
    return rows[0]?.count ?? 0
  }
  if (meant.filter === undefined)
    return count(sql`runs where experiment_id = any (${listOf('bigint', meant.experiments)})
      and lifecycle = any (${listOf('text', meant.lifecycles)})`)
  let total = 0
  for await (const { runs } of stretchesOf(kysely, meant)) total += await count(runs)
  return total
}
