import { DATATYPE_BYTES, type Datatype, type TensorSpec } from '@stead/contracts'
import { invalid, shown } from './request.ts'

/** How many elements a caller's shape holds. Refuses what is no shape, what the signature does not allow,
 *  and products that leave the safe integers, so that nothing is ever allocated by a lie. */
export function checkShape(spec: TensorSpec, shape: unknown): number {
  const expected = spec.shape
  if (!Array.isArray(shape)) throw invalid(`input ${shown(spec.name)}: shape must be an array, got ${shown(shape)}`)
  if (shape.length !== expected.length) throw wrongShape(spec, shape)
  let count = 1
  for (let axis = 0; axis < expected.length; axis++) {
    const size: unknown = shape[axis]
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalid(`input ${shown(spec.name)}: shape[${axis}] must be a whole number from 0, got ${shown(size)}`)
    }
    const wanted = expected[axis]
    if (wanted !== -1 && size !== wanted) throw wrongShape(spec, shape)
    count *= size
    if (count > Number.MAX_SAFE_INTEGER) {
      throw invalid(`input ${shown(spec.name)}: shape [${listed(shape)}] holds too many elements`)
    }
  }
  return count
}

export function checkDatatype(spec: TensorSpec, datatype: unknown): void {
  if (datatype !== spec.datatype) {
    throw invalid(`input ${shown(spec.name)}: expected datatype ${spec.datatype}, got ${shown(datatype)}`)
  }
}

/** Refuses raw bytes that are not exactly `count` elements. */
export function checkRaw(name: string, datatype: Datatype, count: number, bytes: Uint8Array): void {
  const width = DATATYPE_BYTES[datatype]
  if (width === 0) return checkStrings(name, count, bytes)
  if (bytes.length !== count * width) {
    throw invalid(
      `input ${shown(name)}: ${count} elements of ${datatype} are ${count * width} bytes, got ${bytes.length}`,
    )
  }
  if (datatype === 'BOOL') checkBools(name, bytes)
}

function checkStrings(name: string, count: number, bytes: Uint8Array): void {
  let at = 0
  let seen = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw invalid(`input ${shown(name)}: the length of element ${seen} is cut off`)
    const length = readU32(bytes, at)
    at += 4 + length
    if (at > bytes.length) {
      throw invalid(`input ${shown(name)}: element ${seen} claims ${length} bytes and is cut off`)
    }
    seen++
  }
  if (seen !== count) throw invalid(`input ${shown(name)}: expected ${count} BYTES elements, got ${seen}`)
}

function checkBools(name: string, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at]! > 1) throw invalid(`input ${shown(name)}: element ${at} of BOOL must be 0 or 1, got ${bytes[at]}`)
  }
}

/** The unsigned little-endian 32-bit integer at a place. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

function wrongShape(spec: TensorSpec, shape: readonly unknown[]): Error {
  const free = spec.shape.includes(-1) ? ' (-1 is any size)' : ''
  return invalid(`input ${shown(spec.name)}: expected shape [${spec.shape.join(', ')}]${free}, got [${listed(shape)}]`)
}

function listed(shape: readonly unknown[]): string {
  const few = shape.slice(0, 17).map(shown).join(', ')
  return shape.length > 17 ? `${few}, …` : few
}
