import type { Signature } from '@stead/contracts'
import { chooseOutputs } from '../classify.ts'
import {
  indexOf,
  type InferAnswer,
  type InferRequest,
  invalid,
  NO_PARAMETERS,
  placeInput,
  refuseRepeatedOutputs,
  refuseSharedMemory,
  requestOutput,
  requireEveryInput,
  shown,
  timeoutOf,
  wholeOf,
} from '../request.ts'
import { checkDatatype, checkRaw, checkShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { isEmptyContents, readContents } from './contents.ts'
import { type WireRequest, type WireTensor, writeResponse } from './messages.ts'
import { closeMessage, createWriter, openMessage, writeText, writeView, written } from './wire.ts'

/** A ModelInferRequest checked against the version it is for. Raw tensors stay views of the message. */
export function decodeModelInfer(message: WireRequest, signature: Signature): InferRequest {
  const index = indexOf(signature)
  const { parameters, raw } = message
  if (raw.length > 0 && raw.length !== message.inputs.length) {
    throw invalid(`raw_input_contents has ${raw.length} tensors for ${message.inputs.length} inputs`)
  }
  const inputs: Tensor[] = []
  for (let i = 0; i < message.inputs.length; i++) {
    const input = message.inputs[i]!
    const position = placeInput(index, signature, input.name, inputs)
    inputs[position] = readInput(input, raw[i], signature, position)
  }
  if (message.inputs.length !== signature.inputs.length) requireEveryInput(signature, inputs)
  const outputs = message.outputs.map((output) => requestOutput(index, output.name, output.parameters, true))
  refuseRepeatedOutputs(outputs, signature)
  return {
    id: message.id === '' ? undefined : message.id,
    inputs,
    outputs: outputs.length === 0 ? undefined : outputs,
    binaryOutput: true,
    priority: wholeOf(parameters, 'priority'),
    timeoutMicros: timeoutOf(parameters),
    parameters,
  }
}

function readInput(input: WireTensor, raw: Uint8Array | undefined, signature: Signature, position: number): Tensor {
  const spec = signature.inputs[position]!
  const { name, datatype } = spec
  const { shape, contents } = input
  checkDatatype(spec, input.datatype)
  const count = checkShape(spec, shape)
  if (input.parameters !== NO_PARAMETERS) refuseSharedMemory(name, input.parameters)
  if (raw === undefined) return { name, datatype, shape, data: readContents(name, datatype, count, contents) }
  if (!isEmptyContents(contents)) {
    throw invalid(`input ${shown(name)} has contents beside raw_input_contents: send one of them`)
  }
  checkRaw(name, datatype, count, raw)
  return { name, datatype, shape, data: raw }
}

/** The answer as a ModelInferResponse. Outputs are always raw: clients read raw ones first, and some nothing else. */
export function encodeModelInfer(answer: InferAnswer): Buffer {
  const outputs: WireTensor[] = []
  const raw: Uint8Array[] = []
  for (const { tensor } of chooseOutputs(answer)) {
    const { name, datatype, shape } = tensor
    outputs.push({ name, datatype, shape: shape as number[], parameters: NO_PARAMETERS, contents: [] })
    raw.push(tensor.data)
  }
  return writeResponse({
    modelName: answer.modelName,
    modelVersion: answer.modelVersion,
    id: answer.id ?? '',
    parameters: answer.parameters ?? NO_PARAMETERS,
    outputs,
    raw,
  })
}

/** A ModelStreamInferResponse around an encoded ModelInferResponse. */
export function encodeStreamAnswer(response: Buffer): Buffer {
  const writer = createWriter(response.length + 16)
  writeView(writer, 2, response)
  return written(writer)
}

/** A failure within a stream, which goes on. It has the request's id, by which clients know what failed. */
export function encodeStreamFailure(message: string, modelName: string, id: string | undefined): Buffer {
  const writer = createWriter(256)
  writeText(writer, 1, message)
  const start = openMessage(writer, 2)
  writeText(writer, 1, modelName)
  writeText(writer, 3, id ?? '')
  closeMessage(writer, start)
  return written(writer)
}
