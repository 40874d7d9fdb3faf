import type { Datatype, InferenceRequest, TensorSpec } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { shapeOf } from './try-fields.ts'
import type { TryField } from './try-fields.ts'

type Value = number | string | boolean
export type Read<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string }

const RANGES: Partial<Record<Datatype, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, Infinity],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [-Infinity, Infinity],
}
const LARGEST_FP32 = 3.4028234663852886e38
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** One value as it was typed, or what is wrong with it and how to mend it. */
export function readValue(text: string, datatype: Datatype): Read<Value> {
  if (datatype === 'BYTES') return { value: text }
  const given = text.trim()
  if (datatype === 'BOOL') return readBool(given)
  if (given === '') return { error: words.errors.empty }
  if (/^[+-]?\d+,\d+$/.test(given))
    return { error: say(words.errors.comma, { text: given, better: given.replace(',', '.') }) }
  if (!NUMBER.test(given)) return { error: say(words.errors.notNumber, { text: given }) }
  return inRange(given, Number(given), datatype)
}

function readBool(given: string): Read<boolean> {
  if (/^(true|1)$/i.test(given)) return { value: true }
  if (/^(false|0|)$/i.test(given)) return { value: false }
  return { error: say(words.errors.notBool, { text: given }) }
}

function inRange(text: string, value: number, datatype: Datatype): Read<number> {
  const range = RANGES[datatype]
  if (!range) {
    const most = datatype === 'FP32' ? LARGEST_FP32 : Number.MAX_VALUE
    if (Math.abs(value) <= most) return { value }
    return { error: say(words.errors.range, { datatype, least: `-${most.toPrecision(3)}`, most: most.toPrecision(3) }) }
  }
  const [least, most] = range
  if (!Number.isInteger(value)) return { error: say(words.errors.notWhole, { text, datatype }) }
  if (value < least || value > most) {
    const upper = most === Infinity ? '2^64 - 1' : most
    return { error: say(words.errors.range, { datatype, least, most: upper }) }
  }
  return Number.isSafeInteger(value) ? { value } : { error: words.errors.tooPrecise }
}

/** What a field holds, as the values of one row of its input. */
export function readField(field: TryField, text: string): Read<Value[]> {
  const { input, kind, count, id } = field
  if (kind === 'none') return { error: say(words.unsendable, { datatype: input.datatype }) }
  if (kind !== 'list') {
    const one = readValue(text, input.datatype)
    return one.error === undefined ? { value: [one.value] } : one
  }
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '')
  if (count !== undefined && parts.length !== count)
    return { error: say(words.errors.count, { label: id, wanted: count, given: parts.length }) }
  const values: Value[] = []
  for (const [index, part] of parts.entries()) {
    const one = readValue(part, input.datatype)
    if (one.error !== undefined) return { error: say(words.errors.at, { position: index + 1, problem: one.error }) }
    values.push(one.value)
  }
  return values.length === 0 ? { error: words.errors.empty } : { value: values }
}

/** The request of some rows; each holds the values of every field, in the order of the fields. */
export function requestOf(fields: readonly TryField[], rows: readonly (readonly Value[])[][]): InferenceRequest {
  const inputs = [...new Set(fields.map(({ input }) => input))]
  return {
    inputs: inputs.map((input) => {
      const data = rows.flatMap((row) => fields.flatMap((field, index) => (field.input === input ? row[index]! : [])))
      return { name: input.name, datatype: input.datatype, shape: shapeOf(input, rows.length, data.length), data }
    }),
  }
}

/** The elements of a tensor, however they are nested. */
export const cellsOf = (data: unknown): unknown[] => (Array.isArray(data) ? data.flat(20) : [data])

/** The texts that a request would have been typed as, where it fits the fields: its first row. */
export function textsOf(fields: readonly TryField[], request: InferenceRequest): Record<string, string> | undefined {
  const texts: Record<string, string> = {}
  for (const field of fields) {
    const given = request.inputs.find(({ name }) => name === field.input.name)
    if (!given) return undefined
    const flat = cellsOf(given.data)
    const row = flat.slice(0, flat.length / rowsIn(field.input, given.shape))
    if (field.kind === 'list') texts[field.id] = row.join(', ')
    else texts[field.id] = String((row[field.index] ?? '') as string | number | boolean)
  }
  return texts
}

const rowsIn = (input: TensorSpec, shape: readonly number[]) => (input.shape[0] === -1 ? Math.max(shape[0] ?? 1, 1) : 1)

export const zeroOf = ({ kind, count, input }: TryField): string => {
  if (input.datatype === 'BYTES') return ''
  if (kind === 'list')
    return Array<string>(count ?? 1)
      .fill('0')
      .join(', ')
  return kind === 'bool' ? 'false' : '0'
}

/** The field that a runner's refusal is about: `input "features": element 3 of FP32 must be …`. */
export function fieldRefused(fields: readonly TryField[], message: string): TryField | undefined {
  const [, name, element] = /input "([^"]+)"(?:.*?element (\d+))?/.exec(message) ?? []
  const ofInput = fields.filter(({ input }) => input.name === name)
  return ofInput.find(({ index }) => index === Number(element)) ?? ofInput[0]
}
