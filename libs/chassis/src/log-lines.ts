const COLOURS: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 36, warn: 33, error: 31, fatal: 35 }
const SHOWN_APART = new Set(['level', 'time', 'name', 'pid', 'msg', 'err'])

/** One JSON log line as a person reads it: `14:03:07.120 INFO  runner  the message  field=value`, an error's stack
 *  indented below. Text that is no JSON object is given back as it is. */
export function formatLine(json: string, colour: boolean): string {
  const line = parse(json)
  if (!line) return json.trimEnd()
  const level = textOf(line.level)
  const label = level.toUpperCase().padEnd(5)
  const words = [
    dim(clockTime(line.time), colour),
    colour ? `\u001b[${COLOURS[level] ?? 0}m${label}\u001b[0m` : label,
    `${printable(textOf(line.name))} `,
    printable(textOf(line.msg)),
  ]
  const fields = Object.entries(line)
    .filter(([name]) => !SHOWN_APART.has(name))
    .map(([name, value]) => ` ${dim(`${printable(name)}=`, colour)}${fieldText(value)}`)
  return [...words, ...fields].join(' ').trimEnd() + errorText(line.err)
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** The hour on the clock of whoever reads the terminal. */
function clockTime(time: unknown): string {
  const date = new Date(textOf(time))
  if (Number.isNaN(date.getTime())) return '--:--:--.---'
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => pad(n, 2))
  return `${hours}:${minutes}:${seconds}.${pad(date.getMilliseconds(), 3)}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0')
}

function dim(text: string, colour: boolean): string {
  return colour ? `\u001b[2m${text}\u001b[0m` : text
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? '')
  return printable(text)
}

function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return error === undefined ? '' : `  err=${fieldText(error)}`
  const described: { stack?: unknown; message?: unknown; cause?: unknown } = error
  const stack = textOf(described.stack ?? described.message)
  const lines = stack.split('\n').map((line) => `\n    ${printable(line)}`)
  return lines.join('') + (described.cause === undefined ? '' : `\n  caused by:${errorText(described.cause)}`)
}

/** What callers sent must not move the cursor nor forge a line of its own. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    return control === '\n' ? '\\n' : `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
