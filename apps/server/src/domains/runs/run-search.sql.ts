import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Sql } from '../filters/compile.sql.ts'
import { behind, orderedBy, placeOf, sorted } from '../filters/keyset.sql.ts'
import { invalidToken, type Place } from '../filters/page-token.ts'
import { readDocuments } from './run-documents.sql.ts'
import { candidatesFor, passesFilter } from './run-filter.sql.ts'
import { readGroups } from './run-groups.sql.ts'
import { countKeys, countValues } from './run-keys.sql.ts'
import { type OrderPart, partsOf } from './run-order.sql.ts'
import { countRuns, type Meant, stretchesOf } from './run-stretches.sql.ts'
import type { RunPageWanted, RunRows, RunSearchStore, RunsWanted } from './run-search.store.ts'

/** When to walk and when to sort. */
export interface SearchBounds {
  /** Candidates beyond which sorting takes too long for one statement. */
  readonly few: number
  /** Rows that one statement looks at: the first, and any. */
  readonly look: readonly [first: number, most: number]
}

const BOUNDS: SearchBounds = { few: 8_000, look: [500, 5_000] }

/** To look a candidate up and sort it is this much more work than to walk over a run. */
const CANDIDATE_COST = 2

export function sqlRunSearchStore(kysely: Kysely<Tables>, bounds = BOUNDS): RunSearchStore {
  const experimentIds = async (projectId: string, numbers: readonly number[]) => {
    const { rows } = await sql<{ id: number }>`
      select id from experiments where project_id = ${projectId}
        and number = any (array(select one::bigint from jsonb_array_elements_text(${JSON.stringify(numbers)}::jsonb) as list(one)))
      order by id`.execute(kysely)
    return rows.map(({ id }) => id)
  }
  const meant = async (projectId: string, wanted: RunsWanted): Promise<Meant> => {
    const experiments = await experimentIds(projectId, wanted.experiments)
    const lifecycles = wanted.lifecycle === 'all' ? ['active', 'deleted'] : [wanted.lifecycle]
    return { experiments, lifecycles, filter: wanted.filter }
  }
  return {
    async page(projectId, wanted) {
      return readPage(kysely, await meant(projectId, wanted), wanted, bounds)
    },
    documents: (rows, columns) => readDocuments(kysely, rows, columns),
    async count(projectId, wanted) {
      return countRuns(kysely, await meant(projectId, wanted))
    },
    async groups(projectId, wanted) {
      return readGroups(kysely, stretchesOf(kysely, await meant(projectId, wanted)), wanted)
    },
    async keys(projectId, experiments, limit) {
      return countKeys(kysely, await experimentIds(projectId, experiments), limit)
    },
    async values(projectId, experiment, column, search, limit) {
      return countValues(kysely, await experimentIds(projectId, [experiment]), column, search, limit)
    },
  }
}

interface Row {
  readonly id: number
  readonly place: string[]
}

/** Goes through the parts of the order until the page is full. One row more than asked for tells whether there is
 *  another page. */
async function readPage(
  kysely: Kysely<Tables>,
  meant: Meant,
  wanted: RunPageWanted,
  bounds: SearchBounds,
): Promise<RunRows> {
  if (meant.experiments.length === 0) return { rows: [], next: undefined }
  const { order, limit, after } = wanted
  const parts = partsOf(order)
  if (after !== undefined && after.part >= parts.length) throw invalidToken('it belongs to a search with another order')
  const found: Array<Row & { part: number }> = []
  for (const [at, part] of parts.entries()) {
    if (found.length > limit || at < (after?.part ?? 0)) continue
    const from = at === after?.part ? after : undefined
    const missing = limit + 1 - found.length
    const rows = await readPart(kysely, { meant, part, after: from, limit: missing, bounds })
    found.push(...rows.map((row) => ({ ...row, part: at })))
  }
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    rows: page.map(({ id }) => id),
    next: found.length > limit && last !== undefined ? { part: last.part, values: last.place } : undefined,
  }
}

interface PartWanted {
  readonly meant: Meant
  readonly part: OrderPart
  readonly after: Place | undefined
  readonly limit: number
  readonly bounds: SearchBounds
}

const MOST_PLACES = 40

async function readPart(kysely: Kysely<Tables>, wanted: PartWanted): Promise<Row[]> {
  const { meant, part, bounds } = wanted
  const places = meant.experiments.length * meant.lifecycles.length
  if (part.walked !== undefined && places <= MOST_PLACES) return walk(kysely, wanted)
  return sortAll(kysely, wanted, await fewCandidates(kysely, meant, bounds.few))
}

/** Everything that passes is sorted: of a few candidates, or else of all runs that are meant. */
async function sortAll(
  kysely: Kysely<Tables>,
  { meant, part, after, limit }: PartWanted,
  few: Sql | undefined,
): Promise<Row[]> {
  const tests = [
    part.among,
    sql<boolean>`runs.experiment_id in (${sql.join(meant.experiments)})`,
    sql<boolean>`runs.lifecycle in (${sql.join(meant.lifecycles)})`,
    behind(part.columns, after?.values),
    passesFilter(meant.filter),
  ]
  // By `offset 0` each candidate is looked up: without statistics a planner would rather read all runs for each.
  const runs =
    few === undefined
      ? sql`runs`
      : sql`(select distinct id from (${few}) as each_few) as few
          cross join lateral (select * from runs where runs.id = few.id offset 0) as runs`
  const { rows } = await sql<Row>`select runs.id, ${placeOf(part.columns)} as place from ${runs} ${part.joins}
    where ${sql.join(tests, sql` and `)} ${orderedBy(part.columns)} limit ${limit}`.execute(kysely)
  return rows
}

/** Goes along an index in the order asked for, a stretch at a time, until enough has passed. Each statement looks at a
 *  bounded number of runs, however few pass. Where the first stretch lets expect a long way, and an index over values
 *  names few candidates, those are sorted instead. */
async function walk(kysely: Kysely<Tables>, wanted: PartWanted): Promise<Row[]> {
  const { meant, part, limit, bounds } = wanted
  if (meant.filter === undefined && !part.tested) {
    const { rows } = await alongIndexes(
      kysely,
      sql<Row>`select id, ${placeIn(part)} as place from (${stretchOf(wanted, limit)}) as seen`,
    )
    return rows
  }
  const found: Row[] = []
  const [first, most] = bounds.look
  let look = Math.max(first, limit * 2)
  let looked = 0
  for (let { after } = wanted; ;) {
    const seen = await readStretch(kysely, { ...wanted, after, limit: limit - found.length }, look)
    found.push(...seen.passing)
    if (found.length >= limit || seen.end === undefined) return found
    after = { part: 0, values: seen.end }
    const isFirst = looked === 0
    looked += look
    const ahead = Math.ceil(((limit - found.length) * looked) / (found.length + 0.5))
    if (isFirst && ahead > most) {
      const few = await fewCandidates(kysely, meant, Math.min(bounds.few, Math.round(ahead / CANDIDATE_COST)))
      if (few !== undefined) return sortAll(kysely, wanted, few)
    }
    look = Math.min(most, Math.max(first, ahead))
  }
}

/** The next runs in the order, filter or not: those of each experiment and lifecycle, together. */
function stretchOf({ meant, part, after }: PartWanted, look: number): Sql {
  const stretches = meant.experiments.flatMap((experiment) =>
    meant.lifecycles.map((lifecycle) => {
      const values = part.columns.map((column, at) => sql`${sorted(column)} as ${sql.ref(`by_${at}`)}`)
      return sql`(select runs.*, ${sql.join(values)} from ${part.walked}
        where ${part.within(experiment)} and runs.lifecycle = ${lifecycle} and ${behind(part.columns, after?.values)}
        ${orderedBy(part.columns)} limit ${look})`
    }),
  )
  const union = sql.join(stretches, sql` union all `)
  return stretches.length === 1
    ? union
    : sql`select * from (${union}) as stretches order by ${byAliases(part, false)} limit ${look}`
}

const byAliases = ({ columns }: OrderPart, reversed: boolean) =>
  sql.join(
    columns.map(({ descending }, at) => sql`${sql.ref(`by_${at}`)} ${descending === reversed ? sql`asc` : sql`desc`}`),
  )

/** Written for the few rows that are told, not for all that are seen. */
const placeIn = ({ columns }: OrderPart) =>
  placeOf(columns.map((column, at) => ({ ...column, value: sql.ref(`by_${at}`) })))

/** Of the next runs in the order, those that pass, and where the stretch ended if there may be more behind it. */
async function readStretch(kysely: Kysely<Tables>, wanted: PartWanted, look: number) {
  const { meant, part, limit } = wanted
  const tests = [passesFilter(meant.filter), ...(part.tested ? [part.among] : [])]
  const { rows } = await alongIndexes(
    kysely,
    sql<Row & { passes: boolean; seen: number }>`
      with seen as materialized (${stretchOf(wanted, look)})
      (select id, ${placeIn(part)} as place, true as passes, 0 as seen from seen as runs
        where ${sql.join(tests, sql` and `)} order by ${byAliases(part, false)} limit ${limit})
      union all
      (select id, ${placeIn(part)}, false, (select count(*) from seen) from seen order by ${byAliases(part, true)} limit 1)`,
  )
  const last = rows.find(({ passes }) => !passes)
  return {
    passing: rows.filter(({ passes }) => passes),
    end: last !== undefined && last.seen >= look ? last.place : undefined,
  }
}

/** Without statistics, which the embedded database does not make by itself, a planner takes every experiment for small,
 *  gathers all of it and sorts. Where it may not gather, it goes along the index that has the order. */
function alongIndexes<T>(kysely: Kysely<Tables>, statement: RawBuilder<T>) {
  return kysely.transaction().execute(async (transaction) => {
    await sql`set local enable_bitmapscan = off`.execute(transaction)
    return statement.execute(transaction)
  })
}

/** Runs that an index over values names, where they are fewer than `enough`. */
async function fewCandidates(
  kysely: Kysely<Tables>,
  { filter, experiments }: Meant,
  enough: number,
): Promise<Sql | undefined> {
  const candidates = candidatesFor(filter, experiments).slice(0, MOST_PROBES)
  if (candidates.length === 0) return undefined
  const counts = candidates.map(
    (candidate, at) => sql`select ${sql.lit(at)}::int as at,
      (select count(*) from (select from (${candidate}) as found limit ${enough}) as few) as runs`,
  )
  const { rows } = await sql<{ at: number; runs: number }>`
    ${sql.join(counts, sql` union all `)} order by runs`.execute(kysely)
  const [least] = rows
  return least === undefined || least.runs >= enough ? undefined : candidates[least.at]
}

const MOST_PROBES = 8
