/** A number as it was written, where JavaScript's would be another. */
export class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Parts = readonly Json[] | { readonly [name: string]: Json }

export type Json = null | boolean | number | string | ExactNumber | Parts

/** Reads JSON without losing digits of its numbers, where the browser tells them. Throws SyntaxError, and RangeError for
 *  what is nested beyond reading. */
export function readJson(text: string): Json {
  return JSON.parse(text.replace(/^\uFEFF/, ''), exact) as Json
}

// The third parameter is younger than some browsers: without it numbers are JavaScript's.
function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return isSame(context.source, value) ? value : new ExactNumber(context.source)
}

/** Whether it is written like that, but for zeros and exponents. */
function isSame(source: string, value: number): boolean {
  if (String(value) === source) return true
  if (!Number.isFinite(value)) return false
  return digitsOf(source) === digitsOf(String(value))
}
const digitsOf = (text: string) => {
  const [mantissa = ''] = text.toLowerCase().split('e')
  return mantissa.replace('.', '').replace(/^-?0*/, '').replace(/0+$/, '')
}

export const isFolding = (value: Json): value is Parts =>
  typeof value === 'object' && value !== null && !(value instanceof ExactNumber)

/** The parts of a list or an object, by name or number. */
export const partsOf = (value: Parts): (readonly [string, Json])[] =>
  Array.isArray(value) ? value.map((one: Json, at) => [String(at), one] as const) : Object.entries(value)

/** What a single value looks like. */
export const wordOf = (value: null | boolean | number | string | ExactNumber): string =>
  value instanceof ExactNumber ? value.text : JSON.stringify(value)

/** A table as `mlflow.log_table` and pandas write it: names of columns and rows of cells. */
export function tableOf(value: Json): { columns: readonly string[]; rows: readonly (readonly Json[])[] } | undefined {
  if (!isFolding(value) || Array.isArray(value)) return undefined
  const { columns, data } = value as { readonly [name: string]: Json }
  if (!Array.isArray(columns) || !Array.isArray(data) || columns.length === 0) return undefined
  const isTable = columns.every((name) => typeof name === 'string') && data.every((row) => Array.isArray(row))
  return isTable ? { columns: columns as string[], rows: data as Json[][] } : undefined
}
