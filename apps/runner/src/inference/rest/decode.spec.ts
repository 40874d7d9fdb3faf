import type { Signature } from '@stead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InferenceFailure } from '../failure.ts'
import { decodeInfer, type InferHeaders } from './decode.ts'

const rows: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'scores', datatype: 'FP32', shape: [-1, 3] },
  ],
}
const vector = (datatype: Signature['inputs'][0]['datatype']): Signature => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: rows.outputs,
})

const read = (text: string, signature = rows, headers: InferHeaders = {}) =>
  decodeInfer(Buffer.from(text), headers, signature)
const input = (members: string) => `{"inputs":[{"name":"x",${members}}]}`
const values = (datatype: string, data: string, count = 1) =>
  input(`"datatype":"${datatype}","shape":[${count}],"data":${data}`)

function failureOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(InferenceFailure)
    expect((error as InferenceFailure).kind).toBe('invalid')
    return (error as InferenceFailure).message
  }
  throw new Error('nothing was refused')
}

const good = input('"datatype":"FP32","shape":[1,2],"data":[[1,2]]')

describe('what a request says beside its tensors', () => {
  test('a plain request asks for every output, in JSON, at the default priority', () => {
    expect(read(good)).toMatchObject({
      id: undefined,
      outputs: undefined,
      binaryOutput: false,
      priority: 0,
      timeoutMicros: undefined,
    })
  })

  test('priority, timeout and free-form parameters are kept', () => {
    const request = read(good.replace('{', '{"parameters":{"priority":2,"timeout":5000,"headers":{"a":"b"}},'))
    expect(request).toMatchObject({ priority: 2, timeoutMicros: 5000, parameters: { headers: { a: 'b' } } })
  })

  test('requested outputs keep their order, and each may override how it travels', () => {
    const wanted =
      '"outputs":[{"name":"scores","parameters":{"binary_data":false,"classification":2}},{"name":"label"}]'
    const request = read(good.replace('{', `{${wanted},"parameters":{"binary_data_output":true},`))
    expect(request.outputs).toEqual([
      { index: 1, binary: false, classification: 2 },
      { index: 0, binary: true, classification: 0 },
    ])
  })

  test('an empty list of outputs asks for all of them', () => {
    expect(read(good.replace('{', '{"outputs":[],')).outputs).toBeUndefined()
  })

  test('keys that name parts of every object are data like any other', () => {
    const hostile = '"__proto__":{"inputs":[],"priority":9},"constructor":1,"parameters":{"__proto__":{"priority":9}},'
    expect(read(good.replace('{', `{${hostile}`)).priority).toBe(0)
    expect(({} as Record<string, unknown>).priority).toBeUndefined()
    expect(failureOf(() => read(good.replace('"x"', '"__proto__"')))).toContain('unknown input "__proto__"')
  })
})

describe('requests that are refused say what was wrong', () => {
  const shape = (shape: string, data = '[1,2]') => input(`"datatype":"FP32","shape":${shape},"data":${data}`)
  test.each([
    ['no JSON', '{"inputs":', 'not JSON'],
    ['no object', '[1]', 'must be a JSON object, got an array of 1'],
    ['no inputs', '{}', 'inputs must be an array, got nothing'],
    ['an input that is no object', '{"inputs":[3]}', 'an input must be an object, got 3'],
    ['an id that is no string', good.replace('{', '{"id":7,'), 'id must be a string, got 7'],
    ['a missing input', '{"inputs":[]}', 'input "x" (FP32) is missing'],
    ['an unknown input', good.replace('"x"', '"y"'), 'unknown input "y": the inputs are "x"'],
    ['an input given twice', good.replace(/\[(\{.*\})\]/, '[$1,$1]'), 'input "x" is given twice'],
    ['another datatype', good.replace('FP32', 'FP64'), 'input "x": expected datatype FP32, got "FP64"'],
    ['no datatype', good.replace('"datatype":"FP32",', ''), 'expected datatype FP32, got nothing'],
    ['no shape', good.replace('"shape":[1,2],', ''), 'shape must be an array, got nothing'],
    ['another rank', shape('[2]'), 'expected shape [-1, 2] (-1 is any size), got [2]'],
    ['another fixed size', shape('[2,1]'), 'expected shape [-1, 2] (-1 is any size), got [2, 1]'],
    ['a negative size', shape('[-1,2]'), 'shape[0] must be a whole number from 0, got -1'],
    ['a fractional size', shape('[1.5,2]'), 'shape[0] must be a whole number from 0, got 1.5'],
    ['a size that is no number', shape('["1",2]'), 'shape[0] must be a whole number from 0, got "1"'],
    ['a huge size', shape('[1e300,2]'), 'shape[0] must be a whole number from 0, got 1e+300'],
    ['sizes with a huge product', shape('[9007199254740991,2]'), 'holds too many elements'],
    ['too few values', shape('[3,2]'), 'shape [3, 2] holds 6 elements, data has 2'],
    ['a huge claim over little text', shape('[1000000000000,2]', '[[1,2]]'), 'data has fewer'],
    ['no data', input('"datatype":"FP32","shape":[1,2]'), 'data must be an array, got nothing'],
    ['uneven rows', shape('[2,2]', '[[1,2],[3]]'), 'expected 2 values in axis 1, got 1'],
    ['a value among rows', shape('[2,2]', '[[1,2],3]'), 'nested unevenly'],
    ['rows among values', shape('[1,2]', '[1,[2]]'), 'element 1 of FP32 must be a number, got an array'],
    ['deeper nesting than the shape', shape('[1,2]', '[[[1,2]]]'), 'data does not match shape [1, 2]'],
    [
      'an unknown output',
      good.replace('{', '{"outputs":[{"name":"z"}],'),
      'unknown output "z": the outputs are "label", "scores"',
    ],
    [
      'an output asked for twice',
      good.replace('{', '{"outputs":[{"name":"label"},{"name":"label"}],'),
      'requested twice',
    ],
    ['parameters that are no object', good.replace('{', '{"parameters":[],'), 'must be an object, got an array of 0'],
    [
      'a fractional priority',
      good.replace('{', '{"parameters":{"priority":1.5},'),
      'parameter priority must be a whole number',
    ],
    [
      'a timeout in words',
      good.replace('{', '{"parameters":{"timeout":"1s"},'),
      'parameter timeout must be a whole number',
    ],
    [
      'a binary flag in words',
      good.replace('{', '{"parameters":{"binary_data_output":"yes"},'),
      'must be true or false',
    ],
    [
      'a binary size without a binary part',
      input('"datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}'),
      'no Inference-Header-Content-Length',
    ],
  ])('%s', (_, text, message) => {
    expect(failureOf(() => read(text))).toContain(message)
  })

  test('shared memory is not offered', () => {
    const text = input('"datatype":"FP32","shape":[1,2],"parameters":{"shared_memory_region":"r"}')
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'unsupported' }))
  })

  test('bytes that are no UTF-8', () => {
    const bytes = Buffer.from(good.replace('{', '{"id":"\u00e9",'), 'latin1')
    expect(failureOf(() => decodeInfer(bytes, {}, rows))).toContain('not valid UTF-8')
  })

  test('parameters and data nested a hundred thousand deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(failureOf(() => read(good.replace('{', `{"parameters":{"a":${deep}},`)))).toContain('deeper than 100')
    expect(failureOf(() => read(good.replace('[[1,2]]', deep)))).toContain('input "x"')
    const wide = values('INT64', deep.replace('[]', '[12345678901234567]'))
    expect(failureOf(() => read(wide, vector('INT64')))).toMatch(/nested too deep|data does not match/)
  })
})

describe('values', () => {
  test.each([
    ['FP32', '["1"]', 'a number, got "1"'],
    ['FP32', '[true]', 'a number, got true'],
    ['FP32', '[null]', 'a number, got null'],
    ['FP32', '[1e39]', 'within the range of float32'],
    ['FP64', '[1e999]', 'within the range of float64'],
    ['FP64', '[{}]', 'a number, got an object'],
    ['BOOL', '[1]', 'true or false, got 1'],
    ['INT8', '[128]', 'a whole number from -128 to 127, got 128'],
    ['INT8', '[1.5]', 'a whole number from -128 to 127, got 1.5'],
    ['INT16', '[-32769]', 'from -32768 to 32767'],
    ['INT32', '[2147483648]', 'from -2147483648 to 2147483647'],
    ['UINT8', '[-1]', 'a whole number from 0 to 255, got -1'],
    ['UINT16', '[65536]', 'from 0 to 65535'],
    ['UINT32', '[4294967296]', 'from 0 to 4294967295'],
    ['INT64', '[9223372036854775808]', 'to 9223372036854775807'],
    ['INT64', '[1e18]', 'written in digits, got 1000000000000000000'],
    ['UINT64', '[18446744073709551616]', 'to 18446744073709551615'],
    ['UINT64', '[-1]', 'from 0 to'],
    ['BYTES', '[5]', 'a string, got 5'],
    ['BYTES', '["\\ud800"]', 'valid Unicode'],
    ['FP16', '[1]', 'FP16 has no JSON form; send it as binary data'],
    ['BF16', '[1]', 'BF16 has no JSON form'],
  ] as const)('%s refuses %s', (datatype, data, message) => {
    expect(failureOf(() => read(values(datatype, data), vector(datatype)))).toContain(message)
  })

  test('integers beyond 2^53 arrive exactly', () => {
    const text = values('INT64', '[9007199254740993,-9223372036854775808,9223372036854775807]', 3)
    const { data } = read(text, vector('INT64')).inputs[0]!
    expect([...new BigInt64Array(Uint8Array.from(data).buffer)]).toEqual([
      9007199254740993n,
      -(2n ** 63n),
      2n ** 63n - 1n,
    ])
  })
})

describe('the binary part', () => {
  const header = (size: number | string) =>
    input(`"datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":${size}}`)
  const send = (text: string, tail: Uint8Array, length: string | number = Buffer.byteLength(text)) =>
    decodeInfer(Buffer.concat([Buffer.from(text), tail]), { 'inference-header-content-length': `${length}` }, rows)
  const eight = new Uint8Array(Float32Array.of(1, 2).buffer)

  test('is a view of the body and no copy', () => {
    const body = Buffer.concat([Buffer.from(header(8)), eight])
    const { data } = decodeInfer(body, { 'inference-header-content-length': `${body.length - 8}` }, rows).inputs[0]!
    expect(data.buffer).toBe(body.buffer)
    body.writeFloatLE(5, body.length - 8)
    expect(Buffer.from(data).readFloatLE(0)).toBe(5)
  })

  test.each([
    [
      "a size that is not the shape's",
      () => send(header(4), eight.subarray(4)),
      '2 elements of FP32 are 8 bytes, got 4',
    ],
    ['a size past the end', () => send(header(8), eight.subarray(4)), 'binary_data_size is 8, but 4 bytes are left'],
    ['bytes left over', () => send(header(8), new Uint8Array(9)), 'leave 1 bytes of the body over'],
    ['a negative size', () => send(header(-8), eight), 'binary_data_size must be a whole number'],
    ['a size in words', () => send(header('"8"'), eight), 'binary_data_size must be a whole number'],
    [
      'data beside a size',
      () => send(header(8).replace('}]', ',"data":[1,2]}]'), eight),
      'both data and binary_data_size',
    ],
    ['a header longer than the body', () => send(header(8), eight, 9999), 'from 0 to the body'],
    ['a negative header length', () => send(header(8), eight, '-1'), 'got "-1"'],
    ['a header length in words', () => send(header(8), eight, '1e2'), 'got "1e2"'],
  ])('refuses %s', (_, run, message) => {
    expect(failureOf(run)).toContain(message)
  })

  test.each([
    ['a cut-off length', [1, 0], 'is cut off'],
    ['an element longer than the rest', [255, 255, 255, 255, 1], 'element 0 claims 4294967295 bytes'],
    ['fewer elements than the shape', [], 'expected 1 BYTES elements, got 0'],
  ])('refuses BYTES with %s', (_, bytes, message) => {
    const text = input(`"datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":${bytes.length}}`)
    const body = Buffer.concat([Buffer.from(text), Buffer.from(bytes)])
    const run = () => decodeInfer(body, { 'inference-header-content-length': `${text.length}` }, vector('BYTES'))
    expect(failureOf(run)).toContain(message)
  })

  test('BOOL bytes other than 0 and 1 are refused', () => {
    const text = input('"datatype":"BOOL","shape":[2],"parameters":{"binary_data_size":2}')
    const body = Buffer.concat([Buffer.from(text), Buffer.from([1, 2])])
    const run = () => decodeInfer(body, { 'inference-header-content-length': `${text.length}` }, vector('BOOL'))
    expect(failureOf(run)).toContain('element 1 of BOOL must be 0 or 1, got 2')
  })
})

describe('a raw request', () => {
  const raw = (bytes: Uint8Array, signature: Signature) =>
    decodeInfer(Buffer.from(bytes), { 'inference-header-content-length': '0' }, signature)
  const shaped = (datatype: 'FP32' | 'BYTES', shape: number[]): Signature => ({
    inputs: [{ name: 'x', datatype, shape }],
    outputs: rows.outputs,
  })

  test('finds its one free size, and has every output binary', () => {
    const request = raw(new Uint8Array(24), rows)
    expect(request.inputs[0]!.shape).toEqual([3, 2])
    expect(request).toMatchObject({ binaryOutput: true, outputs: undefined })
  })

  test('is a batch of one where two sizes are free', () => {
    expect(raw(new Uint8Array(24), shaped('FP32', [-1, -1, 2])).inputs[0]!.shape).toEqual([1, 3, 2])
  })

  test('of BYTES is the element itself', () => {
    const { shape, data } = raw(Buffer.from('hé'), shaped('BYTES', [-1, 1])).inputs[0]!
    expect({ shape, data: [...data] }).toEqual({ shape: [1, 1], data: [3, 0, 0, 0, ...Buffer.from('hé')] })
  })

  test.each([
    ['bytes that do not fill rows', () => raw(new Uint8Array(10), rows), '2 elements of FP32 are 8 bytes, got 10'],
    ['several free sizes', () => raw(new Uint8Array(8), shaped('FP32', [2, -1, -1])), 'one size to find'],
    ['BYTES of several elements', () => raw(new Uint8Array(8), shaped('BYTES', [2])), 'a BYTES input of one element'],
    [
      'a model of two inputs',
      () => raw(new Uint8Array(8), { ...rows, inputs: [rows.inputs[0]!, rows.inputs[0]!] }),
      'this model takes 2',
    ],
  ])('refuses %s', (_, run, message) => {
    expect(failureOf(run)).toContain(message)
  })
})

test('whatever the bytes are, decoding answers or refuses, and never throws anything else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"inputs":',
    '"x"',
    '"name":',
    '"shape":',
    '"datatype":"FP32"',
    ',',
    '1',
    '-1',
    'null',
    '"data":',
    '"parameters":',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.option(fc.nat(100), { nil: undefined }), (parts, length) => {
      const headers = length === undefined ? {} : { 'inference-header-content-length': `${length}` }
      try {
        read(parts.join(''), rows, headers)
      } catch (error) {
        expect(error).toBeInstanceOf(InferenceFailure)
      }
    }),
    { numRuns: 500 },
  )
})
