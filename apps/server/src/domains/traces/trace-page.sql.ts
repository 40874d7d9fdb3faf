import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { sqlFailure } from '../../database/failures.ts'
import { compileFilter, listOf, type Sql, type Test } from '../filters/compile.sql.ts'
import type { Order } from '../filters/filter.ts'
import type { Place } from '../filters/page-token.ts'
import { refusal } from '../filters/refusal.ts'
import { attributeOf, holds } from './trace-filter.sql.ts'
import { TRACE_COLUMNS, traceIn } from './trace-rows.sql.ts'
import type { TraceStore, TracePage } from './traces.store.ts'
import { wholePlace } from './whole-place.ts'

interface SortColumn {
  readonly value: Sql
  readonly isNumber: boolean
  readonly descending: boolean
}

/** Every order ends with these two, and so is a whole one. */
const LAST: readonly SortColumn[] = [
  { value: sql`t.started_at`, isNumber: true, descending: true },
  { value: sql`t.trace_id collate "C"`, isNumber: false, descending: false },
]

export async function pageOfTraces(
  kysely: Kysely<Tables>,
  projectId: string,
  { experiments, filter, order, after, limit }: TracePage,
): ReturnType<TraceStore['page']> {
  const columns = [...order.map(columnOf), ...LAST]
  const sorted = sql.join(
    columns.map(({ value, descending }) => sql`${value} ${descending ? sql`desc` : sql`asc`} nulls last`),
  )
  const places = sql.join(columns.map(({ value }, at) => sql`(${value})::text as ${sql.ref(`place${at}`)}`))
  const query = sql<Record<string, unknown>>`select ${TRACE_COLUMNS}, ${places} from traces as t
    where t.project_id = ${projectId}
      and t.experiment_id = any (array(select id from experiments
        where project_id = ${projectId} and number = any (${listOf('bigint', experiments)})))
      and ${compileFilter(filter, holds)} and ${after === undefined ? sql`true` : isAfter(columns, after)}
    order by ${sorted} limit ${limit + 1}`
  const { rows } = await query.execute(kysely).catch(refusePattern)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { traces: page.map(traceIn), next: last && placeOf(columns, last) }
}

function columnOf({ field, descending }: Order): SortColumn {
  const { value, type } = attributeOf(field.key)
  const isNumber = type !== 'text'
  return { value: isNumber ? value : sql`(${value}) collate "C"`, isNumber, descending }
}

/** Null where there is no value: they come last. */
const placeOf = (columns: readonly SortColumn[], row: Record<string, unknown>): Place => ({
  part: 0,
  values: columns.map((_, at) => {
    const value = row[`place${at}`]
    return typeof value === 'string' ? `=${value}` : ''
  }),
})

function isAfter(columns: readonly SortColumn[], { values }: Place): Test {
  const ways: RawBuilder<unknown>[] = []
  let same: RawBuilder<unknown> = sql`true`
  for (const [at, { value, isNumber, descending }] of columns.entries()) {
    const written = values[at] ?? ''
    // What is null has nothing after it but its equals.
    if (written === '') {
      same = sql`${same} and ${value} is null`
      continue
    }
    const place = isNumber ? sql`${wholePlace(written.slice(1))}::bigint` : sql`${written.slice(1)}`
    ways.push(sql`(${same} and (${value} ${descending ? sql`<` : sql`>`} ${place} or ${value} is null))`)
    same = sql`${same} and ${value} = ${place}`
  }
  return ways.length === 0 ? sql<boolean>`false` : sql<boolean>`(${sql.join(ways, sql` or `)})`
}

/** Whether a text is a regular expression, only the database knows. */
export function refusePattern(error: unknown): never {
  if (sqlFailure(error)?.code === '2201B')
    throw refusal('Invalid clause(s) in filter string: a pattern of RLIKE is no regular expression', {
      at: 0,
      length: 0,
    })
  throw error
}
