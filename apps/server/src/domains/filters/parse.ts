import { type Clause, type Comparator, COMPARATORS, type Filter, type Operand } from './filter.ts'
import { beginnings, quoted, readField, unexpected, type WrittenField } from './fields.ts'
import type { FilterKind } from './kinds.ts'
import { type Reader, readerOf } from './reader.ts'
import { nearest } from './refusal.ts'
import type { Token } from './tokens.ts'

export const MOST_CLAUSES = 1_000
export const DEEPEST = 64

/** What a filter's text says; undefined where it says nothing. Fails with `invalid_request`, the message being MLflow's
 *  where it has one, and a `Complaint` in its details. */
export function parseFilter(kind: FilterKind, text: string | undefined): Filter | undefined {
  if (text === undefined) return undefined
  const reader = readerOf(text, 'filter string', 'filter')
  if (reader.ahead().is === 'end') return undefined
  const filter = either({ reader, kind, count: { clauses: 0 } }, 0)
  const rest = reader.ahead()
  if (rest.is !== 'end') throw unexpected(reader, rest, ['AND', 'OR'])
  return filter
}

interface Parsing {
  readonly reader: Reader
  readonly kind: FilterKind
  readonly count: { clauses: number }
}

type Level = (parsing: Parsing, depth: number) => Filter

const joined =
  (is: 'and' | 'or', part: Level): Level =>
  (parsing, depth) => {
    const parts = [part(parsing, depth)]
    while (parsing.reader.take(is) !== undefined) parts.push(part(parsing, depth))
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { is, parts }
  }

const one: Level = (parsing, depth) => {
  const { reader } = parsing
  if (depth > DEEPEST)
    throw reader.refuse(`The filter is nested more than ${DEEPEST} levels deep.`, place(reader.ahead()))
  if (isNegation(reader)) {
    reader.next()
    return { is: 'not', part: one(parsing, depth + 1) }
  }
  if (reader.take('(') === undefined) return clause(parsing)
  const inner = either(parsing, depth + 1)
  if (reader.take(')') === undefined) throw unexpected(reader, reader.ahead(), [')', 'AND', 'OR'])
  return inner
}
const all = joined('and', one)
const either = joined('or', all)

const isNegation = (reader: Reader) => reader.ahead().is === 'word' && reader.ahead().text.toLowerCase() === 'not'

function clause({ reader, kind, count }: Parsing): Clause {
  if (++count.clauses > MOST_CLAUSES)
    throw reader.refuse(`The filter has more than ${MOST_CLAUSES} clauses.`, place(reader.ahead()))
  if (reader.ahead().is === 'end') throw unexpected(reader, reader.ahead(), beginnings(kind))
  const written = readField(reader, kind)
  const comparator = readComparator(reader, written)
  return { is: 'clause', field: written.field, comparator, operands: readOperands(reader, written, comparator) }
}

const SIGNS: ReadonlySet<string> = new Set(COMPARATORS)

function readComparator(reader: Reader, written: WrittenField): Comparator {
  const { comparators } = written.terms
  const first = reader.next()
  const words = [first]
  const lower = first.text.toLowerCase()
  if (lower === 'not') words.push(reader.next())
  if (lower === 'is') {
    const not = reader.take('not')
    words.push(...(not === undefined ? [] : [not]), reader.next())
  }
  const said = words.map(({ text }) => text.toLowerCase()).join(' ')
  const known = comparators.find((comparator) => comparator === said)
  if (known !== undefined && words.every(({ is }) => is === 'sign' || is === 'word')) return known
  const last = words.at(-1) ?? first
  const found = reader.text.slice(first.at, last.at + last.raw.length)
  const at = { at: first.at, length: found.length, expected: comparators.map((one) => one.toUpperCase()) }
  if (first.is === 'end' || first.is === 'number' || (first.is === 'sign' && '(),'.includes(first.text)))
    throw unexpected(reader, first, at.expected)
  const meant = said === '==' ? '=' : said === '<>' ? '!=' : SIGNS.has(said) ? undefined : nearest(said, comparators)
  throw reader.refuse(
    `Invalid comparator '${found.slice(0, 100)}' for ${written.says} '${written.field.key}'. Valid comparators are ${quoted(at.expected)}`,
    at,
    meant?.toUpperCase(),
  )
}

function readOperands(reader: Reader, written: WrittenField, comparator: Comparator): Operand[] {
  if (comparator === 'is null' || comparator === 'is not null') return []
  if (comparator !== 'in' && comparator !== 'not in') return [readOperand(reader, written, comparator)]
  if (reader.take('(') === undefined) throw unexpected(reader, reader.ahead(), ['('])
  const empty = reader.take(')')
  if (empty !== undefined)
    throw reader.refuse(
      'While parsing a list in the query, expected a non-empty list of string values, but got empty list',
      place(empty),
    )
  const operands = [readOperand(reader, written, comparator)]
  while (reader.take(',') !== undefined) {
    if (reader.ahead().text === ')' && reader.ahead().is === 'sign') break
    operands.push(readOperand(reader, written, comparator))
  }
  if (reader.take(')') === undefined) throw unexpected(reader, reader.ahead(), [',', ')'])
  return operands
}

const PATTERNS: ReadonlySet<Comparator> = new Set(['like', 'ilike', 'rlike'])
const ORDERED: ReadonlySet<Comparator> = new Set(['<', '<=', '>', '>='])

function readOperand(reader: Reader, { terms, says, field }: WrittenField, comparator: Comparator): Operand {
  const token = reader.next()
  if (token.is === 'end') throw unexpected(reader, token, [terms.type === 'number' ? 'a number' : 'a quoted text'])
  const isText = token.is === 'single' || token.is === 'double'
  const takesText = terms.type === 'text' || (terms.type === 'either' && !ORDERED.has(comparator))
  const takesNumber = terms.type === 'number' || (terms.type === 'either' && !PATTERNS.has(comparator))
  if (isText && takesText) return token.text
  if (token.is === 'number' && takesNumber) return Number(token.text)
  const found = token.raw.slice(0, 100)
  if (takesNumber) {
    const what = field.of === 'attribute' ? `numeric attribute: ${field.key}` : says
    throw reader.refuse(`Expected numeric value type for ${what}. Found ${found}`, {
      ...place(token),
      expected: ['a number'],
    })
  }
  throw reader.refuse(`Expected a quoted string value for ${says} (e.g. 'my-value'). Got value ${found}`, {
    ...place(token),
    expected: [`'${found.replaceAll("'", "''")}'`],
  })
}

const place = (token: Token) => ({ at: token.at, length: token.raw.length })
