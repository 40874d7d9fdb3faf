import type { Assertion, GoldenRequest, Signature } from '@stead/contracts'
import { numbersOf, bytesOf } from './elements.ts'
import type { InferRequest } from './request.ts'
import { decodeInfer } from './rest/decode.ts'
import type { Tensor } from './tensor.ts'

/** A golden request read by the contract it was written for. */
export function readGolden({ request }: Pick<GoldenRequest, 'request'>, contract: Signature): InferRequest {
  return decodeInfer(Buffer.from(JSON.stringify(request)), {}, contract)
}

/** Why the answer does not keep the assertion; undefined when it does. `outputs` follow the contract. */
export function answerProblem(
  assertion: Assertion,
  contract: Signature,
  outputs: readonly (Tensor | undefined)[],
): string | undefined {
  const invalid = validProblem(contract, outputs)
  if (invalid) return invalid
  switch (assertion.kind) {
    case 'valid':
      return undefined
    case 'range':
      return rangeProblem(assertion, outputs)
    case 'close':
      return differenceProblem(assertion.outputs, outputs, assertion.tolerance)
    case 'exact':
      return differenceProblem(assertion.outputs, outputs, 0)
  }
}

function validProblem(contract: Signature, outputs: readonly (Tensor | undefined)[]): string | undefined {
  for (const [at, spec] of contract.outputs.entries()) {
    const tensor = outputs[at]
    if (!tensor) return `output "${spec.name}" is missing`
    if (tensor.datatype !== spec.datatype)
      return `output "${spec.name}" is ${tensor.datatype}, the contract promises ${spec.datatype}`
    const fits =
      tensor.shape.length === spec.shape.length &&
      spec.shape.every((size, axis) => size === -1 || size === tensor.shape[axis])
    if (!fits)
      return `output "${spec.name}" has shape [${tensor.shape.join(', ')}], the contract promises [${spec.shape.join(', ')}]`
    if (tensor.datatype === 'BYTES') continue
    for (const value of Array.from(numbersOf(tensor))) {
      if (typeof value === 'number' && !Number.isFinite(value))
        return `output "${spec.name}" has a value that is not finite: ${value}`
    }
  }
  return undefined
}

function rangeProblem(
  { output, min = -Infinity, max = Infinity }: Extract<Assertion, { kind: 'range' }>,
  outputs: readonly (Tensor | undefined)[],
): string | undefined {
  const meant = outputs.filter(
    (tensor) => tensor && tensor.datatype !== 'BYTES' && (output === undefined || tensor.name === output),
  )
  if (meant.length === 0)
    return `there is no numeric output ${output === undefined ? '' : `"${output}" `}to compare with the range`
  for (const tensor of meant) {
    for (const value of Array.from(numbersOf(tensor!))) {
      if (value < min || value > max) return `output "${tensor!.name}" is ${value}, outside of ${min} to ${max}`
    }
  }
  return undefined
}

type Expected = Extract<Assertion, { kind: 'exact' }>['outputs']

function differenceProblem(
  expected: Expected,
  outputs: readonly (Tensor | undefined)[],
  tolerance: number,
): string | undefined {
  for (const { name, shape, data } of expected) {
    const tensor = outputs.find((one) => one?.name === name)
    if (!tensor) return `output "${name}" is missing`
    if (tensor.shape.join() !== shape.join())
      return `output "${name}" has shape [${tensor.shape.join(', ')}] instead of [${shape.join(', ')}]`
    const want = (Array.isArray(data) ? (data as unknown[]).flat(32) : [data]) as unknown[]
    const have = valuesOf(tensor)
    if (want.length !== have.length) return `output "${name}" has ${have.length} values instead of ${want.length}`
    const at = want.findIndex((value, index) => !isClose(value, have[index], tolerance))
    if (at >= 0)
      return `output "${name}" is ${have[at]} at ${at}, expected ${String(want[at])}${tolerance > 0 ? ` within ${tolerance}` : ''}`
  }
  return undefined
}

function valuesOf(tensor: Tensor): (number | bigint | string | boolean)[] {
  if (tensor.datatype === 'BYTES') return bytesOf(tensor).map((bytes) => Buffer.from(bytes).toString('utf8'))
  if (tensor.datatype === 'BOOL') return Array.from(tensor.data, (byte) => byte !== 0)
  return Array.from(numbersOf(tensor))
}

/** Within `tolerance` absolutely, or relative to the expected value where that is larger than 1. */
function isClose(want: unknown, have: number | bigint | string | boolean | undefined, tolerance: number): boolean {
  if (typeof want !== 'number' || (typeof have !== 'number' && typeof have !== 'bigint')) return want === have
  // JSON holds the shortest text of a float32, which reads back to another double.
  const exact = typeof have === 'number' && Math.fround(want) === have
  return exact || Number(have) === want || Math.abs(Number(have) - want) <= tolerance * Math.max(1, Math.abs(want))
}
