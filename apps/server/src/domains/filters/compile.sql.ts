import { type RawBuilder, sql } from 'kysely'
import type { Clause, Comparator, Filter, Operand } from './filter.ts'

export type Sql = RawBuilder<unknown>
export type Test = RawBuilder<boolean>

/** SQL for a filter, given what a clause is in the tables of its kind. A clause must be true or false, never null. */
export function compileFilter(filter: Filter | undefined, clause: (clause: Clause) => Test): Test {
  if (filter === undefined) return sql<boolean>`true`
  switch (filter.is) {
    case 'clause':
      return clause(filter)
    case 'not':
      return sql<boolean>`(not ${compileFilter(filter.part, clause)})`
    case 'and':
    case 'or': {
      const parts = filter.parts.map((part) => compileFilter(part, clause))
      return sql<boolean>`(${sql.join(parts, filter.is === 'and' ? sql` and ` : sql` or `)})`
    }
  }
}

export type ColumnType = 'text' | 'bigint' | 'double'

/** A clause over one column. `nullable` where the column may be null, which then fails every comparison. */
export function compare(
  column: Sql,
  type: ColumnType,
  { comparator, operands }: Pick<Clause, 'comparator' | 'operands'>,
  nullable = false,
): Test {
  if (comparator === 'is null') return sql<boolean>`(${column} is null)`
  if (comparator === 'is not null') return sql<boolean>`(${column} is not null)`
  const test = compareGiven(column, type, comparator, operands)
  return nullable ? sql<boolean>`coalesce(${test}, false)` : test
}

const SIGNS = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` } as const
type Given = Exclude<Comparator, 'is null' | 'is not null'>

function compareGiven(column: Sql, type: ColumnType, comparator: Given, operands: readonly Operand[]): Test {
  switch (comparator) {
    case 'like':
      return sql<boolean>`(${column} like ${pattern(operands[0])})`
    case 'ilike':
      return sql<boolean>`(${column} ilike ${pattern(operands[0])})`
    case 'rlike':
      return sql<boolean>`(${column} ~ ${String(operands[0])})`
    case 'in':
      return sql<boolean>`(${column} = any (${listOf(type, operands)}))`
    case 'not in':
      // Of an empty list everything is true, even null: fractions, which no whole number is, have left it.
      return sql<boolean>`(${column} is not null and ${column} <> all (${listOf(type, operands)}))`
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compareOne(column, type, comparator, operands[0] ?? '')
  }
}

function compareOne(column: Sql, type: ColumnType, comparator: keyof typeof SIGNS, operand: Operand): Test {
  if (type === 'text') return sql<boolean>`(${column} ${SIGNS[comparator]} ${String(operand)})`
  if (type === 'double') return sql<boolean>`(${column} ${SIGNS[comparator]} ${String(operand)}::double precision)`
  return compareWhole(column, comparator, Number(operand))
}

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** Whole numbers are compared as such, for an index helps only where no column is converted: `> 1.5` is `> 1`. */
function compareWhole(column: Sql, comparator: keyof typeof SIGNS, operand: number): Test {
  const beyond = operand < Number(LEAST) ? -1 : operand >= Number(MOST) ? 1 : 0
  if (beyond !== 0) {
    const holds = comparator === '!=' || (beyond > 0 ? comparator.startsWith('<') : comparator.startsWith('>'))
    return sql<boolean>`(${column} is not null and ${sql.lit(holds)})`
  }
  if (!Number.isInteger(operand) && (comparator === '=' || comparator === '!='))
    return sql<boolean>`(${column} is not null and ${sql.lit(comparator === '!=')})`
  const roundsUp = comparator === '<' || comparator === '>='
  const whole = BigInt(roundsUp ? Math.ceil(operand) : Math.floor(operand))
  return sql<boolean>`(${column} ${SIGNS[comparator]} ${String(whole)}::bigint)`
}

/** As one parameter, however long the list is. */
export function listOf(type: ColumnType, operands: readonly Operand[]): Sql {
  const wanted = type === 'bigint' ? operands.filter(isWhole) : operands
  const texts = JSON.stringify(wanted.map((one) => String(one).toWellFormed()))
  const cast = { text: sql`text`, bigint: sql`numeric::bigint`, double: sql`double precision` }[type]
  return sql`array(select one::${cast} from jsonb_array_elements_text(${texts}::jsonb) as list(one))`
}

const isWhole = (operand: Operand) => Number.isInteger(operand) && Math.abs(Number(operand)) < Number(MOST)

/** A backslash makes `%`, `_` and itself literal, and before anything else is one itself. */
function pattern(operand: Operand = ''): string {
  return String(operand).replaceAll(/\\([%_\\])|\\/g, (whole, literal: string | undefined) =>
    literal === undefined ? '\\\\' : whole,
  )
}

/** Where a kind keeps what has keys: `params(run, key, value)`. */
export interface Keyed {
  readonly table: string
  /** Its column that names the owner, and the owner in the query around it. */
  readonly owner: string
  readonly of: Sql
  readonly value: Sql
  readonly type: ColumnType
}

/** A clause over the value of a key: one probe of the primary key. A scalar, which no planner turns into a join of all
 *  rows: whoever walks an index and stops at a limit wants just the probe. */
export function compareKeyed(keyed: Keyed, { field, ...clause }: Clause): Test {
  const { table, owner, of, value, type } = keyed
  const at = sql`from ${sql.table(table)} as kept where kept.${sql.ref(owner)} = ${of} and kept.key = ${field.key}`
  const { comparator } = clause
  if (comparator === 'is null') return sql<boolean>`((select true ${at}) is null)`
  if (comparator === 'is not null') return sql<boolean>`((select true ${at}) is not null)`
  return sql<boolean>`coalesce((select ${compare(value, type, clause)} ${at}), false)`
}
