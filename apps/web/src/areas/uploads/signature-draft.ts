import { DATATYPE_BYTES, Signature } from '@stead/contracts'
import type { Datatype } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'

/** A tensor as it is being written. */
export interface TensorDraft {
  readonly key: number
  readonly name: string
  readonly datatype: Datatype
  readonly shape: string
}

export interface SignatureDraft {
  readonly inputs: readonly TensorDraft[]
  readonly outputs: readonly TensorDraft[]
}

/** What is wrong, by `<key>.name` and `<key>.shape`. */
export type DraftErrors = Readonly<Record<string, string>>

export const DATATYPES = Object.keys(DATATYPE_BYTES) as Datatype[]

let nextKey = 0
export const newTensor = (): TensorDraft => ({ key: ++nextKey, name: '', datatype: 'FP32', shape: '-1, 1' })
export const newDraft = (): SignatureDraft => ({ inputs: [newTensor()], outputs: [newTensor()] })

export const draftOf = ({ inputs, outputs }: Signature): SignatureDraft => {
  const all = (specs: Signature['inputs']) =>
    specs.map(({ name, datatype, shape }) => ({ key: ++nextKey, name, datatype, shape: shape.join(', ') }))
  return { inputs: all(inputs), outputs: all(outputs) }
}

/** The sizes of a shape, or undefined where it is none. Brackets may be written; nothing at all is a scalar. */
export function shapeOf(text: string): number[] | undefined {
  const inner = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .trim()
  if (inner === '') return []
  const sizes = inner.split(/[\s,×x]+/).map(Number)
  return sizes.every((size) => Number.isInteger(size) && size >= -1 && size <= 2 ** 40) ? sizes : undefined
}

export function signatureOf(draft: SignatureDraft): { signature: Signature | undefined; errors: DraftErrors } {
  const errors: Record<string, string> = {}
  for (const side of [draft.inputs, draft.outputs]) {
    const seen = new Set<string>()
    for (const { key, name, shape } of side) {
      if (name.trim() === '') errors[`${key}.name`] = words.nameMissing
      else if (seen.has(name)) errors[`${key}.name`] = say(words.nameTwice, { name })
      seen.add(name)
      if (!shapeOf(shape)) errors[`${key}.shape`] = say(words.badShape, { text: shape })
    }
  }
  if (Object.keys(errors).length > 0) return { signature: undefined, errors }
  const all = (side: readonly TensorDraft[]) =>
    side.map(({ name, datatype, shape }) => ({ name, datatype, shape: shapeOf(shape) ?? [] }))
  return { signature: Signature.safeParse({ inputs: all(draft.inputs), outputs: all(draft.outputs) }).data, errors }
}
