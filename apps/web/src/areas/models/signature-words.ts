import { signatureDifferences } from '@stead/contracts'
import type { Signature, SignatureDifference, TensorSpec } from '@stead/contracts'
import { models as words } from '../../strings/models.ts'
import { say } from '../../strings/message.ts'

export interface DifferenceInWords {
  readonly says: string
  /** Whether callers of the other would notice. */
  readonly breaks: boolean
}

export const shapeInWords = ({ shape }: Pick<TensorSpec, 'shape'>): string => `[${shape.join(', ')}]`

const find = (signature: Signature, side: SignatureDifference['side'], name: string): TensorSpec | undefined =>
  (side === 'input' ? signature.inputs : signature.outputs).find((spec) => spec.name === name)

/** How a version differs from the one before, in a few words for a cell. */
export function inShort(before: { signature: Signature; version: number }, now: Signature): DifferenceInWords {
  const differences = signatureDifferences(before.signature, now)
  const breaks = differences.some((difference) => difference.breaks)
  if (differences.length === 0) return { says: say(words.sameAs, { version: before.version }), breaks }
  const renamed = renaming(differences, before.signature, now)
  if (renamed !== undefined) return { says: say(words.wordRenamed, { name: renamed }), breaks }
  if (differences.length > 1) return { says: say(words.wordChanges, { count: differences.length }), breaks }
  return { says: oneInShort(differences[0]!, now), breaks }
}

function oneInShort({ side, name, is }: SignatureDifference, now: Signature): string {
  const spec = find(now, side, name)
  switch (is) {
    case 'added':
      return say(words.wordAdded, { name })
    case 'missing':
      return say(words.wordGone, { name })
    case 'datatype':
      return say(words.wordType, { name, type: spec?.datatype ?? '' })
    case 'shape':
      return say(words.wordShape, { name, shape: spec ? shapeInWords(spec) : '' })
  }
}

/** One that went and one that came, alike but for the name. */
function renaming(differences: readonly SignatureDifference[], before: Signature, now: Signature): string | undefined {
  const [one, other] = differences
  if (differences.length !== 2 || one?.is !== 'missing' || other?.is !== 'added' || one.side !== other.side)
    return undefined
  const gone = find(before, one.side, one.name)
  const come = find(now, other.side, other.name)
  const isAlike = gone?.datatype === come?.datatype && String(gone?.shape) === String(come?.shape)
  return isAlike ? one.name : undefined
}

/** How one tensor differs from that of the same name in the other version. */
export function tensorInWords(
  { side, is, breaks }: SignatureDifference,
  before: TensorSpec | undefined,
  now: TensorSpec | undefined,
): string {
  switch (is) {
    case 'missing':
      return words.isGone
    case 'added':
      return side === 'input' && breaks ? words.isNewInput : words.isNew
    case 'datatype':
      return say(words.wasType, { type: before?.datatype ?? '' })
    case 'shape': {
      const shape = before ? shapeInWords(before) : ''
      if (now && before && covers(now.shape, before.shape)) return say(words.wider, { shape })
      if (now && before && covers(before.shape, now.shape)) return say(words.narrower, { shape })
      return say(words.otherShape, { shape })
    }
  }
}

const covers = (wide: readonly number[], narrow: readonly number[]) =>
  wide.length === narrow.length && wide.every((size, at) => size === -1 || size === narrow[at])
