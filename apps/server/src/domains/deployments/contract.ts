import type { Signature, TensorSpec } from '@stead/contracts'

/** The ways in which a version would break the contract that callers rely on; none means it may answer for it.
 *  Inputs: all that the contract takes must be taken, and nothing more asked. Outputs: all that it promises must be given. */
export function contractDifferences(contract: Signature, version: Signature): string[] {
  return [
    ...contract.inputs.flatMap((promised) => inputDifference(promised, find(version.inputs, promised.name))),
    ...version.inputs
      .filter((input) => !find(contract.inputs, input.name))
      .map((input) => `input "${input.name}": the version asks for it, the contract does not have it`),
    ...contract.outputs.flatMap((promised) => outputDifference(promised, find(version.outputs, promised.name))),
  ]
}

const find = (specs: readonly TensorSpec[], name: string) => specs.find((spec) => spec.name === name)
const shapeText = (shape: readonly number[]) => `[${shape.join(', ')}]`

function inputDifference(promised: TensorSpec, given: TensorSpec | undefined): string[] {
  if (!given) return [`input "${promised.name}": the contract takes it, the version does not`]
  if (given.datatype !== promised.datatype)
    return [`input "${promised.name}": the contract takes ${promised.datatype}, the version ${given.datatype}`]
  // Whatever the contract lets callers send, the version must take.
  const takes =
    given.shape.length === promised.shape.length &&
    given.shape.every((size, at) => size === -1 || size === promised.shape[at])
  return takes
    ? []
    : [
        `input "${promised.name}": the contract takes shape ${shapeText(promised.shape)}, the version ${shapeText(given.shape)}`,
      ]
}

function outputDifference(promised: TensorSpec, given: TensorSpec | undefined): string[] {
  if (!given) return [`output "${promised.name}": the contract promises it, the version does not give it`]
  if (given.datatype !== promised.datatype)
    return [
      `output "${promised.name}": the contract promises ${promised.datatype}, the version gives ${given.datatype}`,
    ]
  const keeps =
    given.shape.length === promised.shape.length &&
    promised.shape.every((size, at) => size === -1 || size === given.shape[at])
  return keeps
    ? []
    : [
        `output "${promised.name}": the contract promises shape ${shapeText(promised.shape)}, the version gives ${shapeText(given.shape)}`,
      ]
}
