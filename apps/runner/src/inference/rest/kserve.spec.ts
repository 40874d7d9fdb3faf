import type { Signature } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText, nested, sampleOf } from '../arbitraries.ts'
import type { Tensor } from '../tensor.ts'
import { decodePredict, encodePredict } from './kserve.ts'

const one: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
}
const two: Signature = {
  inputs: [
    { name: 'age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'city', datatype: 'BYTES', shape: [-1] },
  ],
  outputs: one.outputs,
}
const read = (document: unknown, signature = one) => decodePredict(Buffer.from(jsonText(document)), signature)
const singles = (tensor: Tensor | undefined) => [...new Float32Array(Uint8Array.from(tensor!.data).buffer)]

test('instances of a model with one input are its rows', () => {
  const [x] = read({
    instances: [
      [1, 2],
      [3, 4],
    ],
  }).inputs
  expect(x).toMatchObject({ name: 'x', datatype: 'FP32', shape: [2, 2] })
  expect(singles(x)).toEqual([1, 2, 3, 4])
  expect(singles(read({ instances: [{ x: [5, 6] }] }).inputs[0])).toEqual([5, 6])
})

test('instances of a model with several inputs are objects, whose bare values fill columns of width one', () => {
  const [age, city] = read(
    {
      instances: [
        { city: 'Bern', age: 2n ** 60n },
        { age: 3, city: 'Zü' },
      ],
    },
    two,
  ).inputs
  expect(age!.shape).toEqual([2, 1])
  expect([...new BigInt64Array(Uint8Array.from(age!.data).buffer)]).toEqual([2n ** 60n, 3n])
  expect(city).toMatchObject({ shape: [2] })
  expect(Buffer.from(city!.data).toString()).toBe('\x04\0\0\0Bern\x03\0\0\0Zü')
})

test('the column format gives whole tensors', () => {
  expect(singles(read({ inputs: [[1, 2]] }).inputs[0])).toEqual([1, 2])
  expect(singles(read({ inputs: { x: [[1, 2]] } }).inputs[0])).toEqual([1, 2])
  expect(read({ inputs: { age: [[1], [2]], city: ['a', 'b'] } }, two).inputs.map(({ shape }) => shape)).toEqual([
    [2, 1],
    [2],
  ])
})

test('no instances are a batch of none', () => {
  expect(read({ instances: [] }).inputs[0]).toMatchObject({ shape: [0, 2] })
})

test.each([
  [{}, one, /either instances or inputs/],
  [{ instances: [[1, 2]], inputs: [[1, 2]] }, one, /either instances or inputs/],
  [{ instances: 3 }, one, /instances must be an array, got 3/],
  [{ instances: [[1, 2], [3]] }, one, /input "x": data does not match shape/],
  [{ instances: [[1, 2, 3]] }, one, /expected shape \[-1, 2\]/],
  [{ instances: [1] }, two, /instances\[0\] must be an object/],
  [{ instances: [{ age: 1 }] }, two, /input "city" \(BYTES\) is missing/],
  [{ instances: [{ age: 1, city: 'a', zip: 2 }] }, two, /unknown input "zip"/],
  [{ inputs: [[1, 2]] }, two, /inputs must be an object of 2 tensors/],
])('refuses %j', (document, signature, message) => {
  expect(() => read(document, signature)).toThrow(
    expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(message) }),
  )
})

const answer = (outputs: Tensor[]) =>
  encodePredict({
    modelName: 'm',
    modelVersion: '1',
    id: undefined,
    parameters: undefined,
    outputs,
    requested: undefined,
    binary: false,
  }).body as string

const floats = (name: string, shape: number[], ...values: number[]): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

test('predictions have a row each: the only output, or an object of the outputs', () => {
  expect(answer([floats('y', [2], 0.1, 2)])).toBe('{"predictions":[0.1,2]}')
  expect(answer([floats('y', [2, 1], 0.1, NaN)])).toBe('{"predictions":[[0.1],[null]]}')
  expect(answer([floats('y', [2], 1, 2), floats('z', [2, 2], 3, 4, 5, 6)])).toBe(
    '{"predictions":[{"y":1,"z":[3,4]},{"y":2,"z":[5,6]}]}',
  )
  expect(answer([floats('y', [1], 1), floats('z', [2], 3, 4)])).toBe('{"predictions":{"y":[1],"z":[3,4]}}')
})

test('any tensor goes in as instances and comes out as predictions unchanged', () => {
  const samples = fc
    .constantFrom('INT64' as const, 'FP32' as const, 'BOOL' as const, 'BYTES' as const)
    .chain((datatype) => sampleOf('x', datatype))
    .filter(({ tensor }) => tensor.shape.length > 0 && tensor.shape.every((size) => size > 0))
  fc.assert(
    fc.property(samples, ({ tensor, cells }) => {
      const specs = [{ name: 'x', datatype: tensor.datatype, shape: tensor.shape.map(() => -1) }]
      const rows = jsonText(nested(cells!, tensor.shape))
      const request = decodePredict(Buffer.from(`{"instances":${rows}}`), { inputs: specs, outputs: specs })
      expect([...request.inputs[0]!.data]).toEqual([...tensor.data])
      const back = decodePredict(Buffer.from(answer([tensor]).replace('predictions', 'instances')), {
        inputs: specs,
        outputs: specs,
      })
      expect([...back.inputs[0]!.data]).toEqual([...tensor.data])
    }),
    { numRuns: 100 },
  )
})
