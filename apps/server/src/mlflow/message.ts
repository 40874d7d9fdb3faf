import { MlflowError } from './failures.ts'

/** How requests of MLflow's protocol are read. A message is a table of fields; unknown ones are passed over. What is
 *  wrong is told in the words of the reference server, for its clients' tests ask for them. */

type Kind = 'string' | 'int64' | 'double' | 'bool' | 'any'
type Parsed<K> = K extends 'string'
  ? string
  : K extends 'int64' | 'double'
    ? number
    : K extends 'bool'
      ? boolean
      : unknown

export interface Field<T, Required extends boolean = boolean, Many extends boolean = boolean> {
  readonly kind: Kind | Message
  readonly required: Required
  readonly many: Many
  /** Numbers that are no finite ones are allowed, by name. */
  readonly type?: T
}
export type Message = Readonly<Record<string, Field<unknown>>>

/** What a request has once it is read. */
export type Read<M extends Message> = {
  readonly [K in keyof M as M[K]['required'] extends true ? K : never]: ValueOf<M[K]>
} & { readonly [K in keyof M as M[K]['required'] extends true ? never : K]?: ValueOf<M[K]> | undefined }
type ValueOf<F> = F extends Field<infer T, boolean, infer Many> ? (Many extends true ? readonly T[] : T) : never

type TypeOf<K> = K extends Message ? Read<K> : Parsed<K>
export const optional = <const K extends Kind | Message>(kind: K): Field<TypeOf<K>, false, false> => ({
  kind,
  required: false,
  many: false,
})
export const required = <const K extends Kind | Message>(kind: K): Field<TypeOf<K>, true, false> => ({
  kind,
  required: true,
  many: false,
})
export const repeated = <const K extends Kind | Message>(kind: K): Field<TypeOf<K>, false, true> => ({
  kind,
  required: false,
  many: true,
})

const SEE = 'See the API docs for more information about request parameters.'

export const missing = (name: string) =>
  new MlflowError('INVALID_PARAMETER_VALUE', `Missing value for required parameter '${name}'. ${SEE}`)

/** The reference tells the kind that Python would call it. */
export function invalid(name: string, value: unknown): MlflowError {
  const told = JSON.stringify(value) ?? 'null'
  const shown = told.length > 200 ? `${told.slice(0, 200)}…` : told
  return new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Invalid value ${shown} for parameter '${name}' supplied:  Hint: Value was of type '${pythonKind(value)}'. ${SEE}`,
  )
}

function pythonKind(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return Array.isArray(value) ? 'list' : 'dict'
}

/** Reads a parsed body, or a query whose values are texts. Throws what the caller is told. */
export function readMessage<M extends Message>(message: M, given: unknown, at = ''): Read<M> {
  const source = given ?? {}
  if (typeof source !== 'object' || Array.isArray(source)) throw invalid(at || 'request', given)
  const read: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(message)) {
    const value = Object.hasOwn(source, name) ? (source as Record<string, unknown>)[name] : undefined
    const path = at === '' ? name : `${at}.${name}`
    if (value === undefined || value === null || (field.required && value === '')) {
      if (field.required) throw missing(path)
      continue
    }
    read[name] = field.many ? readMany(field, value, path) : readOne(field.kind, value, path)
  }
  return read as Read<M>
}

function readMany({ kind }: Field<unknown>, value: unknown, path: string): unknown[] {
  // A query that names a repeated field once has one text.
  const values = Array.isArray(value)
    ? value
    : typeof value === 'string' && typeof kind === 'string'
      ? [value]
      : undefined
  if (values === undefined) throw invalid(path, value)
  return values.map((one, index) =>
    readOne(kind, one, typeof kind === 'string' ? path : `${path}[${index}]`, path, value),
  )
}

function readOne(kind: Kind | Message, value: unknown, path: string, told = path, whole = value): unknown {
  if (typeof kind !== 'string') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(told, whole)
    return readMessage(kind, value, path)
  }
  const read = READERS[kind](value)
  if (read === undefined) throw kind === 'int64' && isTooLarge(value) ? tooLarge(path) : invalid(told, whole)
  return read
}

const NAMED_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** R writes a hundred thousand as 1e+05, and twelve million as 1.2e+07. */
const WHOLE = /^[+-]?(\d{1,19}|\d(\.\d{1,15})?e\+\d\d)$/

/** Nanoseconds since 1970 are such numbers: in JSON most readers would make others of them. */
const isTooLarge = (value: unknown): boolean => {
  const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) > Number.MAX_SAFE_INTEGER
}

const tooLarge = (name: string) =>
  new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Parameter '${name}' must be an integer between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}: a larger one ` +
      'would not come back with the same digits. Count in milliseconds or microseconds instead of nanoseconds.',
  )

const READERS: Readonly<Record<Kind, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  int64(value) {
    const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value
    return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER
      ? number
      : undefined
  },
  double(value) {
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || value.trim() === '') return undefined
    if (Object.hasOwn(NAMED_NUMBERS, value)) return NAMED_NUMBERS[value]
    const number = Number(value)
    return /^[+-]?(\d|\.\d)/.test(value) && Number.isFinite(number) ? number : undefined
  },
  bool(value) {
    if (typeof value === 'boolean') return value
    // Python writes them in a query with a capital letter.
    const word = typeof value === 'string' ? value.toLowerCase() : undefined
    return word === 'true' ? true : word === 'false' ? false : undefined
  },
  any: (value) => value,
}

/** NaN and the infinities have names in JSON; every other number is itself. */
export const numberOut = (value: number): number | string => (Number.isFinite(value) ? value : String(value))
