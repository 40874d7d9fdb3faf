import type { ServiceDefinition } from '@grpc/grpc-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InferenceFailure } from '../failure.ts'
import { NO_PARAMETERS, type RequestParameters } from '../request.ts'
import { encodeStreamAnswer, encodeStreamFailure } from './codec.ts'
import {
  readRequest,
  readResponse,
  type WireRequest,
  type WireTensor,
  writeRequest,
  writeResponse,
} from './messages.ts'
import { healthService, inferencePackage, inferenceService } from './services.ts'

/** The generic codec, as the reference. It has numbers as far as they are exact: shapes and parameters here are. */
const reference = inferencePackage['inference.GRPCInferenceService'] as ServiceDefinition

const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const name = fc.oneof(fc.constantFrom('', 'x', 'features', '__proto__', 'constructor'), text)
const size = fc.oneof(fc.nat(300), fc.integer(), fc.maxSafeInteger())
const parameter = fc.oneof(
  fc.boolean(),
  fc.maxSafeInteger(),
  text,
  fc.double({ noNaN: true }).filter((value) => !Number.isInteger(value)),
)
const parameters = fc
  .uniqueArray(fc.tuple(name, parameter), { selector: ([key]) => key, maxLength: 3 })
  .map((entries) => {
    if (entries.length === 0) return NO_PARAMETERS
    const made = Object.create(null) as Record<string, unknown>
    for (const [key, value] of entries) made[key] = value
    return made as RequestParameters
  })
const bytes = fc.uint8Array({ maxLength: 300 })
const tensor: fc.Arbitrary<WireTensor> = fc.record({
  name,
  datatype: name,
  shape: fc.array(size, { maxLength: 5 }),
  parameters,
  contents: fc.constant([]),
})
const request: fc.Arbitrary<WireRequest> = fc.record({
  modelName: name,
  modelVersion: name,
  id: text,
  parameters,
  inputs: fc.array(tensor, { maxLength: 3 }),
  outputs: fc.array(fc.record({ name, parameters }), { maxLength: 3 }),
  raw: fc.array(bytes, { maxLength: 3 }),
})

function plainParameters(given: RequestParameters): unknown[] {
  return Object.keys(given)
    .sort()
    .map((key) => [key, given[key]])
}
const plainTensor = ({ parameters: given, ...rest }: WireTensor) => ({ ...rest, parameters: plainParameters(given) })
const plain = (given: WireRequest) => ({
  ...given,
  parameters: plainParameters(given.parameters),
  inputs: given.inputs.map(plainTensor),
  outputs: given.outputs.map((output) => ({ ...output, parameters: plainParameters(output.parameters) })),
  raw: given.raw.map((view) => [...view]),
})

const CHOICES = { boolean: 'bool_param', string: 'string_param' } as const

function genericParameters(given: RequestParameters): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const key of Object.keys(given)) {
    const value = given[key]
    const choice =
      typeof value === 'number'
        ? Number.isInteger(value)
          ? 'int64_param'
          : 'double_param'
        : CHOICES[typeof value as 'string']
    Object.defineProperty(made, key, { value: { [choice]: value }, enumerable: true })
  }
  return made
}

function generic(given: WireRequest): object {
  return {
    model_name: given.modelName,
    model_version: given.modelVersion,
    id: given.id,
    parameters: genericParameters(given.parameters),
    inputs: given.inputs.map((input) => ({
      name: input.name,
      datatype: input.datatype,
      shape: input.shape,
      parameters: genericParameters(input.parameters),
    })),
    outputs: given.outputs.map((output) => ({ name: output.name, parameters: genericParameters(output.parameters) })),
    raw_input_contents: given.raw,
  }
}

/** The generic codec refuses to read a map key that names the prototype. */
const isReadable = (given: WireRequest) => !JSON.stringify(plain(given)).includes('__proto__')

describe('messages written by hand and by the generic codec', () => {
  test('what the generic codec wrote is read the same', () => {
    fc.assert(
      fc.property(request.filter(isReadable), (given) => {
        const read = readRequest(reference.ModelInfer!.requestSerialize(generic(given)))
        expect(plain(read)).toEqual(plain(given))
      }),
      { numRuns: 300 },
    )
  })

  test('what is written here is read the same by the generic codec', () => {
    fc.assert(
      fc.property(request.filter(isReadable), (given) => {
        const { ModelInfer } = reference
        const expected = ModelInfer!.requestDeserialize(ModelInfer!.requestSerialize(generic(given)))
        expect(ModelInfer!.requestDeserialize(writeRequest(given))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('requests and responses read back, with any key', () => {
    fc.assert(
      fc.property(request, ({ inputs, ...given }) => {
        expect(plain(readRequest(writeRequest({ ...given, inputs })))).toEqual(plain({ ...given, inputs }))
        const response = { ...given, outputs: inputs }
        const back = readResponse(writeResponse(response))
        expect(plain({ ...back, inputs: back.outputs, outputs: [] })).toEqual(
          plain({ ...response, inputs, outputs: [] }),
        )
      }),
      { numRuns: 300 },
    )
  })

  test('integers of 64 bits in parameters are exact', () => {
    const given = { a: 2n ** 63n - 1n, b: -(2n ** 63n), c: 2n ** 64n - 1n }
    const empty = { modelName: 'm', modelVersion: '', id: '', inputs: [], outputs: [], raw: [] }
    expect({ ...readRequest(writeRequest({ ...empty, parameters: given })).parameters }).toEqual(given)
  })
})

describe('malformed messages', () => {
  const valid = writeRequest({
    modelName: 'm',
    modelVersion: '1',
    id: 'i',
    parameters: { a: 1, b: 'c', d: 0.5 },
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [1, 300], parameters: NO_PARAMETERS, contents: [Uint8Array.of(50, 0)] },
    ],
    outputs: [{ name: 'y', parameters: { classification: 2 } }],
    raw: [new Uint8Array(20)],
  })

  const readOrRefuse = (given: Uint8Array) => {
    try {
      return readRequest(given)
    } catch (error) {
      expect(error).toBeInstanceOf(InferenceFailure)
      expect((error as InferenceFailure).kind).toBe('invalid')
      return undefined
    }
  }

  test('any bytes, and valid ones with any byte changed or cut off, are read or refused as invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(valid.length - 1), fc.nat(255), (noise, at, byte) => {
        readOrRefuse(noise)
        const changed = Uint8Array.from(valid)
        changed[at] = byte
        readOrRefuse(changed)
        readOrRefuse(valid.subarray(0, at))
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['a length past the end', [0x0a, 0x05, 0x61], 'claims 5 bytes'],
    ['a huge length', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'cut off'],
    [
      'a number that does not end',
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
      'more than ten bytes',
    ],
    ['a number cut off', [0x80], 'a number is cut off'],
    ['field number 0', [0x02, 0x00], 'is not a field'],
    ['a group', [0x0b, 0x0c], 'wire type 3'],
    ['a string that is no UTF-8', [0x1a, 0x01, 0xff], 'not UTF-8'],
    ['a string cut within a character', [0x0a, 0x03, 0xf0, 0x9f, 0x98], 'not UTF-8'],
  ])('%s is refused', (_, given, message) => {
    expect(() => readRequest(Uint8Array.from(given))).toThrow(message)
  })

  test('unknown fields are skipped', () => {
    const unknown = Uint8Array.of(
      0xa0,
      0x06,
      0x96,
      0x01,
      0xa2,
      0x06,
      0x01,
      0x00,
      0xa1,
      0x06,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      0xa5,
      0x06,
      1,
      2,
      3,
      4,
    )
    expect(plain(readRequest(Buffer.concat([unknown, valid])))).toEqual(plain(readRequest(valid)))
  })
})

describe('streams and services', () => {
  const { responseDeserialize } = reference.ModelStreamInfer!

  test('answers and failures in a stream are read by the generic codec', () => {
    const response = writeResponse({
      modelName: 'm',
      modelVersion: '1',
      id: 'r',
      parameters: NO_PARAMETERS,
      outputs: [],
      raw: [Uint8Array.of(7)],
    })
    expect(responseDeserialize(encodeStreamAnswer(response))).toMatchObject({
      error_message: '',
      infer_response: { model_name: 'm', id: 'r', raw_output_contents: [Buffer.of(7)] },
    })
    expect(responseDeserialize(encodeStreamFailure('too late', 'm', 'r9'))).toMatchObject({
      error_message: 'too late',
      infer_response: { model_name: 'm', id: 'r9' },
    })
  })

  test('the server side of ModelInfer passes encoded messages through', () => {
    const message = Buffer.of(1, 2)
    expect(inferenceService.ModelInfer!.requestDeserialize(message)).toBe(message)
    expect(inferenceService.ModelInfer!.responseSerialize(message)).toBe(message)
    expect(inferenceService.ModelInfer!.path).toBe('/inference.GRPCInferenceService/ModelInfer')
    expect(Object.keys(healthService)).toEqual(['Check', 'Watch', 'List'])
  })
})
