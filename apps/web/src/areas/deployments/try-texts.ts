import { InferenceRequest } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { hasRows } from './try-fields.ts'
import type { TryField } from './try-fields.ts'
import { readField, requestOf } from './try-values.ts'
import type { Read } from './try-values.ts'

/** A whole request as it was pasted. */
export function readJson(text: string): Read<InferenceRequest> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return { error: say(words.errors.jsonSyntax, { message: error instanceof Error ? error.message : String(error) }) }
  }
  const parsed = InferenceRequest.safeParse(document)
  if (parsed.success) return { value: parsed.data }
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  return { error: say(words.errors.jsonShape, { where: where || words.json, message: issue?.message ?? '' }) }
}

/** A header that names the fields, and rows of values below it: one request with as many rows. */
export function readCsv(fields: readonly TryField[], text: string): Read<InferenceRequest> {
  const [header, ...lines] = rowsOfCsv(text)
  if (!header) return { error: words.errors.csvEmpty }
  const columns = fields.map(({ id }) => id)
  const unknown = header.filter((name) => !columns.includes(name))
  if (unknown.length === header.length) return { error: say(words.errors.csvHeader, { columns: columns.join(',') }) }
  const missing = columns.filter((name) => !header.includes(name))
  if (missing.length > 0)
    return { error: say(words.errors.csvMissing, { columns: missing.join(', '), count: missing.length }) }
  if (unknown.length > 0)
    return { error: say(words.errors.csvUnknown, { columns: unknown.join(', '), count: unknown.length }) }
  if (lines.length === 0) return { error: words.errors.csvNoRows }
  if (lines.length > 1 && !fields.every(({ input }) => hasRows(input))) return { error: words.errors.csvOneRow }
  const rows = []
  for (const [index, line] of lines.entries()) {
    if (line.length !== header.length)
      return { error: say(words.errors.csvLength, { row: index + 1, given: line.length, wanted: header.length }) }
    const row = []
    for (const field of fields) {
      const read = readField(field, line[header.indexOf(field.id)] ?? '')
      if (read.error !== undefined)
        return { error: say(words.errors.csvRow, { row: index + 1, column: field.id, problem: read.error }) }
      row.push(read.value)
    }
    rows.push(row)
  }
  return { value: requestOf(fields, rows) }
}

/** The header, and a row of what is typed in the form. */
export const csvOf = (fields: readonly TryField[], texts: Readonly<Record<string, string>>): string =>
  [fields.map(({ id }) => quoted(id)), fields.map(({ id }) => quoted(texts[id] ?? ''))]
    .map((row) => row.join(','))
    .join('\n')

const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** RFC 4180, with lines of blanks left out. */
function rowsOfCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let isQuoted = false
  const endRow = () => {
    row.push(cell)
    if (row.some((one) => one.trim() !== '')) rows.push(row.map((one) => one.trim()))
    row = []
    cell = ''
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (isQuoted && char === '"' && text[at + 1] === '"') cell += text[++at]!
    else if (char === '"') isQuoted = !isQuoted
    else if (char === ',' && !isQuoted) {
      row.push(cell)
      cell = ''
    } else if (char === '\n' && !isQuoted) endRow()
    else if (char !== '\r') cell += char
  }
  endRow()
  return rows
}
