/** How values cross the border, the same on both databases.
 *
 *  out: bigint and numeric are numbers, jsonb is parsed, timestamptz is an ISO 8601 text in UTC with milliseconds
 *  in:  an array or a plain object is a JSON document, a Date its ISO text, a Uint8Array bytes */

const INT8 = 20
const NUMERIC = 1700
const TIMESTAMPTZ = 1184
const JSON_TEXT = 114
const JSONB = 3802

export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: safeInteger,
  [NUMERIC]: Number,
  [TIMESTAMPTZ]: instant,
  [JSON_TEXT]: (text) => JSON.parse(text) as unknown,
  [JSONB]: (text) => JSON.parse(text) as unknown,
}

function safeInteger(text: string): number {
  const number = Number(text)
  // Silently wrong digits would be worse than a failed query.
  if (!Number.isSafeInteger(number)) throw new RangeError(`The integer ${text} is beyond what a number holds exactly.`)
  return number
}

/** PostgreSQL writes `2026-01-02 03:04:05.678+00`: an offset without minutes, which ISO 8601 with a T does not know. */
function instant(text: string): string {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString()
}

export function encodeParameter(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return value
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'object' ? JSON.stringify(value) : value
}
