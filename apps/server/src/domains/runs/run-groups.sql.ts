import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Sql } from '../filters/compile.sql.ts'
import type { Field } from '../filters/filter.ts'
import { columnOf, isKept, KEPT } from './run-filter.sql.ts'
import type { Aggregate, RunGroup, RunGroups, RunGroupsWanted } from './run-search.store.ts'
import type { Stretch } from './run-stretches.sql.ts'

type Values = ReadonlyArray<string | null>

/** Count, mean, sum of squared differences from it, least and greatest. */
type Moments = readonly [count: number, mean: number, squares: number, min: number, max: number]

interface Gathered {
  readonly values: Values
  runs: number
  readonly metrics: Array<Moments | undefined>
}

/** Goes through the runs a stretch at a time and puts what each tells together, so that no statement is long. */
export async function readGroups(
  kysely: Kysely<Tables>,
  stretches: AsyncIterable<Stretch>,
  { by, metrics, limit }: RunGroupsWanted,
): Promise<RunGroups> {
  const groups = new Map<string, Gathered>()
  for await (const stretch of stretches)
    for (const row of await groupStretch(kysely, stretch, by, metrics)) {
      const group = groups.get(row.name) ?? { values: row.values, runs: 0, metrics: [] }
      groups.set(row.name, group)
      group.runs += row.runs
      for (const [at, moments] of row.metrics.entries()) group.metrics[at] = together(group.metrics[at], moments)
    }
  const largest = [...groups.entries()].toSorted(([a, one], [b, other]) => other.runs - one.runs || (a < b ? -1 : 1))
  return { groups: largest.slice(0, limit).map(([, group]) => told(group, metrics)), total: groups.size }
}

const told = ({ values, runs, metrics: moments }: Gathered, keys: readonly string[]): RunGroup => ({
  values,
  runs,
  metrics: Object.fromEntries(keys.map((key, at) => [key, aggregate(moments[at])])),
})

function aggregate(moments: Moments | undefined): Aggregate {
  if (moments === undefined) return { count: 0, mean: null, deviation: null, min: null, max: null }
  const [count, mean, squares, min, max] = moments
  return { count, mean, deviation: count < 2 ? null : Math.sqrt(squares / (count - 1)), min, max }
}

/** Chan, Golub and LeVeque 1979. */
function together(one: Moments | undefined, other: Moments | undefined): Moments | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const count = one[0] + other[0]
  const apart = other[1] - one[1]
  const mean = one[1] + (apart * other[0]) / count
  const squares = one[2] + other[2] + (apart * apart * one[0] * other[0]) / count
  return [count, mean, squares, Math.min(one[3], other[3]), Math.max(one[4], other[4])]
}

interface StretchRow {
  readonly name: string
  readonly values: Values
  readonly runs: number
  readonly metrics: ReadonlyArray<Moments | undefined>
}

const MOST_AT_ONCE = 20

async function groupStretch(
  kysely: Kysely<Tables>,
  stretch: Stretch,
  by: readonly Field[],
  metrics: readonly string[],
): Promise<StretchRow[]> {
  const names = by.map((_, at) => sql.ref(`by_${at}`))
  const values = by.map((field, at) => sql`${valueOf(field)} as ${sql.ref(`by_${at}`)}`)
  const read = async (some: readonly string[]) => {
    const numbers = some.map((key, at) => sql`${finite(key)} as ${sql.ref(`metric_${at}`)}`)
    const sums = some.map((_, at) => momentsOf(sql.ref(`metric_${at}`)))
    const list = sums.length === 0 ? sql`'[]'::json` : sql`json_build_array(${sql.join(sums)})`
    const { rows } = await sql<{ values: Values; runs: number; sums: Array<Moments | null> }>`
      with meant as materialized (select ${sql.join([...values, ...numbers])} from ${stretch.runs})
      select json_build_array(${sql.join(names)}) as values, count(*) as runs, ${list} as sums
      from meant group by ${sql.join(names)}`.execute(kysely)
    return rows
  }
  const found = new Map<string, { values: Values; runs: number; metrics: Array<Moments | undefined> }>()
  for (let from = 0; from === 0 || from < metrics.length; from += MOST_AT_ONCE)
    for (const { values: of, runs, sums } of await read(metrics.slice(from, from + MOST_AT_ONCE))) {
      const name = JSON.stringify(of)
      const group = found.get(name) ?? { values: of, runs, metrics: [] }
      found.set(name, group)
      for (const [at, moments] of sums.entries()) group.metrics[from + at] = moments ?? undefined
    }
  return [...found.entries()].map(([name, group]) => ({ name, ...group }))
}

/** Null where there is no number in the group. Those that are too great to be squared are not told apart from infinity. */
const momentsOf = (column: Sql) =>
  sql`case when count(${column}) > 0 then json_build_array(count(${column}), avg(${column}),
    coalesce(var_pop(${column}) * count(${column}), 0), min(${column}), max(${column})) end`

/** Half of the largest double's root, so that no sum of squares overflows, which PostgreSQL has for an error. */
const GREATEST = 1e150

const finite = (key: string) =>
  sql`(select kept.value from latest_metrics as kept where kept.run = runs.id and kept.key = ${key}
    and kept.value between ${sql.lit(-GREATEST)}::double precision and ${sql.lit(GREATEST)}::double precision)`

function valueOf({ of, key }: Field): Sql {
  if (of === 'attribute') return sql`(${columnOf(key).column})::text`
  if (!isKept(of)) throw new Error(`Runs are not grouped by ${of}.`)
  return sql`(select kept.value::text from ${sql.table(KEPT[of].table)} as kept where kept.run = runs.id and kept.key = ${key})`
}
