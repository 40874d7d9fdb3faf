import type { Datatype } from '@stead/contracts'
import { InferenceFailure } from './failure.ts'
import { readU32 } from './shape.ts'
import type { Tensor } from './tensor.ts'

const SCRATCH_BYTES = 4096
const scratch = new Uint8Array(SCRATCH_BYTES)
const scratchSingles = new Float32Array(scratch.buffer)
const scratchDoubles = new Float64Array(scratch.buffer)

type Numbers = ArrayLike<number | bigint>

/** How the numbers of each datatype are seen. Typed arrays need aligned bytes, which single bytes always are. */
const VIEWS: Readonly<Record<Exclude<Datatype, 'BYTES'>, (data: Uint8Array) => Numbers>> = {
  BOOL: (data) => data,
  UINT8: (data) => data,
  INT8: ({ buffer, byteOffset, length }) => new Int8Array(buffer, byteOffset, length),
  UINT16: (data) => aligned(data, Uint16Array),
  INT16: (data) => aligned(data, Int16Array),
  UINT32: (data) => aligned(data, Uint32Array),
  INT32: (data) => aligned(data, Int32Array),
  UINT64: (data) => aligned(data, BigUint64Array),
  INT64: (data) => aligned(data, BigInt64Array),
  FP16: (data) => Float32Array.from(aligned(data, Uint16Array), halfToNumber),
  // A bfloat16 is the upper half of a float32.
  BF16: (data) => new Float32Array(Uint32Array.from(aligned(data, Uint16Array), (bits) => bits << 16).buffer),
  FP32: singlesOf,
  FP64: doublesOf,
}

/** A tensor's numbers, in order. Integers of 64 bits are bigints. The answer may be a view of a scratch
 *  buffer, which holds until the next call. */
export function numbersOf(tensor: Tensor): Numbers {
  const { datatype, data } = tensor
  if (datatype === 'BYTES') throw new InferenceFailure('internal', `BYTES tensor ${tensor.name} has no numbers`)
  return VIEWS[datatype](data)
}

interface View<Array> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Array
  readonly BYTES_PER_ELEMENT: number
}

function aligned<Array>(data: Uint8Array, view: View<Array>): Array {
  const width = view.BYTES_PER_ELEMENT
  const { buffer, byteOffset, length } = data.byteOffset % width === 0 ? data : Uint8Array.from(data)
  return new view(buffer, byteOffset, length / width)
}

/** A float16 from its bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Small tensors are copied to an aligned scratch: cheaper than a new view, and views must be aligned anyway. */
function singlesOf(data: Uint8Array): Float32Array {
  if (data.length > SCRATCH_BYTES) return aligned(data, Float32Array)
  scratch.set(data)
  return data.length === SCRATCH_BYTES ? scratchSingles : scratchSingles.subarray(0, data.length / 4)
}

function doublesOf(data: Uint8Array): Float64Array {
  if (data.length > SCRATCH_BYTES) return aligned(data, Float64Array)
  scratch.set(data)
  return scratchDoubles.subarray(0, data.length / 8)
}

/** The elements of a BYTES tensor, as views. */
export function bytesOf(tensor: Tensor): Uint8Array[] {
  const { data } = tensor
  const elements: Uint8Array[] = []
  for (let at = 0; at < data.length;) {
    const end = at + 4 + readU32(data, at)
    if (!(end <= data.length)) {
      throw new InferenceFailure('internal', `tensor ${JSON.stringify(tensor.name)} of BYTES is cut off`)
    }
    elements.push(data.subarray(at + 4, end))
    at = end
  }
  return elements
}

/** A BYTES tensor's data from strings. */
export function packStrings(values: readonly string[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0))
  let at = 0
  for (const value of values) {
    const length = bytes.write(value, at + 4)
    bytes.writeUInt32LE(length, at)
    at += 4 + length
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
