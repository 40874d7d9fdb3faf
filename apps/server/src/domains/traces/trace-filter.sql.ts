import { type RawBuilder, sql } from 'kysely'
import { type ColumnType, compare, compareKeyed, type Sql, type Test } from '../filters/compile.sql.ts'
import type { Clause } from '../filters/filter.ts'

/** What clauses about traces are in the tables, of rows of `traces as t`. */

interface Attribute {
  readonly value: Sql
  readonly type: ColumnType
}

const entry = (table: 'trace_tags' | 'trace_metadata', key: string): Sql =>
  sql`(select kept.value from ${sql.table(table)} as kept where kept.trace = t.id and kept.key = ${key})`

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  timestamp_ms: { value: sql`t.started_at`, type: 'bigint' },
  execution_time_ms: { value: sql`t.duration`, type: 'bigint' },
  end_time_ms: { value: sql`(t.started_at + t.duration)`, type: 'bigint' },
  status: { value: sql`t.state`, type: 'text' },
  request_id: { value: sql`t.trace_id`, type: 'text' },
  client_request_id: { value: sql`t.client_request_id`, type: 'text' },
  name: { value: entry('trace_tags', 'mlflow.traceName'), type: 'text' },
  run_id: { value: entry('trace_metadata', 'mlflow.sourceRun'), type: 'text' },
}

/** Those that are one value; what a trace has several of cannot be sorted by. */
export function attributeOf(key: string): Attribute {
  const attribute = ATTRIBUTES[key]
  if (attribute === undefined) throw new Error(`traces have no attribute "${key}"`)
  return attribute
}

export function holds(clause: Clause): Test {
  const { of, key } = clause.field
  switch (of) {
    case 'tag':
    case 'metadata': {
      const table = of === 'tag' ? 'trace_tags' : 'trace_metadata'
      return compareKeyed({ table, owner: 'trace', of: sql`t.id`, value: sql`kept.value`, type: 'text' }, clause)
    }
    case 'span':
      return some(sql`spans as s where s.trace = t.id`, spanValue(key), 'text', clause)
    case 'feedback':
    case 'expectation':
      return ofAssessments(of, key, clause)
    case 'issue':
      return some(assessments('issue'), sql`a.name`, 'text', clause)
    case 'attribute':
      return ofAttribute(key, clause)
    case 'metric':
    case 'param':
    case 'dataset':
      throw new Error(`traces have no ${of}`)
  }
}

function ofAttribute(key: string, clause: Clause): Test {
  if (key === 'prompt') return some(links('prompt'), sql`l.target`, 'text', clause)
  if (key === 'text') return some(sql`spans as s where s.trace = t.id`, sql`s.document::text`, 'text', clause)
  const { value, type } = attributeOf(key)
  const test = compare(value, type, clause, true)
  if (key !== 'run_id') return test
  // A trace belongs to the run that it was made in, and to those that it was linked to.
  const linked = some(links('run'), sql`l.target`, 'text', clause)
  return isNegative(clause)
    ? sql<boolean>`(${test} and not (not ${linked} and ${anyIn(links('run'))}))`
    : sql<boolean>`(${test} or ${linked})`
}

const isNegative = ({ comparator }: Clause) =>
  comparator === '!=' || comparator === 'not in' || comparator === 'is null'

const assessments = (kind: string): Sql => sql`assessments as a where a.trace = t.id and a.valid and a.kind = ${kind}`
const links = (kind: 'run' | 'prompt'): Sql => sql`trace_links as l where l.trace = t.id and l.kind = ${kind}`

function ofAssessments(kind: 'feedback' | 'expectation', name: string, clause: Clause): Test {
  const rows = sql`${assessments(kind)} and a.name = ${name}`
  const asNumber = clause.operands.length > 0 && clause.operands.every((operand) => typeof operand === 'number')
  return asNumber ? some(rows, sql`a.number`, 'double', clause) : some(rows, sql`a.value`, 'text', clause)
}

function spanValue(key: string): RawBuilder<unknown> {
  switch (key) {
    case 'name':
      return sql`s.name`
    case 'type':
      return sql`s.type`
    case 'status':
      return sql`s.status`
    case 'content':
      return sql`s.document::text`
    default:
      return sql`(s.attributes->>${key.slice('attributes.'.length)})`
  }
}

/** Whether one of them fits; `is null` asks for a trace that has none. */
function some(rows: Sql, value: Sql, type: ColumnType, clause: Clause): Test {
  const { comparator } = clause
  if (comparator === 'is null') return sql<boolean>`(not ${anyIn(sql`${rows} and ${value} is not null`)})`
  return anyIn(sql`${rows} and ${compare(value, type, clause, true)}`)
}

const anyIn = (rows: Sql): Test => sql<boolean>`exists (select from ${rows})`
