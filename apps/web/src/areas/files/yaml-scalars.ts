export type Yaml = string | number | boolean | null | readonly Yaml[] | ReadonlyMap<string, Yaml>

/** A document that is not of the part of YAML that is read here. */
export class YamlError extends Error {}

export interface Read<T> {
  readonly value: T
  /** The place behind it. */
  readonly end: number
}

/** A plain scalar by the core schema of YAML 1.2. A number that would not be written like that again stays text. */
export function readWord(text: string): string | number | boolean | null {
  if (text === '' || text === '~' || /^(null|Null|NULL)$/.test(text)) return null
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  return /^-?\d/.test(text) && String(Number(text)) === text ? Number(text) : text
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** The quoted text that begins at a place, undefined where it is not closed. Ends of lines in it are folded. */
export function readQuoted(text: string, from: number): Read<string> | undefined {
  return text[from] === "'" ? readSingle(text, from) : readDouble(text, from)
}

function readSingle(text: string, from: number): Read<string> | undefined {
  let value = ''
  for (let at = from + 1; ;) {
    const quote = text.indexOf("'", at)
    if (quote < 0) return undefined
    value += text.slice(at, quote)
    if (text[quote + 1] !== "'") return { value: unfolded(value), end: quote + 1 }
    value += "'"
    at = quote + 2
  }
}

function readDouble(text: string, from: number): Read<string> | undefined {
  let value = ''
  for (let at = from + 1; at < text.length;) {
    const char = text[at]!
    if (char === '"') return { value, end: at + 1 }
    if (char === '\n') {
      const breaks = /^\n+/.exec(text.slice(at, at + 1000))![0].length
      value += breaks > 1 ? '\n'.repeat(breaks - 1) : ' '
      at += breaks
    } else if (char !== '\\') {
      value += char
      at++
    } else if (text[at + 1] === '\n') at += 2
    else {
      const escape = escaped(text, at + 1)
      if (!escape) return undefined
      value += escape.value
      at = escape.end
    }
  }
  return undefined
}

function escaped(text: string, at: number): Read<string> | undefined {
  const name = text[at]
  if (name === undefined) return undefined
  const simple = ESCAPES[name]
  if (simple !== undefined) return { value: simple, end: at + 1 }
  const digits = text.slice(at + 1, at + 1 + (HEX[name] ?? 0))
  if (!(name in HEX) || !/^[\da-f]+$/i.test(digits) || digits.length < HEX[name]!)
    throw new YamlError(`“\\${name}” is no escape`)
  const code = parseInt(digits, 16)
  if (code > 0x10ffff) throw new YamlError('there is no such character')
  return { value: String.fromCodePoint(code), end: at + 1 + digits.length }
}

/** One end of line is a space, several are one less. */
const unfolded = (text: string) => text.replaceAll(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1)))

const DEEPEST = 40

/** The `[…]` or `{…}` that begins at a place, undefined where it is not closed. */
export function readFlow(text: string, from: number, depth = 0): Read<Yaml> | undefined {
  if (depth > DEEPEST) throw new YamlError('this is nested too deeply')
  const isList = text[from] === '['
  const closing = isList ? ']' : '}'
  const items: Yaml[] = []
  const mapping = new Map<string, Yaml>()
  for (let at = skip(text, from + 1); ;) {
    if (at >= text.length) return undefined
    if (text[at] === closing) return { value: isList ? items : mapping, end: at + 1 }
    const first = readFlowValue(text, at, depth)
    if (!first) return undefined
    at = skip(text, first.end)
    if (isList) items.push(first.value)
    else {
      if (typeof first.value === 'object' && first.value !== null) throw new YamlError('a key is a text')
      const isGiven = text[at] === ':'
      const value = isGiven ? readFlowValue(text, skip(text, at + 1), depth) : { value: null, end: at }
      if (!value) return undefined
      const key = String(first.value)
      if (mapping.has(key)) throw new YamlError(`${key} is there twice`)
      mapping.set(key, value.value)
      at = skip(text, value.end)
    }
    if (text[at] === ',') at = skip(text, at + 1)
    else if (at < text.length && text[at] !== closing) throw new YamlError('a comma is missing')
  }
}

function readFlowValue(text: string, at: number, depth: number): Read<Yaml> | undefined {
  const first = text[at]
  if (first === undefined) return undefined
  if (first === '[' || first === '{') return readFlow(text, at, depth + 1)
  if (first === '"' || first === "'") return readQuoted(text, at)
  if ('&*!%@`|>'.includes(first)) throw new YamlError(`“${first}” is not read here`)
  let end = at
  while (end < text.length && !',[]{}\n'.includes(text[end]!) && !/^:(?:[\s,[\]{}]|$)/.test(text.slice(end, end + 2)))
    end++
  return { value: readWord(text.slice(at, end).trim()), end }
}

function skip(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at]!)) at++
  return at
}
