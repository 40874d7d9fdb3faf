/** The text of a filter as it is being written: read leniently, for colours, completion and chips. What it means is
 *  the server's to say. */
export type PieceRole = 'field' | 'operator' | 'value' | 'joint' | 'paren' | 'wrong'

export interface Piece {
  readonly role: PieceRole
  readonly raw: string
  readonly at: number
  /** What was expected where it stands. */
  readonly before: Expectation
}

/** What may come next, and of which comparison. */
export interface Expectation {
  readonly expects: 'field' | 'operator' | 'value' | 'more values' | 'joint'
  /** As written: `params.algo`. */
  readonly field?: string
  readonly operator?: string
  readonly depth: number
}

const TOKEN =
  /`(?:[^`]|``)*(?:`|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|==|!=|<>|<=|>=|[=<>(),]|[+-]?\.?\d[\d.]*(?:[eE][+-]?\d+)?(?![\p{L}\p{N}\p{M}_.\-/:@])|[\p{L}\p{N}\p{M}_][\p{L}\p{N}\p{M}_.\-/:@]*|\S/gu
const SIGNS = new Set(['=', '==', '!=', '<>', '<', '<=', '>', '>='])
const WORDS = new Set(['like', 'ilike', 'in', 'not', 'is', 'null'])
const START: Expectation = { expects: 'field', depth: 0 }

interface Raw {
  readonly raw: string
  readonly at: number
}

/** `` metrics.`a b` `` is two tokens and one name. */
function tokensOf(text: string): Raw[] {
  const tokens: Raw[] = []
  for (const { 0: raw, index: at } of text.matchAll(TOKEN)) {
    const last = tokens.at(-1)
    const joins =
      last !== undefined && /[`"]/.test(raw[0]!) && last.raw.endsWith('.') && last.at + last.raw.length === at
    if (joins) tokens[tokens.length - 1] = { raw: last.raw + raw, at: last.at }
    else tokens.push({ raw, at })
  }
  return tokens
}

/** The pieces of a text, and what would be expected after the last. */
export function readFilter(text: string): { readonly pieces: readonly Piece[]; readonly after: Expectation } {
  const pieces: Piece[] = []
  let now = START
  for (const token of tokensOf(text)) {
    const [role, next] = step(token.raw, now)
    pieces.push({ ...token, role, before: now })
    now = next
  }
  return { pieces, after: now }
}

function step(raw: string, now: Expectation): [PieceRole, Expectation] {
  const lower = raw.toLowerCase()
  const { depth, field, operator } = now
  const of = { depth, ...(field === undefined ? {} : { field }) }
  if (now.expects === 'field') {
    if (lower === 'not') return ['joint', now]
    if (raw === '(') return ['paren', { expects: 'field', depth: depth + 1 }]
    if (/^[\p{L}\p{N}\p{M}_`"]/u.test(raw)) return ['field', { expects: 'operator', depth, field: raw }]
  } else if (now.expects === 'operator') {
    const said = operator === undefined ? lower : `${operator} ${lower}`
    if (SIGNS.has(raw)) return ['operator', { expects: 'value', ...of, operator: raw }]
    if (!WORDS.has(lower)) return ['wrong', now]
    if (lower === 'null') return ['operator', { expects: 'joint', depth }]
    const isWhole = lower === 'like' || lower === 'ilike' || lower === 'in'
    return ['operator', { expects: isWhole ? 'value' : 'operator', ...of, operator: said }]
  } else if (now.expects === 'value') {
    if (raw === '(' && operator?.endsWith('in')) return ['paren', now]
    if (raw !== ',' && raw !== ')' && raw !== '(')
      return ['value', operator?.endsWith('in') ? { ...now, expects: 'more values' } : { expects: 'joint', depth }]
  } else if (now.expects === 'more values') {
    if (raw === ',') return ['paren', { ...now, expects: 'value' }]
    if (raw === ')') return ['paren', { expects: 'joint', depth }]
  } else {
    if (lower === 'and' || lower === 'or') return ['joint', { expects: 'field', depth }]
    if (raw === ')' && depth > 0) return ['paren', { expects: 'joint', depth: depth - 1 }]
  }
  return ['wrong', now]
}

/** Whether it could be asked as it is. */
export function isWhole(text: string): boolean {
  const { pieces, after } = readFilter(text)
  if (pieces.length === 0) return true
  return (
    after.expects === 'joint' && after.depth === 0 && pieces.every(({ role, raw }) => role !== 'wrong' && isClosed(raw))
  )
}

const isClosed = (raw: string) => !/^['"`]/.test(raw) || (raw.length > 1 && raw.endsWith(raw[0]!))

/** Where something is being typed: what is expected there, how it begins, and what it stands in place of. */
export interface Typing {
  readonly expectation: Expectation
  readonly partial: string
  readonly from: number
  readonly to: number
}

export function typingAt(text: string, caret: number): Typing {
  const { pieces, after } = readFilter(text)
  const inside = pieces.find(
    ({ at, raw, role }) => at < caret && caret <= at + raw.length && (role !== 'paren' || caret < at + raw.length),
  )
  const isDone =
    inside !== undefined &&
    (SIGNS.has(inside.raw) ||
      (/^['"]/.test(inside.raw) && isClosed(inside.raw) && caret === inside.at + inside.raw.length))
  if (inside && !isDone)
    return {
      expectation: inside.before,
      partial: text.slice(inside.at, caret),
      from: inside.at,
      to: inside.at + inside.raw.length,
    }
  const next = pieces.find(({ at }) => at >= caret)
  return { expectation: next?.before ?? after, partial: '', from: caret, to: caret }
}

/** The parts that must all hold, where the text is just that: each with its place. */
export function conjunctsOf(text: string): { readonly text: string; readonly from: number; readonly to: number }[] {
  const { pieces } = readFilter(text)
  if (pieces.length === 0) return []
  const atTop = (piece: Piece, word: string) =>
    piece.raw.toLowerCase() === word && piece.role === 'joint' && piece.before.depth === 0
  if (pieces.some((piece) => atTop(piece, 'or'))) return [{ text: text.trim(), from: 0, to: text.length }]
  const cuts = pieces.filter((piece) => atTop(piece, 'and'))
  const edges = [0, ...cuts.flatMap(({ at, raw }) => [at, at + raw.length]), text.length]
  return Array.from({ length: edges.length / 2 }, (_, index) => {
    const from = edges[index * 2]!
    const to = edges[index * 2 + 1]!
    return { text: text.slice(from, to).trim(), from, to }
  }).filter((part) => part.text !== '')
}

/** The text without one of its parts. */
export function withoutConjunct(text: string, index: number): string {
  return conjunctsOf(text)
    .flatMap((part, at) => (at === index ? [] : [part.text]))
    .join(' AND ')
}

/** Both must hold. */
export const both = (filter: string, more: string): string => (filter.trim() === '' ? more : `(${filter}) AND ${more}`)
