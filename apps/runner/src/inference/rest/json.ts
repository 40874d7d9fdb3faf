import { isUtf8 } from 'node:buffer'
import { invalid, shown } from '../request.ts'

const DEPTH_LIMIT = 100
const LONG_DIGITS = /\d{16}/
const DIGITS = /^-?\d+$/

export type JsonObject = Readonly<Record<string, unknown>>

/** Parses the first `length` bytes as a request's JSON. With `exact`, integers beyond 2^53 come as bigints.
 *  V8 parses without recursion, so depth costs nothing here; it is limited where values are walked. */
export function parseJson(bytes: Buffer, length: number, exact: boolean): JsonObject {
  const text = bytes.toString('utf8', 0, length)
  // Decoding puts U+FFFD where bytes are no UTF-8, and almost no text has one of its own.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(0, length))) throw invalid('the body is not valid UTF-8')
  let parsed: unknown
  try {
    // The reviver is eight times slower, and short numbers do not need it.
    parsed = exact && LONG_DIGITS.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof RangeError ? 'it is nested too deep' : (cause as Error).message
    throw invalid(`the body is not JSON: ${reason}`, cause)
  }
  if (!isObject(parsed)) throw invalid(`the body must be a JSON object, got ${shown(parsed)}`)
  return parsed
}

function keepExact(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && DIGITS.test(source) ? BigInt(source) : value
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Refuses free-form values nested so deep that printing or walking them could exhaust the stack. */
export function checkDepth(value: unknown, what: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === DEPTH_LIMIT) throw invalid(`${what} is nested deeper than ${DEPTH_LIMIT}`)
  for (const inner of Object.values(value)) checkDepth(inner, what, depth + 1)
}

/** JSON text of free-form values, in which bigints are printed as integers. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? rawJson(`${inner}`) : inner))
}

const raw = JSON as unknown as { rawJSON(this: void, text: string): unknown }

/** Text that JSON.stringify prints as it is. */
export function rawJson(text: string): unknown {
  return raw.rawJSON(text)
}
