import { SteadError } from '@stead/contracts'
import type { Field, Order } from './filter.ts'
import { quoted, readField, unexpected } from './fields.ts'
import type { FilterKind } from './kinds.ts'
import { readerOf } from './reader.ts'

const MOST_ORDERS = 32

/** What is sorted by: `metrics.loss DESC`, `run_name`, …; ascending where nothing is said. A field that is named again
 *  decides nothing and is left out. Fails like `parseFilter`, `where` being the clause's place in the list. */
export function parseOrder(kind: FilterKind, clauses: readonly string[] = []): Order[] {
  if (clauses.length > MOST_ORDERS)
    throw new SteadError('invalid_request', `At most ${MOST_ORDERS} order_by clauses are read.`, { where: 'order_by' })
  const seen = new Set<string>()
  return clauses
    .map((clause, at) => parseOne(kind, clause, `order_by.${at}`))
    .filter(({ field }) => {
      const name = `${field.of} ${field.key}`
      return !seen.has(name) && seen.add(name)
    })
}

/** A field by itself: `params.lr`, `status`. */
export function parseField(kind: FilterKind, text: string, where: string): Field {
  const reader = readerOf(text, 'field', where)
  const { field } = readField(reader, kind)
  const rest = reader.ahead()
  if (rest.is !== 'end') throw unexpected(reader, rest, [])
  return field
}

function parseOne(kind: FilterKind, clause: string, where: string): Order {
  const reader = readerOf(clause, 'order_by clause', where)
  const { field, terms, says, at, length } = readField(reader, kind)
  if (!terms.sorts) {
    const keys = Object.entries(kind.attribute?.named ?? {}).flatMap(([key, { sorts }]) => (sorts ? [key] : []))
    throw reader.refuse(
      `Invalid order_by clause '${clause.slice(0, 100)}': the ${says} '${field.key}' cannot be sorted by. Valid keys are ${quoted(keys)}`,
      { at, length, expected: keys },
    )
  }
  const descending = reader.take('asc') === undefined && reader.take('desc') !== undefined
  const rest = reader.ahead()
  if (rest.is !== 'end') throw unexpected(reader, rest, ['ASC', 'DESC'])
  return { field, descending }
}
