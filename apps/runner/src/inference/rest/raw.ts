import { DATATYPE_BYTES, type Signature, type TensorSpec } from '@stead/contracts'
import { type InferRequest, invalid, NO_PARAMETERS, shown } from '../request.ts'
import { checkRaw } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/** A request that is nothing but one tensor's bytes (Inference-Header-Content-Length: 0).
 *  The shape comes of the signature and the body's length; every answer is binary. */
export function decodeRaw(body: Buffer, signature: Signature): InferRequest {
  const spec = signature.inputs[0]
  if (spec === undefined || signature.inputs.length > 1) {
    throw invalid(`a raw request carries one input, and this model takes ${signature.inputs.length}`)
  }
  return {
    id: undefined,
    inputs: [spec.datatype === 'BYTES' ? oneString(spec, body) : numbers(spec, body)],
    outputs: undefined,
    binaryOutput: true,
    priority: 0,
    timeoutMicros: undefined,
    parameters: NO_PARAMETERS,
  }
}

/** The body is the element itself, without the length that BYTES tensors carry. */
function oneString(spec: TensorSpec, body: Buffer): Tensor {
  if (spec.shape.some((size) => size !== 1 && size !== -1)) throw notRaw(spec, 'a BYTES input of one element')
  const data = new Uint8Array(4 + body.length)
  new DataView(data.buffer).setUint32(0, body.length, true)
  data.set(body, 4)
  return { name: spec.name, datatype: spec.datatype, shape: spec.shape.map(() => 1), data }
}

function numbers(spec: TensorSpec, body: Buffer): Tensor {
  const data = new Uint8Array(body.buffer, body.byteOffset, body.length)
  const shape = [...spec.shape]
  // Two free sizes: the first is the batch, and a raw request is a batch of one.
  if (shape[0] === -1 && shape.indexOf(-1, 1) !== -1) shape[0] = 1
  const free = shape.indexOf(-1)
  if (free !== shape.lastIndexOf(-1)) throw notRaw(spec, 'an input with one size to find')
  const width = DATATYPE_BYTES[spec.datatype]
  const fixed = shape.reduce((product, size) => (size === -1 ? product : product * size), 1)
  if (free !== -1) shape[free] = fixed === 0 ? 0 : Math.floor(body.length / width / fixed)
  checkRaw(spec.name, spec.datatype, free === -1 ? fixed : fixed * shape[free]!, data)
  return { name: spec.name, datatype: spec.datatype, shape, data }
}

function notRaw(spec: TensorSpec, expected: string): Error {
  return invalid(
    `a raw request needs ${expected}, and ${shown(spec.name)} is ${spec.datatype} [${spec.shape.join(', ')}]`,
  )
}
