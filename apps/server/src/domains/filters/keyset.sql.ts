import { sql } from 'kysely'
import type { ColumnType, Sql, Test } from './compile.sql.ts'
import { invalidToken } from './page-token.ts'

/** What rows are sorted by. None is ever null. */
export interface SortKey {
  readonly value: Sql
  /** A moment is a timestamptz of whole milliseconds. */
  readonly type: ColumnType | 'moment'
  readonly descending: boolean
}

/** Of a key that may be missing: numbers, then NaN, then missing, in both directions. */
export const keysOfNumber = (value: Sql, descending: boolean): SortKey[] => [
  {
    value: sql`case when ${value} is null then 2 when ${value} = 'NaN'::double precision then 1 else 0 end`,
    type: 'bigint',
    descending: false,
  },
  { value: sql`coalesce(nullif(${value}, 'NaN'::double precision), 0)`, type: 'double', descending },
]

/** Of a text that may be missing, which is last in both directions. */
export const keysOfText = (value: Sql, descending: boolean): SortKey[] => [
  { value: sql`case when ${value} is null then 1 else 0 end`, type: 'bigint', descending: false },
  { value: sql`coalesce(${value}, '')`, type: 'text', descending },
]

/** What is sorted by in fact: texts by their code points, the same on both databases. */
export const sorted = ({ value, type }: SortKey): Sql =>
  type === 'text' ? sql`(${value}) collate "C"` : sql`(${value})`

export const orderedBy = (keys: readonly SortKey[]): Sql =>
  sql`order by ${sql.join(keys.map((key) => (key.descending ? sql`${sorted(key)} desc` : sql`${sorted(key)} asc`)))}`

/** The sort values of a row, as the database writes them, for the token of the next page. */
export const placeOf = (keys: readonly SortKey[]): Sql => sql`jsonb_build_array(${sql.join(keys.map(textOf))})`

const textOf = ({ value, type }: SortKey): Sql =>
  type === 'moment' ? sql`(extract(epoch from ${value}) * 1000)::bigint::text` : sql`(${value})::text`

/** Rows behind a place: those that are further in one key, and alike in all before it. The first key's bound is said by
 *  itself, for that is what an index can begin at. A place that cannot be one of this order is an invalid token. */
export function behind(keys: readonly SortKey[], place: readonly string[] | undefined): Test {
  if (place === undefined) return sql<boolean>`true`
  if (place.length !== keys.length || !keys.every(({ type }, at) => fits(place[at] ?? '', type)))
    throw invalidToken('it belongs to a search with another order')
  const pairs = keys.map((key, at) => ({
    value: sorted(key),
    bound: bound(key.type, place[at] ?? ''),
    sign: key.descending ? sql`<` : sql`>`,
  }))
  const further = pairs.reduceRight<Test>(
    (rest, { value, bound: given, sign }) =>
      sql<boolean>`(${value} ${sign} ${given} or (${value} = ${given} and ${rest}))`,
    sql<boolean>`false`,
  )
  const [first] = pairs
  return first === undefined ? further : sql<boolean>`(${first.value} ${first.sign}= ${first.bound} and ${further})`
}

function bound(type: SortKey['type'], text: string): Sql {
  if (type === 'moment') return sql`('epoch'::timestamptz + ${text}::bigint * interval '1 millisecond')`
  if (type === 'bigint') return sql`${text}::bigint`
  return type === 'double' ? sql`${text}::double precision` : sql`${text}::text`
}

const MOST = 2n ** 63n

/** Whoever carries a token may have written it: what the database would fail over never reaches it. */
function fits(text: string, type: SortKey['type']): boolean {
  // Up to the year 5138.
  if (type === 'moment') return /^\d{1,14}$/.test(text)
  if (type === 'text') return !text.includes('\0')
  if (type === 'bigint') return /^-?\d{1,19}$/.test(text) && BigInt(text) < MOST && BigInt(text) >= -MOST
  return /^(-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(text) && isDouble(text)
}

/** Beyond the range of doubles PostgreSQL fails where JavaScript rounds to 0 or infinity. */
function isDouble(text: string): boolean {
  if (text.endsWith('Infinity')) return true
  const number = Number(text)
  return Number.isFinite(number) && (number !== 0 || !/[1-9]/.test(text.replace(/e.*/, '')))
}
