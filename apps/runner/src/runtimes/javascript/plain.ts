import type { Datatype, TensorSpec } from '@stead/contracts'
import { ELEMENT_BYTES } from '../../engines/protocol.ts'
import type { Tensor } from '../../inference/tensor.ts'
import { alignedBytes, readTexts, writeTexts } from '../elements.ts'

/** A tensor as a JavaScript model sees it. `data` is a typed array of the datatype's elements: BOOL is a Uint8Array
 *  of 0 and 1, INT64 and UINT64 are BigInt arrays, FP16 is a Float16Array, BF16 a Uint16Array of its bits, and BYTES
 *  an array of strings. In answers plain arrays do as well, a missing datatype is the signature's, and a missing
 *  shape is that of a vector. */
export interface PlainTensor {
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: PlainData
}
export type PlainData = NumericArray | readonly string[]
export type PlainTensors = Readonly<Record<string, PlainTensor>>

type NumericArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array
type NumericArrayType = {
  new (buffer: ArrayBuffer, offset: number, length: number): NumericArray
  new (values: Iterable<number> & Iterable<bigint>): NumericArray
}

const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Float16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as unknown as Readonly<Record<Exclude<Datatype, 'BYTES'>, NumericArrayType>>

export function toPlain(tensor: Tensor): PlainTensor {
  const { datatype, shape, data } = tensor
  if (datatype === 'BYTES') return { datatype, shape, data: readTexts(tensor) }
  const width = ELEMENT_BYTES[datatype]
  const bytes = alignedBytes(data, width)
  const elements = new ARRAYS[datatype](bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / width)
  return { datatype, shape, data: elements }
}

/** Reads what a model answered for one output; throws a sentence that names what is wrong with it. */
export function fromPlain(name: string, value: unknown, spec: TensorSpec | undefined): Tensor {
  if (typeof value !== 'object' || value === null) throw new TypeError(`predict gave no tensor '${name}'`)
  const { datatype = spec?.datatype, shape: given, data } = value as Partial<PlainTensor>
  if (datatype === undefined || !Object.hasOwn(ELEMENT_BYTES, datatype))
    throw new TypeError(`'${name}' has the datatype ${String(datatype)}`)
  if (spec !== undefined && datatype !== spec.datatype)
    throw new TypeError(`'${name}' is ${datatype} where the signature has ${spec.datatype}`)
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) throw new TypeError(`'${name}' has no data`)
  const shape = given ?? [(data as { length: number }).length]
  const elements = checkedShape(name, shape).reduce((product, size) => product * size, 1)
  if ((data as { length: number }).length !== elements)
    throw new TypeError(`'${name}' has ${(data as { length: number }).length} elements where its shape has ${elements}`)
  return { name, datatype, shape: [...shape], data: bytesOf(name, datatype, data as PlainData) }
}

function checkedShape(name: string, shape: unknown): readonly number[] {
  if (Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 32)) return shape
  throw new TypeError(`'${name}' has no shape of whole numbers`)
}

function bytesOf(name: string, datatype: Datatype, data: PlainData): Uint8Array {
  if (datatype === 'BYTES') {
    if (Array.isArray(data) && data.every((text) => typeof text === 'string')) return writeTexts(data)
    throw new TypeError(`The data of '${name}' are no array of strings`)
  }
  const array = ARRAYS[datatype]
  if (!Array.isArray(data) && !(data instanceof array))
    throw new TypeError(`The data of '${name}' are a ${data.constructor.name} where ${datatype} needs another`)
  const elements = data instanceof array ? data : new array(data as never)
  return new Uint8Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.byteLength)
}
