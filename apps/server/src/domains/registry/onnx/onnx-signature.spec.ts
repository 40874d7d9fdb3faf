import { Signature, SteadError } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import * as models from '../../../../../../dev/fixtures/onnx/models.ts'
import {
  type ElementType,
  floats,
  type GraphSpec,
  type GraphValue,
  type Initializer,
  type ModelSpec,
  onnxModel,
  tensor,
} from '../../../../../../dev/fixtures/onnx/writer.ts'
import { type OnnxFacts, type OnnxLimits, readOnnx } from './onnx-signature.ts'

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function read(bytes: Uint8Array, limits?: Partial<OnnxLimits>): Promise<OnnxFacts> {
  return readOnnx(whole(bytes), limits)
}

async function refusal(reading: Promise<unknown>): Promise<SteadError> {
  const outcome = await reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(outcome instanceof SteadError)) throw new Error('not refused as it should be', { cause: outcome })
  return outcome
}

function model(graph: Partial<ModelSpec>): Uint8Array {
  return onnxModel({
    inputs: [tensor('x', 'FP32', [2])],
    outputs: [tensor('y', 'FP32', [2])],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    ...graph,
  })
}

/** A length-delimited field by hand, with whatever length it shall claim. */
function field(number: number, body: readonly number[], claims = body.length): number[] {
  return [number * 8 + 2, claims, ...body]
}

describe('a whole model', () => {
  test('tells its signature with the names of the dimensions that vary', async () => {
    expect((await read(models.image({ classes: 5 }))).signature).toEqual({
      inputs: [
        { name: 'image', datatype: 'FP32', shape: [-1, 3, 224, 224], dimensionNames: ['batch', null, null, null] },
      ],
      outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 5], dimensionNames: ['batch', null] }],
    })
  })

  test('tells its versions, producer and notes', async () => {
    const facts = await read(
      model({
        ir: 9,
        opset: { '': 19, 'ai.onnx.ml': 3 },
        producer: { name: 'exporter', version: '2.1' },
        metadata: { author: 'Ada', __proto__note: 'kept' },
      }),
    )
    expect(facts).toMatchObject({
      irVersion: 9,
      opsets: [
        { domain: '', version: 19 },
        { domain: 'ai.onnx.ml', version: 3 },
      ],
      producer: { name: 'exporter', version: '2.1' },
      metadata: { author: 'Ada', __proto__note: 'kept' },
      externalData: [],
    })
  })

  test('a note named __proto__ is a note like any other', async () => {
    const { metadata } = await read(model({ metadata: Object.fromEntries([['__proto__', 'x']]) }))
    expect(Object.entries(metadata)).toEqual([['__proto__', 'x']])
  })

  test('notes too long or too many are left out, and the rest is read', async () => {
    const notes = { long: 'x'.repeat(101), a: '1', b: '2', c: '3' }
    const { metadata } = await read(model({ metadata: notes }), { textBytes: 100, metadataEntries: 2 })
    expect(metadata).toEqual({ a: '1', b: '2' })
  })

  test('a dimension without size or name, and one below zero, varies', async () => {
    const { signature } = await read(model({ inputs: [tensor('x', 'FP32', [-1, 2])] }))
    expect(signature.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 2] }])
    // TypeProto → Tensor → Shape → Dimension { dim_value: -1 }, ten bytes long.
    const minusOne = [8, ...Array.from({ length: 9 }, () => 0xff), 1]
    const type = field(1, [8, 1, ...field(2, field(1, minusOne))])
    const x = field(11, [...field(1, [120]), ...field(2, type)])
    const y = field(12, [...field(1, [121]), ...field(2, type)])
    const bytes = Uint8Array.from([8, 8, ...field(7, [...x, ...y]), ...field(8, [16, 17])])
    expect((await read(bytes)).signature.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1] }])
  })

  test('a graph input that is also an initializer is no input', async () => {
    const x = tensor('x', 'FP32', [2])
    const { signature } = await read(
      model({ ir: 3, inputs: [x, tensor('w', 'FP32', [1])], initializers: [floats('w', [1], [3])] }),
    )
    expect(signature.inputs.map((input) => input.name)).toEqual(['x'])
  })

  test('the inputs of a loop body are not inputs of the model', async () => {
    const { signature } = await read(models.slow({ loops: 3, size: 4 }))
    expect(signature.inputs.map((input) => input.name)).toEqual(['x'])
    expect(signature.outputs.map((output) => output.name)).toEqual(['y'])
  })

  test('external files are named once each, also those of graphs inside nodes', async () => {
    const beside = (name: string, location: string): Initializer => ({
      name,
      element: 'FP32',
      dims: [1],
      body: { external: { location, offset: '0' } },
    })
    const inner: GraphSpec = { inputs: [], outputs: [], nodes: [], initializers: [beside('deep', 'deep.bin')] }
    const facts = await read(
      model({
        nodes: [
          { op: 'If', inputs: ['c'], outputs: ['y'], attributes: { then_branch: { graph: inner } } },
          { op: 'Constant', inputs: [], outputs: ['k'], attributes: { value: { tensor: beside('k', 'k.bin') } } },
        ],
        initializers: [beside('a', 'w.bin'), beside('b', 'w.bin')],
      }),
    )
    expect(facts.externalData.toSorted()).toEqual(['deep.bin', 'k.bin', 'w.bin'])
    expect((await read(models.withExternalData({ location: 'beside.bin' }))).externalData).toEqual(['beside.bin'])
  })

  test('the tensors of a function of the model count among its external files', async () => {
    const location = [...field(1, [...Buffer.from('location')]), ...field(2, [...Buffer.from('f.bin')])]
    const node = field(5, field(5, [...field(13, location), 14 * 8, 1]))
    const definition = [0xca, 0x01, field(7, node).length, ...field(7, node)]
    const bytes = Uint8Array.from([...models.addConstant(1), ...definition])
    expect((await read(bytes)).externalData).toEqual(['f.bin'])
  })

  test('a sparse initializer is no input either', async () => {
    const type = field(2, field(1, [8, 1, ...field(2, [])]))
    const value = (name: string) => [...field(1, [...Buffer.from(name)]), ...type]
    const sparse = field(15, field(1, field(8, [...Buffer.from('w')])))
    const graph = [...sparse, ...field(11, value('x')), ...field(11, value('w')), ...field(12, value('y'))]
    const { signature } = await read(Uint8Array.from([8, 8, ...field(7, graph), ...field(8, [16, 17])]))
    expect(signature.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [] }])
  })
})

describe('what cannot be served is refused by name and with a way out', () => {
  const seq: GraphValue = { name: 's', type: { sequence: { tensor: 'FP32', shape: [] } } }
  const refused: [string, Uint8Array, RegExp][] = [
    ['an output of zipped maps', models.withZipMap(), /"output_probability" is a sequence of maps.*zipmap=False/],
    ['an input sequence', model({ inputs: [seq] }), /input "s" is a sequence;.*tensor as this input/],
    [
      'an output map',
      model({ outputs: [{ name: 'm', type: { map: 'INT64', to: { tensor: 'FP32', shape: [] } } }] }),
      /output "m" is a map.*zipmap=False/,
    ],
    [
      'an optional',
      model({ outputs: [{ name: 'o', type: { optional: { tensor: 'FP32', shape: [1] } } }] }),
      /output "o" is an optional/,
    ],
    [
      'a sparse tensor',
      model({ outputs: [{ name: 'p', type: { sparse: 'FP32', shape: [1] } }] }),
      /output "p" is a sparse tensor/,
    ],
    ['an input without a shape', model({ inputs: [tensor('x', 'FP32')] }), /input "x" has no shape/],
    ['a model without inputs', model({ inputs: [] }), /no input/],
    ['a model without outputs', model({ outputs: [] }), /no output/],
    ...(['COMPLEX64', 'COMPLEX128', 'FLOAT8E4M3FN', 'INT4', 'UINT4'] satisfies ElementType[]).map(
      (element): [string, Uint8Array, RegExp] => [
        `elements of ${element}`,
        model({ outputs: [tensor('y', element, [1])] }),
        new RegExp(`output "y" has elements of type ${element}`, 'i'),
      ],
    ),
  ]
  test.each(refused)('%s', async (_, bytes, message) => {
    const error = await refusal(read(bytes))
    expect(error.code).toBe('model_unsupported')
    expect(error.message).toMatch(message)
  })

  test('an initializer of an unservable type among the inputs does no harm', async () => {
    const w: Initializer = { name: 'w', element: 'COMPLEX64', dims: [1], body: { raw: new Uint8Array(8) } }
    const inputs = [tensor('w', 'COMPLEX64'), tensor('x', 'FP32', [1])]
    expect((await read(model({ inputs, initializers: [w] }))).signature.inputs).toHaveLength(1)
  })
})

describe('malformed bytes are refused with the offset', () => {
  const x = [...field(1, [120]), ...field(2, field(1, [8, 1, ...field(2, [])]))]
  const unreadable: [string, Uint8Array | number[], number][] = [
    ['no bytes', [], 0],
    ['a letter', models.corrupt(), 0],
    ['a number of eleven bytes', [8, ...Array.from({ length: 10 }, () => 0x80), 1], 1],
    ['a number of 65 bits', [8, ...Array.from({ length: 9 }, () => 0xff), 2], 1],
    ['a length of 2^64 - 1', [0x3a, ...Array.from({ length: 9 }, () => 0xff), 1], 1],
    ['a length beyond the enclosing message', [8, 8, ...field(7, field(11, x, 100))], 5],
    ['a number that runs out of its message', [8, 8, 0x3a, 2, 0x10, 0x80, 0x01, 0x00], 6],
    ['field number 0', [0, 1], 0],
    ['a group', [8, 8, 0x0b], 2],
    ['a text where a number belongs', field(1, [1, 2]), 0],
    ['a name that is not UTF-8', field(2, [0xc3, 0x28]), 0],
    ['a second graph', [8, 8, ...field(7, []), ...field(7, [])], 4],
    ['a second type of one input', [8, 8, ...field(7, field(11, [...field(2, []), ...field(2, [])]))], 8],
    ['no graph', [8, 8, ...field(8, [16, 17])], 6],
    ['no operator set', [8, 8, ...field(7, [])], 4],
    ['no IR version', field(7, []), 2],
  ]
  test.each(unreadable)('%s', async (_, bytes, at) => {
    const error = await refusal(read(Uint8Array.from(bytes)))
    expect(error).toMatchObject({ code: 'model_unreadable', details: { byte: at } })
    expect(error.message).toContain(`at byte ${at}.`)
  })

  test('a file that was cut off', async () => {
    expect((await refusal(read(models.truncated()))).message).toContain('ends in the middle of a field')
  })

  test('two inputs of one name', async () => {
    const twice = [tensor('x', 'FP32', [1]), tensor('x', 'FP32', [1])]
    expect((await refusal(read(model({ inputs: twice })))).code).toBe('model_unreadable')
  })

  test('an external tensor without a location', async () => {
    const lost: Initializer = { name: 'w', element: 'FP32', dims: [1], body: { external: { offset: '0' } } }
    expect((await refusal(read(model({ initializers: [lost] })))).message).toContain('external file')
  })

  test('a failing source fails the reading with its own error, and a refusal closes the source', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(8)
      throw new Error('disk gone')
    }
    await expect(readOnnx(broken())).rejects.toThrow('disk gone')
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Uint8Array.of(0x0b)
      } finally {
        closed = true
      }
    }
    await refusal(readOnnx(endless()))
    expect(closed).toBe(true)
  })
})

describe('sizes without measure are refused', () => {
  function nested(depth: number): GraphSpec {
    const body = { op: 'If', inputs: [], outputs: [] }
    const empty = { inputs: [], outputs: [] }
    if (depth === 0) return { ...empty, nodes: [] }
    return { ...empty, nodes: [{ ...body, attributes: { then_branch: { graph: nested(depth - 1) } } }] }
  }
  const many = (count: number) => Array.from({ length: count }, (_, at) => tensor(`x${at}`, 'FP32', []))
  const weights = (count: number) => Array.from({ length: count }, (_, at) => floats(`weight${at}`, [1], [0]))
  const refused: [string, Uint8Array, Partial<OnnxLimits>, RegExp][] = [
    ['a name of a megabyte', model({ inputs: [tensor('x'.repeat(2 ** 20), 'FP32', [])] }), {}, /text of 1048576 bytes/],
    ['a name of 513 characters', model({ inputs: [tensor('x'.repeat(513), 'FP32', [])] }), {}, /512 characters/],
    ['1025 inputs', model({ inputs: many(1025) }), {}, /1025 inputs/],
    ['more inputs than can be kept', model({ inputs: many(1000) }), { heldBytes: 10_000 }, /can be kept/],
    ['more names of weights than can be kept', model({ initializers: weights(200) }), { heldBytes: 10_000 }, /kept/],
    [
      '17 dimensions',
      model({
        inputs: [
          tensor(
            'x',
            'FP32',
            Array.from({ length: 17 }, () => 1),
          ),
        ],
      }),
      {},
      /17 dim/,
    ],
    ['a dimension of 2^41', model({ inputs: [tensor('x', 'FP32', [2 ** 41])] }), {}, /dimension of more/],
    ['graphs in graphs', model({ nodes: nested(25).nodes }), {}, /nested more than 24/],
    ['fields without end', model({ initializers: weights(100) }), { fields: 200 }, /more than 200 fields/],
  ]
  test.each(refused)('%s', async (_, bytes, limits, message) => {
    const error = await refusal(read(bytes, limits))
    expect(error.code).toBe('model_unsupported')
    expect(error.message).toMatch(message)
    expect(error.message.length).toBeLessThan(500)
  })

  test('what is just within the bounds is read', async () => {
    const facts = await read(model({ inputs: many(1024), nodes: nested(24).nodes, initializers: weights(2000) }))
    expect(facts.signature.inputs).toHaveLength(1024)
    expect(Signature.safeParse(facts.signature).success).toBe(true)
  })
})
