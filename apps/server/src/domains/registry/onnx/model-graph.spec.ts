import { ModelGraph, SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as models from '../../../../../../dev/fixtures/onnx/models.ts'
import {
  type Attribute,
  bytesOf,
  type ElementType,
  floats,
  type GraphSpec,
  type Initializer,
  integers,
  type ModelSpec,
  onnxModel,
  tensor,
} from '../../../../../../dev/fixtures/onnx/writer.ts'
import { readModelGraph } from './model-graph.ts'

type Limits = Parameters<typeof readModelGraph>[1]

async function* inChunks(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    yield bytes.slice(at, at + size)
    at += size
  }
}
const read = (bytes: Uint8Array, limits?: Limits) => readModelGraph(inChunks(bytes), limits)

function model(graph: Partial<ModelSpec>): Uint8Array {
  return onnxModel({
    inputs: [tensor('x', 'FP32', [2])],
    outputs: [tensor('y', 'FP32', [2])],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    ...graph,
  })
}
const node = (attributes: Record<string, Attribute>) => ({ op: 'Odd', inputs: ['x'], outputs: ['y'], attributes })
const attributesOf = async (bytes: Uint8Array) => (await read(bytes)).nodes[0]?.attributes

/** Fields by hand: what the writer of the fixtures does not write. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]
const field = (number: number, body: ArrayLike<number>) => [
  ...varint(number * 8 + 2),
  ...varint(body.length),
  ...Array.from(body),
]
const text = (number: number, value: string) => field(number, new TextEncoder().encode(value))
/** A model of one node with one attribute. */
const withAttribute = (...value: number[]) =>
  Uint8Array.from(field(7, field(1, [...text(4, 'Odd'), ...field(5, [...text(1, 'a'), ...value])])))

describe('a graph', () => {
  test('is told with its nodes in order, how they are joined, and its weights without their values', async () => {
    const graph = await read(
      onnxModel({
        // Before IR version 4 weights had to be listed among the inputs.
        inputs: [tensor('pick', 'FP32', [3, 4]), tensor('image', 'FP32', ['batch', 3, -1])],
        outputs: [tensor('scores', 'FP32', ['batch', 4])],
        nodes: [
          { op: 'Flatten', inputs: ['image'], outputs: ['flat'], attributes: { axis: { int: -1 } } },
          { op: 'MatMul', inputs: ['flat', 'pick', ''], outputs: ['scores'], domain: 'ai.odd' },
        ],
        initializers: [
          floats(
            'pick',
            [3, 4],
            Array.from({ length: 12 }, () => 1),
          ),
          integers('shape', [2], [1, 2]),
        ],
        opset: { '': 17, 'ai.odd': 2 },
        producer: { name: 'pytorch', version: '2.9' },
      }),
    )
    expect(graph).toEqual({
      producer: 'pytorch 2.9',
      opsets: [
        { domain: '', version: 17 },
        { domain: 'ai.odd', version: 2 },
      ],
      inputs: [{ name: 'image', datatype: 'FP32', shape: ['batch', 3, null] }],
      outputs: [{ name: 'scores', datatype: 'FP32', shape: ['batch', 4] }],
      nodes: [
        {
          name: '',
          operator: 'Flatten',
          domain: '',
          inputs: ['image'],
          outputs: ['flat'],
          attributes: [{ name: 'axis', kind: 'int', value: '-1' }],
        },
        {
          name: '',
          operator: 'MatMul',
          domain: 'ai.odd',
          inputs: ['flat', 'pick', ''],
          outputs: ['scores'],
          attributes: [],
        },
      ],
      weights: [
        { name: 'pick', datatype: 'FP32', shape: [3, 4], bytes: 48 },
        { name: 'shape', datatype: 'INT64', shape: [2], bytes: 16 },
      ],
      totalNodes: 2,
      totalWeights: 2,
    })
    expect(ModelGraph.parse(graph)).toEqual(graph)
  })

  test('has the bytes of each weight, wherever they lie', async () => {
    const weight = (element: ElementType, dims: number[], body: Initializer['body']) => ({
      name: '',
      element,
      dims,
      body,
    })
    const raw = { raw: new Uint8Array() }
    const { weights } = await read(
      model({
        initializers: [
          weight('FP16', [3, 5], raw),
          weight('INT4', [3], raw),
          weight('COMPLEX128', [], raw),
          weight('BYTES', [2], { texts: ['ab', 'ü'] }),
          weight('FP64', [1000, 1000], { external: { location: 'weights.bin' } }),
          weight('FP32', [2 ** 40, 2 ** 40], { external: { location: 'weights.bin' } }),
        ],
      }),
    )
    expect(weights.map(({ datatype, bytes }) => [datatype, bytes])).toEqual([
      ['FP16', 30],
      ['int4', 2],
      ['complex128', 16],
      ['BYTES', 4],
      ['FP64', 8_000_000],
      ['FP32', Number.MAX_SAFE_INTEGER],
    ])
  })

  test('of a loop tells its body as an attribute, with the number of its nodes', async () => {
    const graph = await read(models.slow({ loops: 2 }))
    const loop = graph.nodes.find(({ operator }) => operator === 'Loop')
    expect(loop?.attributes).toEqual([{ name: 'body', kind: 'graph', value: 'graph, 2 nodes' }])
    expect(graph.nodes.map(({ operator }) => operator)).not.toContain('MatMul')
    expect(graph.totalNodes).toBe(graph.nodes.length)
  })

  test('is the same wherever the chunks are cut', async () => {
    const bytes = onnxModel({
      inputs: [tensor('x', 'FP32', ['rows', 2])],
      outputs: [tensor('y', 'FP32', ['rows', 2])],
      nodes: [node({ f: { float: 0.1 }, i: { int: -(2 ** 40) }, is: { ints: [1, -2, 3] }, s: { text: 'ünï' } })],
      initializers: [floats('k', [2], [1, 2])],
    })
    const whole = await read(bytes)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sizes) => {
        expect(await readModelGraph(inChunks(bytes, sizes))).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })
})

describe('an attribute is told as text', () => {
  test('short for floats, exact for integers, by its shape for a tensor', async () => {
    const attributes = {
      f: { float: 0.1 },
      big: { int: -9_007_199_254_740_991 },
      s: { text: 'constant' },
      t: { tensor: floats('t', [3, 1], [1, 2, 3]) },
      is: { ints: [1, -2, 3] },
    }
    expect((await attributesOf(model({ nodes: [node(attributes)] })))?.map(({ kind, value }) => [kind, value])).toEqual(
      [
        ['float', '0.1'],
        ['int', '-9007199254740991'],
        ['string', 'constant'],
        ['tensor', 'FP32 [3, 1]'],
        ['ints', '[1, -2, 3]'],
      ],
    )
  })

  test('packed or not, a list is the same; a long one is cut, with its length', async () => {
    const values = Array.from({ length: 400 }, (_, at) => at)
    const packed = withAttribute(...field(8, values.flatMap(varint)))
    const loose = withAttribute(...values.flatMap((value) => [8 * 8, ...varint(value)]))
    const [told] = (await attributesOf(packed)) ?? []
    expect(told).toMatchObject({ kind: 'ints', value: expect.stringMatching(/^\[0, 1, 2, .*, … 400 values\]$/) })
    expect(told?.value.length).toBeLessThanOrEqual(200)
    expect(await attributesOf(loose)).toEqual([told])
    const halves = withAttribute(...field(7, bytesOf(Float32Array.of(0.5, 1e30, -1, Number.NaN))))
    expect(await attributesOf(halves)).toEqual([{ name: 'a', kind: 'floats', value: '[0.5, 1e+30, -1, NaN]' }])
    const none = withAttribute(...varint(20 * 8), 7)
    expect(await attributesOf(none)).toEqual([{ name: 'a', kind: 'ints', value: '[]' }])
  })

  test('a long text is cut between characters, and bytes that are no text are counted', async () => {
    for (const character of ['a', 'ü', '模', '👩']) {
      const value = (await attributesOf(model({ nodes: [node({ s: { text: character.repeat(900) } })] })))?.[0]?.value
      expect(value?.length).toBeLessThanOrEqual(200)
      expect(value).toMatch(new RegExp(`^(${character})+…$`, 'u'))
    }
    expect(await attributesOf(withAttribute(...field(4, [0xff, 0xfe, 0])))).toMatchObject([{ value: '3 bytes' }])
    const texts = withAttribute(...Array.from({ length: 50 }, () => text(9, 'BRANCH "LEQ"')).flat())
    expect((await attributesOf(texts))?.[0]?.value).toMatch(/^\["BRANCH \\"LEQ\\"", .*, … 50 values\]$/)
  })

  test('any float and any integer can be read back from it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.float(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), async (float, integer) => {
        const [ofFloat] = (await attributesOf(withAttribute(2 * 8 + 5, ...bytesOf(Float32Array.of(float))))) ?? []
        expect(Math.fround(Number(ofFloat?.value))).toBe(float === 0 ? 0 : float)
        const bytes: number[] = []
        let left = BigInt.asUintN(64, integer)
        for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
        const [ofInteger] = (await attributesOf(withAttribute(3 * 8, ...bytes, Number(left)))) ?? []
        expect(ofInteger?.value).toBe(integer.toString())
      }),
    )
  })
})

describe('a graph too large to tell whole', () => {
  const chain = (count: number): GraphSpec['nodes'] =>
    Array.from({ length: count }, (_, at) => ({ op: 'Relu', inputs: [`t${at}`], outputs: [`t${at + 1}`] }))
  const weights = (count: number) => Array.from({ length: count }, (_, at) => floats(`w${at}`, [1], [0]))

  test('is told from its beginning, with its right totals', async () => {
    const graph = await read(model({ nodes: chain(6000), initializers: weights(5500) }))
    expect(graph).toMatchObject({ totalNodes: 6000, totalWeights: 5500 })
    expect(graph.nodes.map(({ outputs }) => outputs[0])).toEqual(Array.from({ length: 5000 }, (_, at) => `t${at + 1}`))
    expect(graph.weights).toHaveLength(5000)
  })

  test('keeps no more text than there is room for, and nothing behind a gap', async () => {
    const long = { op: 'Concat', inputs: Array.from({ length: 1000 }, (_, at) => `input-${at}`), outputs: ['x'] }
    const nodes = [...chain(10), long, ...chain(10)]
    const graph = await read(model({ nodes, initializers: weights(400) }), { characters: 4000 })
    expect(graph).toMatchObject({ totalNodes: 21, totalWeights: 400 })
    expect(graph.nodes).toHaveLength(10)
    expect(graph.weights.length).toBeGreaterThan(50)
    expect(graph.weights.length).toBeLessThan(400)
  })

  test('does not hold the lists of a forest', async () => {
    const chunk = bytesOf(new Float32Array(16_384).fill(0.5))
    const chunks = 800
    const list = [7 * 8 + 2, ...varint(chunk.length * chunks)]
    const attribute = text(1, 'values')
    const inside = attribute.length + list.length + chunk.length * chunks
    const opening = (number: number, length: number) => [number * 8 + 2, ...varint(length)]
    const atAttribute = opening(5, inside)
    const atNode = opening(1, inside + atAttribute.length)
    const atGraph = opening(7, inside + atAttribute.length + atNode.length)
    async function* forest(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.from([...atGraph, ...atNode, ...atAttribute, ...attribute, ...list])
      for (let count = 0; count < chunks; count++) yield chunk.slice()
    }
    const before = process.memoryUsage().heapUsed
    const graph = await readModelGraph(forest())
    expect(graph.nodes[0]?.attributes[0]?.value).toMatch(/, … 13107200 values\]$/)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(80 * 2 ** 20)
  })
})

describe('a hostile file is refused as unreadable', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => tensor(`x${at}`, 'FP32', []))
  const unending = Array.from({ length: 300 }, (_, at) => floats(`w${at}`, [1], [0]))
  const refused: [string, Uint8Array, Limits, RegExp][] = [
    ['bytes that are no model', models.corrupt(), {}, /byte 0/],
    ['a file that was cut off', models.truncated(), {}, /ends in the middle/],
    ['no graph', Uint8Array.from(text(2, 'maker')), {}, /no graph/],
    ['two graphs', Uint8Array.from([...field(7, []), ...field(7, [])]), {}, /second graph/],
    ['a packed list that runs out', withAttribute(...field(8, [0x80]), ...text(13, 'note')), {}, /end of its list/],
    ['a packed list of floats that is cut off', withAttribute(...field(7, [1, 2, 3])), {}, /cut off/],
    ['an integer of eleven bytes', withAttribute(24, ...Array.from({ length: 11 }, () => 0x80)), {}, /64 bits/],
    [
      'a weight of many dimensions',
      model({
        initializers: [
          floats(
            'w',
            Array.from({ length: 65 }, () => 1),
            [0],
          ),
        ],
      }),
      {},
      /64 dimensions/,
    ],
    ['a name of a megabyte', model({ nodes: [{ op: 'x'.repeat(2 ** 20), inputs: [], outputs: [] }] }), {}, /text of/],
    ['inputs without end', model({ inputs: many(1025) }), {}, /1024 inputs/],
    ['fields without end', model({ initializers: unending }), { fields: 500 }, /500 fields/],
    ['names without end', model({ initializers: unending }), { heldBytes: 10_000 }, /can be kept/],
  ]
  test.each(refused)('%s', async (_, bytes, limits, message) => {
    await expect(read(bytes, limits)).rejects.toMatchObject({
      code: 'model_unreadable',
      message: expect.stringMatching(message),
    })
  })

  test('whichever bytes are flipped: a graph that keeps the contract, or a refusal', async () => {
    const victims = [
      models.addConstant(1),
      models.withZipMap(),
      models.withExternalData(),
      models.slow({ loops: 1, size: 2 }),
    ]
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 })
    const flipped = fc.tuple(fc.constantFrom(...victims), flips).map(([victim, where]) => {
      const bytes = victim.slice()
      for (const [at, mask] of where) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask
      return bytes
    })
    await fc.assert(
      fc.asyncProperty(flipped, async (bytes) => {
        const graph = await read(bytes).catch((error: unknown) => {
          if (error instanceof SteadError && error.code === 'model_unreadable') return undefined
          throw error
        })
        if (graph) ModelGraph.parse(JSON.parse(JSON.stringify(graph)))
      }),
      { numRuns: 1500 },
    )
  })
})
