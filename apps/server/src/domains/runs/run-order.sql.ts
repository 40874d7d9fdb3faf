import { sql } from 'kysely'
import type { Sql, Test } from '../filters/compile.sql.ts'
import type { Order } from '../filters/filter.ts'
import { keysOfNumber, keysOfText, type SortKey } from '../filters/keyset.sql.ts'
import { columnOf, isKept, KEPT } from './run-filter.sql.ts'

/** Runs in an order, from the first to the last. There are two ways to read them: to walk along an index that has the
 *  order within one experiment and lifecycle, or to sort. */
export interface OrderPart {
  readonly columns: readonly SortKey[]
  /** To sort: what `runs` is joined with for the columns, and which runs are in this part. */
  readonly joins: Sql
  readonly among: Test
  /** To walk: the index's table and `runs`, and which rows are an experiment's. Undefined where there is no index. */
  readonly walked: Sql | undefined
  readonly within: (experiment: number) => Test
  /** Whoever walks meets runs that are not in this part, and has to test `among`. */
  readonly tested: boolean
}

const TRUE = sql<boolean>`true`
const START: SortKey = { value: sql`runs.started_at`, type: 'bigint', descending: true }
const RUN_ID: SortKey = { value: sql`runs.run_id`, type: 'text', descending: false }
const newestFirst = [START, RUN_ID]

const byStart: OrderPart = {
  columns: newestFirst,
  joins: sql``,
  among: TRUE,
  walked: sql`runs`,
  within: (experiment) => sql<boolean>`runs.experiment_id = ${experiment}::bigint`,
  tested: false,
}

/** The parts of an order, one after the other: numbers, then NaN, then runs without the metric, in both directions.
 *  Only the first field is walked along; where it is the same, what follows is sorted by the others. */
export function partsOf(order: readonly Order[]): OrderPart[] {
  const [first, ...others] = order
  if (first === undefined) return [byStart]
  const { field, descending } = first
  const then = sortingBy(others)
  if (field.of === 'attribute' && field.key === 'start_time') {
    const columns = [{ ...START, descending }, ...then.columns, RUN_ID]
    return [{ ...byStart, columns, joins: then.join, walked: sql`runs ${then.join}` }]
  }
  if (field.of === 'attribute' && field.key === 'run_name') return [nameInOrder(descending, then)]
  if (field.of === 'attribute' && field.key === 'end_time') return endInOrder(descending, then)
  if (isKept(field.of)) return keptParts(field.of, field.key, descending, then)
  const all = sortingBy(order)
  return [{ ...byStart, columns: [...all.columns, ...newestFirst], joins: all.join, walked: undefined }]
}

function nameInOrder(descending: boolean, then: Sorting): OrderPart {
  const name: SortKey = { value: sql`left(runs.name, 256)`, type: 'text', descending }
  const columns = [name, ...then.columns, ...newestFirst]
  return { ...byStart, columns, joins: then.join, walked: sql`runs ${then.join}` }
}

/** Runs that have ended, then the others. */
function endInOrder(descending: boolean, then: Sorting): OrderPart[] {
  const rest = [...then.columns, ...newestFirst]
  const part = (among: Test, columns: readonly SortKey[]): OrderPart => ({
    columns,
    among,
    joins: then.join,
    walked: sql`runs ${then.join}`,
    within: (experiment) => sql<boolean>`${byStart.within(experiment)} and ${among}`,
    tested: false,
  })
  return [
    part(sql<boolean>`runs.ended_at is not null`, [{ value: sql`runs.ended_at`, type: 'bigint', descending }, ...rest]),
    part(sql<boolean>`runs.ended_at is null`, rest),
  ]
}

function keptParts(of: keyof typeof KEPT, key: string, descending: boolean, then: Sorting): OrderPart[] {
  const table = sql.table(KEPT[of].table)
  const rest = [...then.columns, ...newestFirst]
  const part = (among: Test, columns: readonly SortKey[]): OrderPart => ({
    columns,
    among,
    joins: sql`join ${table} as sorted on sorted.run = runs.id and sorted.key = ${key} ${then.join}`,
    walked: sql`${table} as sorted join runs on runs.id = sorted.run ${then.join}`,
    within: (experiment) =>
      sql<boolean>`sorted.experiment_id = ${experiment}::bigint and sorted.key = ${key} and ${among}`,
    tested: false,
  })
  const by = (value: Sql, type: SortKey['type']) => [{ value, type, descending }, ...rest]
  const has = sql`select true from ${table} as kept where kept.run = runs.id and kept.key = ${key}`
  const missing: OrderPart = {
    ...byStart,
    columns: rest,
    joins: then.join,
    walked: then.columns.length === 0 ? byStart.walked : undefined,
    among: sql<boolean>`((${has}) is null)`,
    tested: true,
  }
  if (of !== 'metric') return [part(TRUE, by(sql`left(sorted.value, 256)`, 'text')), missing]
  return [
    part(sql<boolean>`sorted.value < 'NaN'`, by(sql`sorted.value`, 'double')),
    part(sql<boolean>`sorted.value = 'NaN'`, rest),
    missing,
  ]
}

interface Sorting {
  readonly columns: readonly SortKey[]
  readonly join: Sql
}

/** Fields that no index is walked along by. Each gives two columns: whether there is a value, and which. */
function sortingBy(order: readonly Order[]): Sorting {
  const each = order.map(({ field, descending }, at) =>
    isKept(field.of)
      ? keptColumns(field.of, field.key, descending, sql.ref(`sorted_${at}`))
      : attributeColumns(field.key, descending),
  )
  return {
    columns: each.flatMap(({ columns }) => columns),
    join:
      each.length === 0
        ? sql``
        : sql.join(
            each.map(({ join }) => join),
            sql` `,
          ),
  }
}

function attributeColumns(key: string, descending: boolean): Sorting {
  const { column, type, nullable } = columnOf(key)
  if (type === 'text') return { join: sql``, columns: [{ value: sql`left(${column}, 256)`, type, descending }] }
  const whole: SortKey = { value: sql`coalesce(${column}, 0)`, type, descending }
  const missing: SortKey = { value: sql`(${column} is null)::int`, type: 'bigint', descending: false }
  return { join: sql``, columns: nullable ? [missing, whole] : [whole] }
}

function keptColumns(of: keyof typeof KEPT, key: string, descending: boolean, name: Sql): Sorting {
  const join = sql`left join ${sql.table(KEPT[of].table)} as ${name} on ${name}.run = runs.id and ${name}.key = ${key}`
  if (of === 'metric') return { join, columns: keysOfNumber(sql`${name}.value`, descending) }
  return { join, columns: keysOfText(sql`left(${name}.value, 256)`, descending) }
}
