import fc from 'fast-check'
import type { Datatype } from '@stead/contracts'
import type { Tensor } from '../../inference/tensor.ts'
import { DATATYPES, ELEMENT_BYTES } from '../protocol.ts'
import type { FrameSocket } from '../protocol-writer.ts'
import { writeTexts } from '../../runtimes/elements.ts'

/** A socket whose kernel takes everything at once, or nothing until it is asked for what was written. */
export function recordingSocket({
  takes,
}: {
  readonly takes: boolean
}): FrameSocket & { written(): Buffer; writes: number } {
  const pieces: Uint8Array[] = []
  return {
    destroyed: false,
    writes: 0,
    get writableLength() {
      return takes ? 0 : pieces.reduce((sum, piece) => sum + piece.length, 0)
    },
    cork: () => undefined,
    uncork: () => undefined,
    write(piece: Uint8Array | string) {
      this.writes++
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
      pieces.push(takes ? Buffer.from(bytes) : bytes)
      return true
    },
    written: () => Buffer.concat(pieces),
  }
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): Tensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) }
}

export function valuesOf(tensor: Tensor | undefined): number[] {
  if (tensor === undefined) throw new Error('There is no such tensor')
  return [...new Float32Array(tensor.data.slice().buffer)]
}

/** A tensor of any datatype with a small shape and any bytes. */
export function anyTensor(name: string): fc.Arbitrary<Tensor> {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  return fc
    .tuple(fc.constantFrom(...DATATYPES), shape)
    .chain(([datatype, shape]) => dataOf(datatype, shape).map((data) => ({ name, datatype, shape, data })))
}

export function dataOf(datatype: Datatype, shape: readonly number[]): fc.Arbitrary<Uint8Array> {
  const elements = shape.reduce((product, size) => product * size, 1)
  const bytes = elements * ELEMENT_BYTES[datatype]
  if (datatype !== 'BYTES') return fc.uint8Array({ minLength: bytes, maxLength: bytes })
  return fc.array(fc.string({ maxLength: 5 }), { minLength: elements, maxLength: elements }).map(writeTexts)
}
