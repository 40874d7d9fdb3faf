import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Datatype, Signature } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { decodeModelInfer, encodeModelInfer } from './codec.ts'
import { readRequest, readResponse } from './messages.ts'
import { inferencePackage } from './services.ts'

const vector = (datatype: Datatype): Signature => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'scores', datatype: 'FP32', shape: [-1] },
  ],
})

const service = inferencePackage['inference.GRPCInferenceService'] as ServiceDefinition
const encoded = (message: object): Buffer => service.ModelInfer!.requestSerialize(message)
const decode = (message: object, datatype: Datatype = 'FP32') =>
  decodeModelInfer(readRequest(encoded(message)), vector(datatype))

const input = (datatype: Datatype, contents: object | undefined, shape = [2]) => ({
  name: 'x',
  datatype,
  shape,
  contents,
})
const raw = (inputs: object[], ...contents: Uint8Array[]) => ({ inputs, raw_input_contents: contents })
const eight = new Uint8Array(8)

test('the id, priority, timeout and parameters of a request are kept', () => {
  const parameters = { priority: { int64_param: 3 }, timeout: { uint64_param: 250 }, note: { string_param: 'a' } }
  const request = decode({ id: 'r1', parameters, inputs: [input('FP32', { fp32_contents: [1, 2] })] })
  expect(request).toMatchObject({ id: 'r1', priority: 3, timeoutMicros: 250, binaryOutput: true, outputs: undefined })
  expect({ ...request.parameters }).toEqual({ priority: 3, timeout: 250, note: 'a' })
  expect(decode(raw([input('FP32', undefined)], eight)).id).toBeUndefined()
})

test('requested outputs keep their order and classification', () => {
  const outputs = [{ name: 'scores', parameters: { classification: { int64_param: 2 } } }, { name: 'label' }]
  expect(decode({ ...raw([input('FP32', undefined)], eight), outputs }).outputs).toEqual([
    { index: 1, binary: true, classification: 2 },
    { index: 0, binary: true, classification: 0 },
  ])
})

test('raw tensors and packed floats are views of the message', () => {
  const message = encoded(raw([input('FP32', undefined)], eight))
  const [x] = decodeModelInfer(readRequest(message), vector('FP32')).inputs
  expect(x!.data.buffer).toBe(message.buffer)
  const typed = encoded({ inputs: [input('FP32', { fp32_contents: [1, 2] })] })
  expect(decodeModelInfer(readRequest(typed), vector('FP32')).inputs[0]!.data.buffer).toBe(typed.buffer)
})

test('contents that are not packed, or come in parts, are read as one', () => {
  const part = (...bytes: number[]) => [0x2a, bytes.length, ...bytes]
  const tensor = [0x0a, 1, 0x78, 0x12, 5, ...Buffer.from('INT32'), 0x1a, 1, 4]
  const body = [...tensor, ...part(0x10, 1, 0x10, 2), ...part(0x12, 1, 3, 0x10, 4)]
  const { inputs } = decodeModelInfer(readRequest(Uint8Array.from([0x2a, body.length, ...body])), vector('INT32'))
  expect([...new Int32Array(Uint8Array.from(inputs[0]!.data).buffer)]).toEqual([1, 2, 3, 4])
})

describe('requests that are refused say what was wrong', () => {
  const refused = (datatype: Datatype, message: object) => () => decode(message, datatype)
  test.each([
    [
      'raw beside typed contents',
      refused('FP32', raw([input('FP32', { fp32_contents: [1, 2] })], eight)),
      'send one of them',
    ],
    [
      'more raw tensors than inputs',
      refused('FP32', raw([input('FP32', undefined)], eight, eight)),
      'has 2 tensors for 1 inputs',
    ],
    [
      "raw bytes that are not the shape's",
      refused('FP32', raw([input('FP32', undefined, [3])], eight)),
      '3 elements of FP32 are 12 bytes, got 8',
    ],
    [
      'no data at all',
      refused('FP32', { inputs: [input('FP32', undefined)] }),
      'expected 2 elements of FP32 in its contents, got 0',
    ],
    ['too few elements', refused('INT32', { inputs: [input('INT32', { int_contents: [1] })] }), 'got fewer'],
    ['too many elements', refused('INT32', { inputs: [input('INT32', { int_contents: [1, 2, 3] })] }), 'got more'],
    ['fewer elements than bytes', refused('INT32', { inputs: [input('INT32', { int_contents: [1000] })] }), 'got 1'],
    ['too few BYTES', refused('BYTES', { inputs: [input('BYTES', { bytes_contents: [eight] })] }), 'got 1'],
    [
      'elements in another field',
      refused('FP32', { inputs: [input('FP32', { int_contents: [1, 2] })] }),
      'FP32 belongs in fp32_contents, got int_contents',
    ],
    [
      'a value out of range',
      refused('INT8', { inputs: [input('INT8', { int_contents: [1, 200] })] }),
      'element 1 is out of the range of INT8',
    ],
    [
      'an unsigned value out of range',
      refused('UINT16', { inputs: [input('UINT16', { uint_contents: [70000, 1] })] }),
      'element 0 is out of the range of UINT16',
    ],
    [
      'typed 16-bit floats',
      refused('FP16', { inputs: [input('FP16', { fp32_contents: [1, 2] })] }),
      'only travels in raw_input_contents',
    ],
    [
      'a negative size',
      refused('FP32', raw([input('FP32', undefined, [-2])], eight)),
      'shape[0] must be a whole number from 0, got -2',
    ],
    [
      'a size beyond what is exact',
      refused('FP32', raw([input('FP32', undefined, [2 ** 60])], eight)),
      'shape[0] must be a whole number',
    ],
    ['another datatype', refused('FP64', raw([input('FP32', undefined)], eight)), 'expected datatype FP64, got "FP32"'],
    [
      'an unknown output',
      refused('FP32', { ...raw([input('FP32', undefined)], eight), outputs: [{ name: 'z' }] }),
      'unknown output "z"',
    ],
    ['a missing input', refused('FP32', {}), 'input "x" (FP32) is missing'],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(expect.objectContaining({ kind: 'invalid', message: expect.stringContaining(message) }))
  })
})

test('an answer is raw, in the order that was asked for, and classified where that was', () => {
  const scores = {
    name: 'scores',
    datatype: 'FP32' as const,
    shape: [2],
    data: new Uint8Array(Float32Array.of(1, 3).buffer),
  }
  const label = { name: 'label', datatype: 'INT64' as const, shape: [1], data: eight }
  const answer = {
    modelName: 'm',
    modelVersion: '2',
    id: undefined,
    parameters: { generation: 4 },
    outputs: [label, scores],
    binary: false,
  }
  const requested = [
    { index: 1, binary: true, classification: 1 },
    { index: 0, binary: true, classification: 0 },
  ]
  const back = readResponse(encodeModelInfer({ ...answer, requested }))
  expect(back.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual([
    { name: 'scores', datatype: 'BYTES', shape: [1] },
    { name: 'label', datatype: 'INT64', shape: [1] },
  ])
  expect(Buffer.from(back.raw[0]!).toString()).toBe('\x0a\0\0\x003.000000:1')
  expect(service.ModelInfer!.responseDeserialize(encodeModelInfer({ ...answer, requested }))).toMatchObject({
    model_name: 'm',
    parameters: { generation: { int64_param: 4 } },
    raw_output_contents: [expect.anything(), Buffer.from(eight)],
  })
})
