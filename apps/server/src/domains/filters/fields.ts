import type { Field, Noun } from './filter.ts'
import type { FilterKind, NounTerms, Terms } from './kinds.ts'
import type { Reader } from './reader.ts'
import { nearest } from './refusal.ts'
import type { Token } from './tokens.ts'

/** A field as written, what may be said about it, and where it stands. */
export interface WrittenField {
  readonly field: Field
  readonly terms: Terms
  /** The noun in messages. */
  readonly says: string
  readonly at: number
  readonly length: number
}

interface Path {
  /** Undefined where the key stands alone, as attributes may. */
  readonly word: string | undefined
  readonly key: string
  readonly raw: string
  readonly at: number
}

/** Reads `metrics.loss`, `` tags.`my key` ``, `params."a b"` or a bare attribute. */
export function readField(reader: Reader, kind: FilterKind): WrittenField {
  const path = readPath(reader, kind)
  const [of, noun] = nounOf(path, kind, reader)
  const named = canonicalKey(path.key, noun)
  const terms = ownOf(noun.named, named)
  const place = { says: noun.says, at: path.at, length: path.raw.length }
  if (terms !== undefined) return { field: { of, key: named }, terms, ...place }
  if (noun.any === undefined || path.key === '' || !path.key.startsWith(noun.any.beginning ?? ''))
    throw unknownKey(path, noun, reader)
  return { field: { of, key: path.key }, terms: noun.any, ...place }
}

function readPath(reader: Reader, kind: FilterKind): Path {
  const first = reader.next()
  if (first.is === 'backtick' || first.is === 'double')
    return { word: undefined, key: first.text, raw: first.raw, at: first.at }
  if (first.is !== 'word') throw unexpected(reader, first, beginnings(kind))
  const quoted = reader.ahead()
  const joined = first.raw.endsWith('.') && (quoted.is === 'backtick' || quoted.is === 'double')
  const touching = quoted.at === first.at + first.raw.length
  const whole = joined && touching ? reader.next() : undefined
  const dot = first.text.indexOf('.')
  return {
    word: dot < 0 ? undefined : first.text.slice(0, dot),
    key: (dot < 0 ? first.text : first.text.slice(dot + 1)) + (whole?.text ?? ''),
    raw: first.raw + (whole?.raw ?? ''),
    at: first.at,
  }
}

function nounOf(path: Path, kind: FilterKind, reader: Reader): [Noun, NounTerms] {
  const nouns = Object.entries(kind) as Array<[Noun, NounTerms]>
  const found = nouns.find(([of, { words }]) =>
    path.word === undefined ? of === 'attribute' : words.includes(path.word),
  )
  if (found !== undefined) return found
  const words = nouns.flatMap((noun) => noun[1].words)
  const word = path.word ?? ''
  throw reader.refuse(
    `Invalid entity type '${word}'. Valid values are ${quoted(words)}`,
    { at: path.at, length: word.length, expected: words },
    nearest(word, words),
  )
}

/** `__proto__` and `constructor` are keys like others. */
const ownOf = <T>(record: Readonly<Record<string, T>> = {}, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

function canonicalKey(key: string, { named = {}, aliases = {} }: NounTerms): string {
  if (Object.hasOwn(named, key)) return key
  const folded = key.toLowerCase().replaceAll(' ', '_')
  const name = ownOf(aliases, folded) ?? folded
  return Object.hasOwn(named, name) ? name : key
}

function unknownKey(path: Path, noun: NounTerms, reader: Reader): Error {
  const keys = Object.keys(noun.named ?? {})
  return reader.refuse(
    `Invalid ${noun.says} key '${path.key}' specified. Valid keys are ${quoted(keys)}`,
    { at: path.at, length: path.raw.length, expected: keys },
    nearest(path.key, keys),
  )
}

/** What a clause may begin with, for those who complete it. */
export const beginnings = (kind: FilterKind): string[] => [
  ...Object.keys(kind.attribute?.named ?? {}),
  ...Object.values(kind).map(({ words }) => `${words[1] ?? words[0]}.`),
]

export function unexpected(reader: Reader, token: Token, expected: readonly string[]): Error {
  const found = token.is === 'end' ? reader.text : token.raw
  const place = { at: token.at, length: token.raw.length, expected }
  return reader.refuse(`Invalid clause(s) in ${reader.says}: '${found.slice(0, 100)}'`, place)
}

export const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ')
