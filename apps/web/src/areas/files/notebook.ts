import { readMarkdown } from './markdown.ts'
import type { Block } from './markdown.ts'

export type Output =
  | { readonly is: 'text'; readonly text: string; readonly isError: boolean }
  | { readonly is: 'image'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isSvg: boolean }
  | { readonly is: 'page'; readonly html: string }
  | { readonly is: 'markdown'; readonly blocks: readonly Block[] }
  | { readonly is: 'error'; readonly name: string; readonly says: string; readonly trace: string }
  /** Of a type that is not shown. */
  | { readonly is: 'other'; readonly type: string }

export type Cell =
  | { readonly is: 'markdown'; readonly blocks: readonly Block[] }
  | { readonly is: 'raw'; readonly text: string }
  | {
      readonly is: 'code'
      readonly text: string
      /** The how-manieth run of the session it was; null where it was not run. */
      readonly count: number | null
      readonly outputs: readonly Output[]
    }

export interface Notebook {
  readonly language: string | undefined
  readonly cells: readonly Cell[]
}

const MOST_CELLS = 2000
const MOST_OUTPUTS = 200
const LONGEST_TEXT = 200_000

/** Reads a notebook of Jupyter (nbformat 3 and 4). Throws SyntaxError for what is none. */
export function readNotebook(text: string): Notebook {
  const document = fields(JSON.parse(text))
  const sheet = Array.isArray(document.worksheets) ? fields(document.worksheets[0]) : document
  if (!Array.isArray(sheet.cells)) throw new SyntaxError('there are no cells in it')
  const { kernelspec, language_info: info } = fields(document.metadata)
  return {
    language: wordOf(fields(info).name) ?? wordOf(fields(kernelspec).language),
    cells: sheet.cells.slice(0, MOST_CELLS).map(cellOf),
  }
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const wordOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text, or its lines. */
function joined(value: unknown): string {
  const text = Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : (wordOf(value) ?? '')
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

function cellOf(value: unknown): Cell {
  const cell = fields(value)
  const text = joined(cell.source ?? cell.input)
  if (cell.cell_type === 'markdown') return { is: 'markdown', blocks: readMarkdown(text) }
  if (cell.cell_type === 'heading') return { is: 'markdown', blocks: readMarkdown(`# ${text}`) }
  if (cell.cell_type !== 'code') return { is: 'raw', text }
  const count = cell.execution_count ?? cell.prompt_number
  return {
    is: 'code',
    text,
    count: typeof count === 'number' ? count : null,
    outputs: listOf(cell.outputs).slice(0, MOST_OUTPUTS).map(outputOf),
  }
}

function outputOf(value: unknown): Output {
  const output = fields(value)
  switch (output.output_type) {
    case 'stream':
      return {
        is: 'text',
        text: withoutColours(joined(output.text)),
        isError: (output.name ?? output.stream) === 'stderr',
      }
    case 'error':
    case 'pyerr':
      return {
        is: 'error',
        name: joined(output.ename),
        says: joined(output.evalue),
        trace: withoutColours(listOf(output.traceback).map(joined).join('\n')),
      }
    default:
      return richOf(output.data === undefined ? oldNames(output) : fields(output.data))
  }
}

const OLD: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  svg: 'image/svg+xml',
  html: 'text/html',
  text: 'text/plain',
}
const oldNames = (output: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(output).flatMap(([name, value]) => (OLD[name] ? [[OLD[name], value]] : [])))

/** The same result in several types: the richest that can be shown safely. */
function richOf(data: Readonly<Record<string, unknown>>): Output {
  for (const type of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    const bytes = data[type] === undefined ? undefined : bytesOf(data[type])
    if (bytes) return { is: 'image', bytes, isSvg: false }
  }
  if (data['image/svg+xml'] !== undefined)
    return { is: 'image', bytes: new TextEncoder().encode(whole(data['image/svg+xml'])), isSvg: true }
  if (data['text/html'] !== undefined) return { is: 'page', html: whole(data['text/html']) }
  if (data['text/markdown'] !== undefined)
    return { is: 'markdown', blocks: readMarkdown(joined(data['text/markdown'])) }
  for (const type of ['text/plain', 'text/latex'])
    if (data[type] !== undefined) return { is: 'text', text: withoutColours(joined(data[type])), isError: false }
  if (data['application/json'] !== undefined)
    return { is: 'text', text: JSON.stringify(data['application/json'], null, 2), isError: false }
  return { is: 'other', type: Object.keys(data)[0] ?? '' }
}

/** Not cut: half of a page or a drawing is none. */
const whole = (value: unknown) =>
  Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : (wordOf(value) ?? '')

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(whole(value).replaceAll(/\s/g, '')), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** Without the sequences that colour a terminal. */
export const withoutColours = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are the control characters it is about
  text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, '')
