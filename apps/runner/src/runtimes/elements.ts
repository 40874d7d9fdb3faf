import type { Tensor } from '../inference/tensor.ts'
import { InferenceFailure } from '../inference/failure.ts'

const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes, at an address where elements of `width` bytes may begin: copied only where they do not lie so. */
export function alignedBytes(data: Uint8Array, width: number): Uint8Array {
  return data.byteOffset % width === 0 ? data : data.slice()
}

/** The elements of a BYTES tensor. Fails as `invalid` on bytes that are no UTF-8 or that do not add up. */
export function readTexts({ name, data }: Tensor): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const texts: string[] = []
  for (let at = 0; at < data.length;) {
    const length = at + 4 <= data.length ? view.getUint32(at, true) : Infinity
    if (at + 4 + length > data.length)
      throw new InferenceFailure('invalid', `The elements of '${name}' are longer than its bytes`)
    texts.push(decoded(name, data.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return texts
}

function decoded(name: string, bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch (cause) {
    throw new InferenceFailure('invalid', `'${name}' has an element that is not UTF-8, which this model needs`, {
      cause,
    })
  }
}

/** Elements of a BYTES tensor as they travel. */
export function writeTexts(elements: readonly (string | Uint8Array)[]): Uint8Array {
  const parts = elements.map((element) => (typeof element === 'string' ? encoder.encode(element) : element))
  const data = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(data.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length, true)
    data.set(part, at + 4)
    at += 4 + part.length
  }
  return data
}
