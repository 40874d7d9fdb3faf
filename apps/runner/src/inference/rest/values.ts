import { isUtf8 } from 'node:buffer'
import { bytesOf, numbersOf } from '../elements.ts'
import { invalid, shown } from '../request.ts'
import type { Tensor } from '../tensor.ts'
import { rawJson } from './json.ts'
import { shorten } from './numbers.ts'

/** A tensor's elements in order, ready for JSON.stringify. */
export interface JsonValues {
  readonly values: unknown[]
  /** False when there were NaN or infinities, which JSON prints as null. */
  readonly areFinite: boolean
}

/** Refuses 16-bit floats and BYTES that are no UTF-8 text: they have no JSON form. */
export function jsonValues(tensor: Tensor): JsonValues {
  const { name, datatype, data } = tensor
  if (datatype === 'FP32' || datatype === 'FP64') return jsonFloats(tensor)
  if (datatype === 'BOOL') return { values: Array.from(data, (byte) => byte !== 0), areFinite: true }
  if (datatype === 'BYTES') return { values: textsOf(tensor), areFinite: true }
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw invalid(`output ${shown(name)} is ${datatype}, which has no JSON form: request binary_data`)
  }
  return { values: Array.from(numbersOf(tensor), jsonInteger), areFinite: true }
}

function jsonInteger(value: number | bigint): unknown {
  return typeof value === 'number' ? value : rawJson(`${value}`)
}

function jsonFloats(tensor: Tensor): JsonValues {
  const numbers = numbersOf(tensor) as Float32Array | Float64Array
  const values: unknown[] = []
  const isSingle = tensor.datatype === 'FP32'
  let areFinite = true
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!
    if (value - value !== 0) areFinite = false
    if (value === 0) values.push(Object.is(value, -0) ? rawJson('-0') : 0)
    else values.push(isSingle ? shorten(value) : value)
  }
  return { values, areFinite }
}

function textsOf(tensor: Tensor): string[] {
  return bytesOf(tensor).map((bytes, position) => {
    if (!isUtf8(bytes)) {
      throw invalid(`element ${position} of output ${shown(tensor.name)} is not UTF-8 text: request binary_data`)
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  })
}
