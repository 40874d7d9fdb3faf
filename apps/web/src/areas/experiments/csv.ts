import type { RunRow } from '@stead/contracts'
import { textIn } from './cells.ts'

const ATTRIBUTES: Readonly<Record<string, (run: RunRow) => string>> = {
  start_time: ({ startedAt }) => timeText(startedAt),
  end_time: ({ endedAt }) => (endedAt === null ? '' : timeText(endedAt)),
  duration: ({ startedAt, endedAt }) => (endedAt === null ? '' : String((endedAt - startedAt) / 1000)),
  status: ({ status }) => status,
  user_id: ({ user }) => user,
  run_id: ({ id }) => id,
}

/** Always there, before the columns that are shown. */
const LEADING = ['run_id', 'run_name', 'status']

export const csvHead = (columns: readonly string[]): string =>
  line([...LEADING, ...rest(columns).map((id) => (id === 'duration' ? 'duration_s' : id))])

export function csvLine(run: RunRow, columns: readonly string[]): string {
  const values = rest(columns).map((id) =>
    Object.hasOwn(ATTRIBUTES, id) ? ATTRIBUTES[id]!(run) : (textIn(run, id) ?? ''),
  )
  return line([run.id, run.name, run.status, ...values])
}

const rest = (columns: readonly string[]) => columns.filter((id) => !LEADING.includes(id))

const line = (values: readonly string[]) => `${values.map(escaped).join(',')}\r\n`

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it. */
function escaped(text: string): string {
  const harmless =
    /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) && !/^[+-]Infinity$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

function timeText(at: number): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString()
}
