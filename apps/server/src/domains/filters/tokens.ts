import { type Complaint } from './filter.ts'
import { refusal } from './refusal.ts'

/** A piece of a filter's text, and where it stands. */
export interface Token {
  readonly is: 'word' | 'number' | 'single' | 'double' | 'backtick' | 'sign' | 'end'
  /** What is meant: without quotes, doubled quotes undone. */
  readonly text: string
  /** As written. */
  readonly raw: string
  readonly at: number
}

export const MOST_CHARACTERS = 1_000_000

const SPACE = /\s+/y
// Two forms, for one that does both takes time that grows with the square of a row of digits.
const DIGITS = /[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?/y
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const GOES_ON = /[\p{L}\p{N}\p{M}_.\-/:@]/uy
const MOST_DIGITS = 400
const WORD = /[\p{L}\p{N}\p{M}_][\p{L}\p{N}\p{M}_.\-/:@]*/uy
const SIGN = /==|!=|<>|<=|>=|[=<>(),]/y
const QUOTES = { "'": 'single', '"': 'double', '`': 'backtick' } as const

/** Cuts a text into tokens, the last of which is the end. What is none fails with its place. */
export function tokensOf(text: string): Token[] {
  if (text.length > MOST_CHARACTERS)
    throw refusal(`The filter is ${text.length} characters long; at most ${MOST_CHARACTERS} are read.`, span(0, 0))
  const nul = text.indexOf('\0')
  if (nul >= 0) throw refusal('The filter holds a NUL character, which no text here can hold.', span(nul, 1))
  const tokens: Token[] = []
  let at = matched(SPACE, text, 0)?.[0].length ?? 0
  while (at < text.length) {
    const token = tokenAt(text, at)
    tokens.push(token)
    at += token.raw.length
    at += matched(SPACE, text, at)?.[0].length ?? 0
  }
  return [...tokens, { is: 'end', text: '', raw: '', at: text.length }]
}

function tokenAt(text: string, at: number): Token {
  const number = numberAt(text, at)
  if (number !== undefined) return { is: 'number', text: number, raw: number, at }
  for (const [is, form] of [
    ['word', WORD],
    ['sign', SIGN],
  ] as const) {
    const raw = matched(form, text, at)?.[0]
    if (raw !== undefined) return { is, text: raw, raw, at }
  }
  const quote = text.charAt(at)
  if (quote === "'" || quote === '"' || quote === '`') return quotedAt(text, at, quote)
  throw invalid(text, at, 1)
}

function numberAt(text: string, at: number): string | undefined {
  const digits = matched(DIGITS, text, at)?.[0]
  if (digits === undefined || digits.length > MOST_DIGITS || !NUMBER.test(digits)) return undefined
  return matched(GOES_ON, text, at + digits.length) === null ? digits : undefined
}

// By hand: a regular expression keeps a way back for every character.
function quotedAt(text: string, at: number, quote: keyof typeof QUOTES): Token {
  let end = text.indexOf(quote, at + 1)
  while (end >= 0 && text[end + 1] === quote) end = text.indexOf(quote, end + 2)
  if (end < 0) throw invalid(text, at, text.length - at, ': the quote is not closed')
  const raw = text.slice(at, end + 1)
  return { is: QUOTES[quote], text: raw.slice(1, -1).replaceAll(quote + quote, quote), raw, at }
}

const invalid = (text: string, at: number, length: number, why = '') =>
  refusal(`Invalid clause(s) in filter string: '${text.slice(at, at + 100)}'${why}`, span(at, length))

function matched(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at
  return form.exec(text)
}

const span = (at: number, length: number): Complaint => ({ at, length })
