import { readFlow, readQuoted, readWord, YamlError } from './yaml-scalars.ts'
import type { Yaml } from './yaml-scalars.ts'

const LARGEST = 1 << 20
const DEEPEST = 40

interface Line {
  readonly indent: number
  /** Without its indent. */
  readonly text: string
}

/** Reads the part of YAML 1.2 that tools write into MLmodel and environment files: mappings, lists, quoted, plain and
 *  block scalars, flow collections. Mappings become maps, so that no key has a meaning. Anchors, tags and whatever else
 *  could make more of a document than is written there are refused with YamlError. */
export function readYaml(text: string): Yaml {
  if (text.length > LARGEST) throw new YamlError('the document is too large')
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => ({ indent: line.length - line.trimStart().length, text: line.trim() }))
  const reader: Reader = { lines, row: 0, depth: 0 }
  if (nextLine(reader)?.text === '---') reader.row++
  const first = nextLine(reader)
  if (!first) return null
  const value = readBlock(reader, first.indent)
  const rest = nextLine(reader)
  if (rest && rest.text !== '...') throw failure(reader, 'this does not belong to what stands before it')
  return value
}

interface Reader {
  readonly lines: Line[]
  row: number
  depth: number
}

const failure = (reader: Reader, says: string) => new YamlError(`line ${reader.row + 1}: ${says}`)

/** The line that comes next, past what says nothing. */
function nextLine(reader: Reader): Line | undefined {
  while (reader.row < reader.lines.length) {
    const line = reader.lines[reader.row]!
    if (line.text !== '' && !line.text.startsWith('#')) return line
    reader.row++
  }
  return undefined
}

const isItem = (text: string) => text === '-' || text.startsWith('- ')

function readBlock(reader: Reader, indent: number): Yaml {
  if (++reader.depth > DEEPEST) throw failure(reader, 'this is nested too deeply')
  const { text } = nextLine(reader)!
  const value = isItem(text)
    ? readList(reader, indent)
    : keyOf(text) !== undefined
      ? readMapping(reader, indent)
      : readValue(reader, text, indent - 1)
  reader.depth--
  return value
}

function readList(reader: Reader, indent: number): Yaml {
  const items: Yaml[] = []
  for (let line = nextLine(reader); line?.indent === indent && isItem(line.text); line = nextLine(reader)) {
    const rest = line.text.slice(1).trimStart()
    const inner = indent + line.text.length - rest.length
    if (rest !== '' && (isItem(rest) || keyOf(rest) !== undefined)) {
      // What stands behind the dash is a block of its own, as if the dash were a space.
      reader.lines[reader.row] = { indent: inner, text: rest }
      items.push(readBlock(reader, inner))
    } else items.push(readValue(reader, rest, indent))
  }
  const after = nextLine(reader)
  if (after && after.indent > indent) throw failure(reader, 'this is indented further than the list it is in')
  return items
}

function readMapping(reader: Reader, indent: number): Yaml {
  const mapping = new Map<string, Yaml>()
  for (let line = nextLine(reader); line?.indent === indent; line = nextLine(reader)) {
    const found = keyOf(line.text)
    if (!found) break
    if (mapping.has(found.key)) throw failure(reader, `${found.key} is there twice`)
    mapping.set(found.key, readValue(reader, found.rest, indent, true))
  }
  const after = nextLine(reader)
  if (after && after.indent > indent) throw failure(reader, 'this is indented further than the mapping it is in')
  return mapping
}

/** What stands behind a key or a dash, the lines below included. */
function readValue(reader: Reader, rest: string, indent: number, isOfKey = false): Yaml {
  if (rest === '' || rest.startsWith('#')) {
    reader.row++
    const next = nextLine(reader)
    const isBelow = next && (next.indent > indent || (isOfKey && next.indent === indent && isItem(next.text)))
    return isBelow ? readBlock(reader, next.indent) : null
  }
  const first = rest[0]!
  if ('&*!%@`'.includes(first)) throw failure(reader, `“${first}” is not read here`)
  if (first === '|' || first === '>') return readBlockScalar(reader, rest, indent)
  const isOpen = first === '"' || first === "'" || first === '[' || first === '{'
  if (!isOpen) return readWord(takeFolded(reader, rest, indent))
  return readEnclosed(reader, rest, first)
}

/** A plain scalar goes on in the lines that are indented further. */
function takeFolded(reader: Reader, rest: string, indent: number): string {
  let text = withoutComment(rest)
  reader.row++
  for (let line = reader.lines[reader.row]; line && line.text !== '' && line.indent > indent;) {
    if (line.text.startsWith('#')) break
    if (keyOf(line.text)) throw failure(reader, 'a mapping cannot begin here')
    text += ` ${withoutComment(line.text)}`
    line = reader.lines[++reader.row]
  }
  return text
}

const withoutComment = (text: string) => text.replace(/(?:^|\s)#.*$/, '').trimEnd()

/** Quoted text and flow collections end where they are closed, on whatever line that is. */
function readEnclosed(reader: Reader, rest: string, first: string): Yaml {
  const read = first === '[' || first === '{' ? readFlow : readQuoted
  // Twice as many lines each time, so that a long text is not read once per line.
  for (let count = 1; ; count *= 2) {
    const more = reader.lines.slice(reader.row + 1, reader.row + count)
    const text = [rest, ...more.map((line) => line.text)].join('\n')
    const found = read(text, 0)
    if (found) {
      const behind = text.slice(found.end).split('\n', 1)[0]!
      if (withoutComment(behind).trim() !== '') throw failure(reader, 'something stands behind the end')
      reader.row += text.slice(0, found.end).split('\n').length
      return found.value
    }
    if (reader.row + count >= reader.lines.length) throw failure(reader, `what closes ${first} is missing`)
  }
}

function readBlockScalar(reader: Reader, rest: string, indent: number): string {
  const header = /^([|>])(?:([-+])([1-9])?|([1-9])([-+])?)?(?:\s+#.*)?$/.exec(rest)
  if (!header) throw failure(reader, 'the head of a block of text is not read here')
  const chomp = header[2] ?? header[5] ?? ''
  const told = header[3] ?? header[4]
  reader.row++
  const block: Line[] = []
  for (let line = reader.lines[reader.row]; line && (line.text === '' || line.indent > indent);) {
    block.push(line)
    line = reader.lines[++reader.row]
  }
  const base = told ? Math.max(indent, 0) + Number(told) : (block.find(({ text }) => text !== '')?.indent ?? 0)
  const texts = block.map((line) => (line.text === '' ? '' : ' '.repeat(Math.max(line.indent - base, 0)) + line.text))
  const whole = header[1] === '|' ? texts.join('\n') : folded(texts)
  const trimmed = whole.replace(/\n+$/, '')
  return chomp === '-' || trimmed === '' ? trimmed : chomp === '+' ? `${whole}\n` : `${trimmed}\n`
}

function folded(lines: readonly string[]): string {
  let text = ''
  for (const [at, line] of lines.entries()) {
    if (at === 0) text = line
    else if (line === '') text += '\n'
    else text += (text.endsWith('\n') || text === '' ? '' : ' ') + line
  }
  return text
}

/** The key that a line begins with, and what follows it. */
function keyOf(text: string): { key: string; rest: string } | undefined {
  if (text.startsWith('"') || text.startsWith("'")) {
    const quoted = readQuoted(text, 0)
    const rest = quoted && /^\s*:(?:\s+(.*))?$/.exec(text.slice(quoted.end))
    return rest ? { key: quoted.value, rest: rest[1] ?? '' } : undefined
  }
  if (/^[[{#&*!|>%@`]/.test(text)) return undefined
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const next = text[at + 1]
    if (next !== undefined && next !== ' ' && next !== '\t') continue
    const key = text.slice(0, at).trimEnd()
    return key === '' || /\s#/.test(key) ? undefined : { key, rest: text.slice(at + 1).trim() }
  }
  return undefined
}
