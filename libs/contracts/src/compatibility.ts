import type { Signature, TensorSpec } from './tensors.ts'

/** One way in which a version's signature is not the contract. */
export interface SignatureDifference {
  readonly side: 'input' | 'output'
  readonly name: string
  readonly is: 'missing' | 'added' | 'datatype' | 'shape'
  /** Whether callers who rely on the contract would notice. */
  readonly breaks: boolean
  readonly says: string
}

/** How a version differs from a contract, or from another version. Inputs: all that the contract takes must be taken,
 *  and nothing more asked. Outputs: all that it promises must be given; more may be. A shape may be freer for an input
 *  and narrower for an output. */
export function signatureDifferences(contract: Signature, version: Signature): SignatureDifference[] {
  return [
    ...contract.inputs.flatMap((promised) => inputDifference(promised, find(version.inputs, promised.name))),
    ...version.inputs
      .filter((input) => !find(contract.inputs, input.name))
      .map((input) => breaking('input', input, 'added', 'the version asks for it, the contract does not have it')),
    ...contract.outputs.flatMap((promised) => outputDifference(promised, find(version.outputs, promised.name))),
    ...version.outputs
      .filter((output) => !find(contract.outputs, output.name))
      .map((output) => harmless('output', output, 'added', 'the version gives it besides')),
  ]
}

/** Those that break the contract, as sentences; none means the version may answer for it. */
export const contractDifferences = (contract: Signature, version: Signature): string[] =>
  signatureDifferences(contract, version)
    .filter(({ breaks }) => breaks)
    .map(({ says }) => says)

const find = (specs: readonly TensorSpec[], name: string) => specs.find((spec) => spec.name === name)
const shapeText = (shape: readonly number[]) => `[${shape.join(', ')}]`

type Made = (
  side: SignatureDifference['side'],
  spec: TensorSpec,
  is: SignatureDifference['is'],
  why: string,
) => SignatureDifference
const made =
  (breaks: boolean): Made =>
  (side, { name }, is, why) => ({ side, name, is, breaks, says: `${side} "${name}": ${why}` })
const breaking = made(true)
const harmless = made(false)

/** Whether every shape that `narrow` allows is one that `wide` allows. */
const covers = (wide: readonly number[], narrow: readonly number[]) =>
  wide.length === narrow.length && wide.every((size, at) => size === -1 || size === narrow[at])
const same = (one: readonly number[], other: readonly number[]) => covers(one, other) && covers(other, one)

function inputDifference(promised: TensorSpec, given: TensorSpec | undefined): SignatureDifference[] {
  if (!given) return [breaking('input', promised, 'missing', 'the contract takes it, the version does not')]
  if (given.datatype !== promised.datatype)
    return [
      breaking('input', promised, 'datatype', `the contract takes ${promised.datatype}, the version ${given.datatype}`),
    ]
  if (same(given.shape, promised.shape)) return []
  const why = `the contract takes shape ${shapeText(promised.shape)}, the version ${shapeText(given.shape)}`
  // Whatever the contract lets callers send, the version must take.
  return [(covers(given.shape, promised.shape) ? harmless : breaking)('input', promised, 'shape', why)]
}

function outputDifference(promised: TensorSpec, given: TensorSpec | undefined): SignatureDifference[] {
  if (!given) return [breaking('output', promised, 'missing', 'the contract promises it, the version does not give it')]
  if (given.datatype !== promised.datatype)
    return [
      breaking(
        'output',
        promised,
        'datatype',
        `the contract promises ${promised.datatype}, the version gives ${given.datatype}`,
      ),
    ]
  if (same(given.shape, promised.shape)) return []
  const why = `the contract promises shape ${shapeText(promised.shape)}, the version gives ${shapeText(given.shape)}`
  return [(covers(promised.shape, given.shape) ? harmless : breaking)('output', promised, 'shape', why)]
}
