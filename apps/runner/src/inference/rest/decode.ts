import type { Signature, TensorSpec } from '@stead/contracts'
import {
  flagOf,
  indexOf,
  type InferRequest,
  invalid,
  NO_PARAMETERS,
  placeInput,
  refuseRepeatedOutputs,
  refuseSharedMemory,
  type RequestedOutput,
  requestOutput,
  type RequestParameters,
  requireEveryInput,
  shown,
  type SignatureIndex,
  timeoutOf,
  wholeOf,
} from '../request.ts'
import { checkDatatype, checkRaw, checkShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { writeCells } from './cells.ts'
import { checkDepth, isObject, type JsonObject, parseJson } from './json.ts'
import { decodeRaw } from './raw.ts'

export interface InferHeaders {
  readonly 'inference-header-content-length'?: string | undefined
}

/** The raw tensors after the JSON part, handed out in the order the inputs are listed. */
interface Tail {
  readonly body: Buffer
  at: number
}

/** Decodes the body of `POST /v2/models/{m}/infer`: JSON, JSON followed by raw tensors, or one raw tensor.
 *  Raw tensors are views of `body`. Throws an `invalid` InferenceFailure that names what was wrong. */
export function decodeInfer(body: Buffer, headers: InferHeaders, signature: Signature): InferRequest {
  const headerLength = headers['inference-header-content-length']
  if (headerLength === undefined) return decodeDocument(body, body.length, undefined, signature)
  const length = /^\d{1,15}$/.test(headerLength) ? Number(headerLength) : -1
  if (length < 0 || length > body.length) {
    throw invalid(
      `Inference-Header-Content-Length must be from 0 to the body's ${body.length} bytes, got ${shown(headerLength)}`,
    )
  }
  if (length === 0) return decodeRaw(body, signature)
  return decodeDocument(body, length, { body, at: length }, signature)
}

function decodeDocument(body: Buffer, length: number, tail: Tail | undefined, signature: Signature): InferRequest {
  const index = indexOf(signature)
  const document = parseJson(body, length, index.hasWideIntegers)
  const parameters = parametersOf(document, 'the request')
  const inputs = readInputs(document.inputs, length, tail, signature, index)
  if (tail !== undefined && tail.at !== tail.body.length) {
    throw invalid(`the inputs' binary_data_size leave ${tail.body.length - tail.at} bytes of the body over`)
  }
  const binaryOutput = flagOf(parameters, 'binary_data_output', false)
  return {
    id: readId(document.id),
    inputs,
    outputs: readOutputs(document.outputs, binaryOutput, signature, index),
    binaryOutput,
    priority: wholeOf(parameters, 'priority'),
    timeoutMicros: timeoutOf(parameters),
    parameters,
  }
}

function readId(id: unknown): string | undefined {
  if (id === undefined || typeof id === 'string') return id
  throw invalid(`id must be a string, got ${shown(id)}`)
}

export function parametersOf(owner: JsonObject, what: string): RequestParameters {
  const parameters = owner.parameters
  if (parameters === undefined) return NO_PARAMETERS
  if (!isObject(parameters)) throw invalid(`the parameters of ${what} must be an object, got ${shown(parameters)}`)
  checkDepth(parameters, `the parameters of ${what}`)
  return parameters
}

function readInputs(
  given: unknown,
  textLength: number,
  tail: Tail | undefined,
  signature: Signature,
  index: SignatureIndex,
): Tensor[] {
  if (!Array.isArray(given)) throw invalid(`inputs must be an array, got ${shown(given)}`)
  const inputs: Tensor[] = []
  for (const input of given as readonly unknown[]) {
    if (!isObject(input)) throw invalid(`an input must be an object, got ${shown(input)}`)
    const position = placeInput(index, signature, input.name, inputs)
    inputs[position] = readInput(input, signature.inputs[position]!, textLength, tail)
  }
  if (given.length !== signature.inputs.length) requireEveryInput(signature, inputs)
  return inputs
}

function readInput(input: JsonObject, spec: TensorSpec, textLength: number, tail: Tail | undefined): Tensor {
  const { name, datatype } = spec
  checkDatatype(spec, input.datatype)
  const count = checkShape(spec, input.shape)
  const shape = input.shape as number[]
  if (input.parameters !== undefined) {
    const parameters = parametersOf(input, `input ${shown(name)}`)
    refuseSharedMemory(name, parameters)
    if (parameters.binary_data_size !== undefined) {
      if (input.data !== undefined) throw invalid(`input ${shown(name)} has both data and binary_data_size`)
      const data = takeTail(name, wholeOf(parameters, 'binary_data_size'), tail)
      checkRaw(name, datatype, count, data)
      return { name, datatype, shape, data }
    }
  }
  return { name, datatype, shape, data: writeCells(name, datatype, shape, count, input.data, textLength) }
}

function takeTail(name: string, size: number, tail: Tail | undefined): Uint8Array {
  if (tail === undefined) {
    throw invalid(`input ${shown(name)} has binary_data_size, but the request has no Inference-Header-Content-Length`)
  }
  const left = tail.body.length - tail.at
  if (size > left) throw invalid(`input ${shown(name)}: binary_data_size is ${size}, but ${left} bytes are left`)
  const view = new Uint8Array(tail.body.buffer, tail.body.byteOffset + tail.at, size)
  tail.at += size
  return view
}

function readOutputs(
  given: unknown,
  binaryOutput: boolean,
  signature: Signature,
  index: SignatureIndex,
): RequestedOutput[] | undefined {
  if (given === undefined) return undefined
  if (!Array.isArray(given)) throw invalid(`outputs must be an array, got ${shown(given)}`)
  // Clients that build the list unconditionally send an empty one when they want everything.
  if (given.length === 0) return undefined
  const requested = given.map((output: unknown) => {
    if (!isObject(output)) throw invalid(`an output must be an object, got ${shown(output)}`)
    return requestOutput(index, output.name, parametersOf(output, `output ${shown(output.name)}`), binaryOutput)
  })
  refuseRepeatedOutputs(requested, signature)
  return requested
}
