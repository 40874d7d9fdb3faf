import { SteadError } from '@stead/contracts'
import type { Assertion, InferenceRequest, Signature, TensorSpec } from '@stead/contracts'

type Tensor = InferenceRequest['inputs'][number]

/** Refuses a golden request that callers of the contract could not send, or whose assertion could never hold. */
export function refuseUnfitting(contract: Signature, request: InferenceRequest, assertion: Assertion): void {
  const given = request.inputs.map(({ name }) => name)
  for (const { name } of contract.inputs)
    if (!given.includes(name)) throw unfit('body.request.inputs', `the input "${name}" of the contract is missing`)
  checkTensors(contract.inputs, request.inputs, 'body.request.inputs')
  for (const { name } of request.outputs ?? []) specOf(contract.outputs, name, 'body.request.outputs')
  checkAssertion(contract.outputs, assertion)
}

function checkAssertion(outputs: readonly TensorSpec[], assertion: Assertion): void {
  switch (assertion.kind) {
    case 'valid':
      return
    case 'range': {
      const { output, min, max } = assertion
      if (output !== undefined) specOf(outputs, output, 'body.assertion.output')
      if (min === undefined && max === undefined) throw unfit('body.assertion', 'a range has a min, a max or both')
      if (min !== undefined && max !== undefined && min > max)
        throw unfit('body.assertion', `the range from ${min} to ${max} is empty`)
      return
    }
    case 'close':
    case 'exact':
      if (assertion.outputs.length === 0)
        throw unfit('body.assertion.outputs', 'at least one expected output is needed')
      return checkTensors(outputs, assertion.outputs, 'body.assertion.outputs')
  }
}

function checkTensors(specs: readonly TensorSpec[], tensors: readonly Tensor[], where: string): void {
  tensors.forEach((tensor, at) => {
    if (tensors.findIndex(({ name }) => name === tensor.name) < at)
      throw unfit(where, `"${tensor.name}" is given twice`)
    checkTensor(specOf(specs, tensor.name, where), tensor, `${where}.${at}`)
  })
}

function checkTensor(spec: TensorSpec, { name, datatype, shape, data }: Tensor, where: string): void {
  if (datatype !== spec.datatype)
    throw unfit(`${where}.datatype`, `"${name}" is ${spec.datatype} in the contract, not ${datatype}`)
  const fits =
    shape.length === spec.shape.length &&
    shape.every((size, axis) => size >= 0 && (spec.shape[axis] === -1 || spec.shape[axis] === size))
  if (!fits)
    throw unfit(
      `${where}.shape`,
      `"${name}" has shape [${spec.shape.join(', ')}] in the contract, not [${shape.join(', ')}]`,
    )
  if (!Array.isArray(data)) throw unfit(`${where}.data`, `the data of "${name}" is an array`)
  const cells: unknown[] = (data as unknown[]).flat(shape.length)
  const count = shape.reduce((product, size) => product * size, 1)
  if (cells.length !== count)
    throw unfit(
      `${where}.data`,
      `"${name}" of shape [${shape.join(', ')}] has ${count} elements, ${cells.length} are given`,
    )
  const odd = cells.find((cell) => typeof cell !== CELLS[spec.datatype])
  if (odd !== undefined)
    throw unfit(`${where}.data`, `an element of "${name}" is no ${spec.datatype}: ${JSON.stringify(odd)?.slice(0, 40)}`)
}

const CELLS: Readonly<Record<TensorSpec['datatype'], 'boolean' | 'number' | 'string'>> = {
  BOOL: 'boolean',
  UINT8: 'number',
  UINT16: 'number',
  UINT32: 'number',
  UINT64: 'number',
  INT8: 'number',
  INT16: 'number',
  INT32: 'number',
  INT64: 'number',
  FP16: 'number',
  BF16: 'number',
  FP32: 'number',
  FP64: 'number',
  BYTES: 'string',
}

function specOf(specs: readonly TensorSpec[], name: string, where: string): TensorSpec {
  const spec = specs.find((one) => one.name === name)
  if (!spec) throw unfit(where, `the contract has no "${name}"`)
  return spec
}

const unfit = (where: string, message: string) => new SteadError('invalid_request', message, { where })
