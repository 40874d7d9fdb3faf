import { inlineOf } from './markdown-inline.ts'
import type { Inline } from './markdown-inline.ts'

export type Block =
  | { readonly is: 'heading'; readonly level: number; readonly inline: readonly Inline[] }
  | { readonly is: 'paragraph'; readonly inline: readonly Inline[] }
  | { readonly is: 'code'; readonly text: string }
  | { readonly is: 'list'; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly is: 'quote'; readonly blocks: readonly Block[] }
  | { readonly is: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly is: 'rule' }

const DEEPEST = 12

/** Reads the common part of Markdown: headings, paragraphs, code, lists, quotes, tables, rules. HTML in it is text. */
export function readMarkdown(text: string): Block[] {
  return blocksOf(
    text
      .replace(/^\uFEFF/, '')
      .replaceAll('\t', '    ')
      .split(/\r?\n/),
    0,
  )
}

interface Taken {
  readonly block: Block
  /** The lines that it took. */
  readonly lines: number
}

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < lines.length;) {
    if (lines[at]!.trim() === '') {
      at++
      continue
    }
    const taken = takeBlock(lines, at, depth)
    blocks.push(taken.block)
    at += taken.lines
  }
  return blocks
}

function takeBlock(lines: readonly string[], at: number, depth: number): Taken {
  const line = lines[at]!
  const heading = /^ {0,3}(#{1,6})(?: +(.*))?$/.exec(line)
  if (heading) {
    const words = (heading[2] ?? '').replace(/ +#+ *$/, '')
    return { block: { is: 'heading', level: heading[1]!.length, inline: inlineOf(words) }, lines: 1 }
  }
  if (isRule(line)) return { block: { is: 'rule' }, lines: 1 }
  return (
    takeFence(lines, at) ??
    (depth < DEEPEST ? (takeQuote(lines, at, depth) ?? takeList(lines, at, depth)) : undefined) ??
    takeTable(lines, at) ??
    takeIndented(lines, at) ??
    takeParagraph(lines, at)
  )
}

const isRule = (line: string) => /^ {0,3}([-*_])(?: *\1){2,} *$/.test(line)
const FENCE = /^( {0,3})(`{3,}|~{3,})([^`]*)$/
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?: +(?=\S)|$)/

function takeFence(lines: readonly string[], at: number): Taken | undefined {
  const open = FENCE.exec(lines[at]!)
  if (!open) return undefined
  const [, indent, fence] = open as unknown as [string, string, string]
  let end = at + 1
  while (end < lines.length && !isClosing(lines[end]!, fence)) end++
  const text = lines
    .slice(at + 1, end)
    .map((line) => (line.slice(0, indent.length).trim() === '' ? line.slice(indent.length) : line))
    .join('\n')
  return { block: { is: 'code', text }, lines: Math.min(end + 1, lines.length) - at }
}

const isClosing = (line: string, fence: string) => {
  const text = line.trim()
  return text.length >= fence.length && text === fence[0]!.repeat(text.length)
}

function takeQuote(lines: readonly string[], at: number, depth: number): Taken | undefined {
  if (!/^ {0,3}>/.test(lines[at]!)) return undefined
  let end = at
  while (end < lines.length && /^ {0,3}>/.test(lines[end]!)) end++
  const inner = lines.slice(at, end).map((line) => line.replace(/^ {0,3}> ?/, ''))
  return { block: { is: 'quote', blocks: blocksOf(inner, depth + 1) }, lines: end - at }
}

function takeList(lines: readonly string[], at: number, depth: number): Taken | undefined {
  const first = ITEM.exec(lines[at]!)
  if (!first) return undefined
  const kind = first[2]!.replace(/\d+/, '')
  const items: Block[][] = []
  let end = at
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]!)
    if (!item || item[2]!.replace(/\d+/, '') !== kind || isRule(lines[end]!)) break
    const next = endOfItem(lines, end, item[0].length)
    const inner = [lines[end]!.slice(item[0].length), ...lines.slice(end + 1, next).map(outdented(item[0].length))]
    items.push(blocksOf(inner, depth + 1))
    end = next
  }
  const number = parseInt(first[2]!, 10)
  return { block: { is: 'list', start: Number.isNaN(number) ? undefined : number, items }, lines: end - at }
}

/** An item goes on in lines that are indented under it, and in those that go on with its last paragraph. */
function endOfItem(lines: readonly string[], from: number, indent: number): number {
  let end = from + 1
  for (; end < lines.length; end++) {
    const line = lines[end]!
    if (line.trim() === '') continue
    const isUnder = line.slice(0, Math.min(indent, 2)).trim() === ''
    if (!isUnder && (lines[end - 1]!.trim() === '' || startsBlock(line))) break
  }
  while (lines[end - 1]!.trim() === '' && end - 1 > from) end--
  // The empty lines belong to the list where it goes on behind them.
  let next = end
  while (next < lines.length && lines[next]!.trim() === '') next++
  return next < lines.length && ITEM.test(lines[next]!) ? next : end
}

const outdented = (indent: number) => (line: string) => {
  const own = line.length - line.trimStart().length
  return line.slice(Math.min(own, indent))
}

const startsBlock = (line: string) =>
  ITEM.test(line) || FENCE.test(line) || isRule(line) || /^ {0,3}(#{1,6} |>)/.test(line)

const DIVIDER = /^ {0,3}\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/

function takeTable(lines: readonly string[], at: number): Taken | undefined {
  const divider = lines[at + 1]
  if (!lines[at]!.includes('|') || divider === undefined || !divider.includes('-')) return undefined
  if (divider.length > 2000 || !DIVIDER.test(divider)) return undefined
  const columns = cellsOf(divider).length
  if (cellsOf(lines[at]!).length !== columns) return undefined
  let end = at + 2
  while (end < lines.length && lines[end]!.includes('|')) end++
  const rows = [lines[at]!, ...lines.slice(at + 2, end)].map((line) => {
    const cells = cellsOf(line)
    return Array.from({ length: columns }, (_, column) => inlineOf(cells[column] ?? ''))
  })
  return { block: { is: 'table', rows }, lines: end - at }
}

const cellsOf = (line: string) =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'))

function takeIndented(lines: readonly string[], at: number): Taken | undefined {
  let end = at
  while (end < lines.length && (lines[end]!.startsWith('    ') || (end > at && lines[end]!.trim() === ''))) end++
  if (end === at) return undefined
  const text = lines.slice(at, end).map((line) => line.slice(4))
  return { block: { is: 'code', text: text.join('\n').trimEnd() }, lines: end - at }
}

const UNDERLINE = /^ {0,3}(=+|-+) *$/

function takeParagraph(lines: readonly string[], at: number): Taken {
  for (let end = at + 1; ; end++) {
    const line = lines[end]
    const inline = () => inlineOf(joined(lines.slice(at, end)))
    const underline = line === undefined ? null : UNDERLINE.exec(line)
    if (underline) {
      const level = underline[1]!.startsWith('=') ? 1 : 2
      return { block: { is: 'heading', level, inline: inline() }, lines: end + 1 - at }
    }
    if (line === undefined || line.trim() === '' || startsBlock(line))
      return { block: { is: 'paragraph', inline: inline() }, lines: end - at }
  }
}

/** Two spaces or a backslash at its end keep the end of a line. */
const joined = (lines: readonly string[]) =>
  lines
    .map((line) => line.trimStart())
    .join('\n')
    .trimEnd()
    .replaceAll(/( {2,}|\\)?\n/g, (_, kept: string | undefined) => (kept === undefined ? ' ' : '\n'))
