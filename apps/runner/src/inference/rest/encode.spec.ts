import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InferenceFailure } from '../failure.ts'
import type { InferAnswer, RequestedOutput } from '../request.ts'
import type { Tensor } from '../tensor.ts'
import { encodeInfer } from './encode.ts'
import { numbersOf } from '../elements.ts'
import { shorten } from './numbers.ts'

const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer)
const tensor = (name: string, datatype: Tensor['datatype'], shape: number[], data: Uint8Array): Tensor => ({
  name,
  datatype,
  shape,
  data,
})
const answer = (outputs: (Tensor | undefined)[], rest: Partial<InferAnswer> = {}): InferAnswer => ({
  modelName: 'forecast',
  modelVersion: '7',
  id: undefined,
  parameters: undefined,
  outputs,
  requested: undefined,
  binary: false,
  ...rest,
})
const textOf = (given: InferAnswer) => encodeInfer(given).body as string
const wanted = (index: number, rest: Partial<RequestedOutput> = {}): RequestedOutput => ({
  index,
  binary: false,
  classification: 0,
  ...rest,
})

const scores = tensor('scores', 'FP32', [2, 3], bytesOf(Float32Array.of(0.1, 0.7, 0.2, 5, 5, NaN)))

describe('the JSON of an answer', () => {
  test('has the members of the protocol, and an id only if there was one', () => {
    const output = tensor('p', 'FP32', [1, 2], bytesOf(Float32Array.of(0.1, 2)))
    expect(encodeInfer(answer([output]))).toEqual({
      body: '{"model_name":"forecast","model_version":"7","outputs":[{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.1,2]}]}',
      headers: { 'content-type': 'application/json' },
    })
    expect(JSON.parse(textOf(answer([], { id: 'a"b', parameters: { n: 2n ** 60n } })))).toMatchObject({ id: 'a"b' })
    expect(textOf(answer([], { parameters: { n: 2n ** 60n } }))).toContain('"parameters":{"n":1152921504606846976}')
  })

  test('stays JSON when there are NaN and infinities: they are null, and the output says so', () => {
    for (const datatype of ['FP32', 'FP64'] as const) {
      const array = datatype === 'FP32' ? Float32Array.of(1, NaN, -Infinity) : Float64Array.of(1, NaN, -Infinity)
      const { outputs } = JSON.parse(textOf(answer([tensor('p', datatype, [3], bytesOf(array))])))
      expect(outputs[0]).toMatchObject({ data: [1, null, null], parameters: { nonfinite: true } })
    }
  })

  test('refuses what has no JSON form, and says to request it raw', () => {
    const broken = tensor('b', 'BYTES', [1], Uint8Array.of(1, 0, 0, 0, 0xff))
    const half = tensor('h', 'FP16', [1], Uint8Array.of(0, 0))
    for (const output of [broken, half]) {
      expect(() => encodeInfer(answer([output]))).toThrow(/request binary_data/)
      expect(() => encodeInfer(answer([output]))).toThrow(InferenceFailure)
      expect(() => encodeInfer(answer([output], { binary: true }))).not.toThrow()
    }
  })

  test('reads tensors at any offset, and larger than the scratch they are copied to', () => {
    const values = Float32Array.from({ length: 3000 }, (_, i) => i / 7)
    for (const offset of [0, 1, 8]) {
      const whole = new Uint8Array(values.byteLength + offset)
      whole.set(bytesOf(values), offset)
      const { outputs } = JSON.parse(textOf(answer([tensor('p', 'FP32', [3000], whole.subarray(offset))])))
      expect(Float32Array.from(outputs[0].data)).toEqual(values)
    }
  })
})

describe('requested outputs', () => {
  const label = tensor('label', 'INT64', [2], bytesOf(BigInt64Array.of(1n, 2n ** 62n)))

  test('come in the order they were asked for, each in its own form', () => {
    const requested = [wanted(1), wanted(0, { binary: true })]
    const { body, headers } = encodeInfer(answer([scores, label], { requested }))
    const length = Number(headers['inference-header-content-length'])
    const header = (body as Buffer).toString('utf8', 0, length)
    expect(header).toContain('"data":[1,4611686018427387904]')
    expect(JSON.parse(header).outputs.map((output: { name: string }) => output.name)).toEqual(['label', 'scores'])
    expect((body as Buffer).subarray(length)).toEqual(Buffer.from(scores.data))
    expect(headers['content-type']).toBe('application/octet-stream')
  })

  test('an output that nobody asked for need not be there', () => {
    expect(textOf(answer([undefined, label], { requested: [wanted(1)] }))).toContain('"label"')
    expect(() => encodeInfer(answer([undefined, label]))).toThrow(expect.objectContaining({ kind: 'internal' }))
  })

  test('classification gives each row its highest values with their places, NaN last and ties in order', () => {
    const top = (n: number) => JSON.parse(textOf(answer([scores], { requested: [wanted(0, { classification: n })] })))
    expect(top(2).outputs[0]).toEqual({
      name: 'scores',
      datatype: 'BYTES',
      shape: [2, 2],
      data: ['0.700000:1', '0.200000:2', '5.000000:0', '5.000000:1'],
    })
    expect(top(9).outputs[0]).toMatchObject({ shape: [2, 3] })
    expect(top(9).outputs[0].data[5]).toBe('NaN:2')
  })

  test('classification of a vector is one row, of integers has no decimals, and of strings is refused', () => {
    const requested = [wanted(0, { classification: 1 })]
    expect(JSON.parse(textOf(answer([label], { requested }))).outputs[0]).toMatchObject({
      shape: [1],
      data: ['4611686018427387904:1'],
    })
    const text = tensor('t', 'BYTES', [1], Uint8Array.of(1, 0, 0, 0, 65))
    expect(() => encodeInfer(answer([text], { requested }))).toThrow(/only numbers can be classified/)
  })
})

describe('numbers', () => {
  test('a float32 is printed so that it reads back to the same float32, in at most nine digits where it is usual', () => {
    fc.assert(
      fc.property(
        fc.float().filter((value) => !Object.is(value, -0)),
        (value) => {
          const printed = String(shorten(value))
          expect(Math.fround(Number(printed))).toBe(value)
          const size = Math.abs(value)
          if (size >= 1e-6 && size < 1e7) expect(printed.replace(/^-?[0.]*|\./g, '').length).toBeLessThanOrEqual(9)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test.each([0.1, 0.3, 1.1, 123.456, 9999.999, 1e-5, -2.5, 16777216, 3.4028234663852886e38])(
    '%d stays short',
    (value) => {
      expect(String(shorten(Math.fround(value)))).toBe(String(value))
    },
  )

  test('16-bit floats are read as IEEE 754 and bfloat16 have them', () => {
    const read = (datatype: 'FP16' | 'BF16', ...bits: number[]) =>
      Array.from(numbersOf(tensor('h', datatype, [bits.length], bytesOf(Uint16Array.from(bits)))))
    expect(read('FP16', 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0xfc00, 0x7e00)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      Infinity,
      -Infinity,
      NaN,
    ])
    expect(read('BF16', 0x3f80, 0xc000, 0x7f80)).toEqual([1, -2, Infinity])
  })
})
