import { type RawBuilder, sql } from 'kysely'
import {
  type ColumnType,
  compare,
  compileFilter,
  compareKeyed,
  listOf,
  type Sql,
  type Test,
} from '../filters/compile.sql.ts'
import type { Clause, Comparator, Filter } from '../filters/filter.ts'

/** Filters of runs over the tables, in queries where a run is `runs`. */
export const passesFilter = (filter: Filter | undefined): Test => compileFilter(filter, passesClause)

const COLUMNS: Readonly<Record<string, { column: Sql; type: ColumnType; nullable?: boolean }>> = {
  run_id: { column: sql`runs.run_id`, type: 'text' },
  run_name: { column: sql`runs.name`, type: 'text' },
  status: { column: sql`runs.status`, type: 'text' },
  user_id: { column: sql`runs.user_name`, type: 'text' },
  artifact_uri: { column: sql`runs.artifact_uri`, type: 'text' },
  start_time: { column: sql`runs.started_at`, type: 'bigint' },
  end_time: { column: sql`runs.ended_at`, type: 'bigint', nullable: true },
}

/** The column of an attribute. */
export function columnOf(attribute: string): { column: Sql; type: ColumnType; nullable: boolean } {
  const known = COLUMNS[attribute]
  if (known === undefined) throw new Error(`There is no column for the attribute ${attribute}.`)
  return { nullable: false, ...known }
}

/** Where metrics, params and tags are kept. NaN is compared as 0, as MLflow does, which keeps it so. */
export const KEPT = {
  metric: {
    table: 'latest_metrics',
    value: sql`case when kept.value = 'NaN' then 0 else kept.value end`,
    type: 'double',
  },
  param: { table: 'params', value: sql`kept.value`, type: 'text' },
  tag: { table: 'run_tags', value: sql`kept.value`, type: 'text' },
} as const satisfies Record<string, { table: string; value: Sql; type: ColumnType }>

export const isKept = (of: string): of is keyof typeof KEPT => Object.hasOwn(KEPT, of)

function passesClause(clause: Clause): Test {
  const { of, key } = clause.field
  if (isKept(of)) return compareKeyed({ ...KEPT[of], owner: 'run', of: sql`runs.id` }, clause)
  if (of === 'dataset') return passesDataset(clause)
  const { column, type, nullable } = columnOf(key)
  return compare(column, type, clause, nullable)
}

function passesDataset(clause: Clause): Test {
  const used = sql`from run_datasets as used join datasets on datasets.id = used.dataset_id`
  // `offset 0` keeps it a probe for each run.
  if (clause.field.key !== 'context')
    return sql<boolean>`exists (select ${used}
      where used.run = runs.id and ${compare(sql.ref(`datasets.${clause.field.key}`), 'text', clause)} offset 0)`
  return sql<boolean>`exists (select ${used} cross join lateral jsonb_array_elements(used.tags) as tag
    where used.run = runs.id and tag ->> 'key' = 'mlflow.data.context'
      and ${compare(sql`(tag ->> 'value')`, 'text', clause, true)} offset 0)`
}

/** Rows of runs, by an index over values: all that can pass the filter, and perhaps others. Undefined where no index
 *  knows. `and` gives several, of which one is enough. */
export function candidatesFor(
  filter: Filter | undefined,
  experiments: readonly number[],
): Array<RawBuilder<{ id: number }>> {
  if (filter === undefined || filter.is === 'not') return []
  if (filter.is === 'clause') return clauseCandidates(filter, experiments)
  const each = filter.parts.map((part) => candidatesFor(part, experiments))
  if (filter.is === 'and') return each.flat()
  const firsts = each.flatMap(([first]) => (first === undefined ? [] : [first]))
  return firsts.length === each.length ? [union(firsts)] : []
}

const union = (parts: ReadonlyArray<RawBuilder<{ id: number }>>): RawBuilder<{ id: number }> =>
  sql`(${sql.join(parts, sql`) union all (`)})`

function clauseCandidates(clause: Clause, experiments: readonly number[]): Array<RawBuilder<{ id: number }>> {
  const { field, comparator, operands } = clause
  if (field.of === 'attribute' && field.key === 'run_id' && (comparator === '=' || comparator === 'in'))
    return [sql<{ id: number }>`select id from runs where run_id = any (${listOf('text', operands)})`]
  if (!isKept(field.of) || experiments.length > 20) return []
  const { table } = KEPT[field.of]
  const tests = field.of === 'metric' ? metricRanges(clause) : textRanges(clause)
  const parts = experiments.flatMap((experiment) =>
    tests.map(
      (test) => sql<{ id: number }>`select run as id from ${sql.table(table)}
        where experiment_id = ${experiment}::bigint and key = ${field.key} and ${test}`,
    ),
  )
  return parts.length === 0 ? [] : [union(parts)]
}

/** NaN is greater than all numbers in PostgreSQL, and compared as 0: whatever is above a bound may be NaN anyway. */
function metricRanges({ comparator, operands }: Clause): Test[] {
  if (!RANGES.has(comparator)) return []
  const range = compare(sql`value`, 'double', { comparator, operands })
  const reachesZero = operands.some((operand) => operand === 0 || (comparator.startsWith('<') && Number(operand) > 0))
  return reachesZero ? [range, sql<boolean>`value = 'NaN'`] : [range]
}

const RANGES: ReadonlySet<Comparator> = new Set(['=', 'in', '<', '<=', '>', '>='])

function textRanges({ comparator, operands }: Clause): Test[] {
  if (comparator !== '=' && comparator !== 'in') return []
  const beginnings = sql`array(select left(one, 256) from unnest(${listOf('text', operands)}) as list(one))`
  return [sql<boolean>`left(value, 256) collate "C" = any (${beginnings})`]
}
