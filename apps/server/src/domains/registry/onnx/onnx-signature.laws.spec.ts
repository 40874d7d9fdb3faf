import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DATATYPE_BYTES, type Datatype, Signature, SteadError, type TensorSpec } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as models from '../../../../../../dev/fixtures/onnx/models.ts'
import { type Dim, floats, onnxModel, tensor } from '../../../../../../dev/fixtures/onnx/writer.ts'
import { type OnnxFacts, readOnnx } from './onnx-signature.ts'

async function* inChunks(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    yield bytes.slice(at, at + size)
    at += size
  }
}

/** Either the facts, or undefined where the file was refused; anything but a proper refusal is thrown. */
async function factsOrRefusal(bytes: Uint8Array): Promise<OnnxFacts | undefined> {
  try {
    return await readOnnx(inChunks(bytes))
  } catch (error) {
    if (error instanceof SteadError && ['model_unreadable', 'model_unsupported'].includes(error.code)) return undefined
    throw error
  }
}

const datatype = fc.constantFrom(...(Object.keys(DATATYPE_BYTES) as Datatype[]))
const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
const dim: fc.Arbitrary<Dim> = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 40 }), name)
const value = fc.record({ name, datatype, shape: fc.array(dim, { maxLength: 5 }) })
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 6, selector: (each) => each.name })
const whole = fc.record({
  inputs: values,
  outputs: values,
  constants: fc.uniqueArray(name, { maxLength: 4 }),
  listed: fc.boolean(),
  metadata: fc.dictionary(name, fc.string({ maxLength: 20, unit: 'grapheme' }), { maxKeys: 4 }),
  ir: fc.integer({ min: 3, max: 12 }),
  opset: fc.dictionary(name, fc.integer({ min: 1, max: 2 ** 31 }), { minKeys: 1, maxKeys: 3 }),
  producer: fc.record({ name, version: name }),
})
type Value = { name: string; datatype: Datatype; shape: Dim[] }

function expected({ name, datatype, shape }: Value): TensorSpec {
  const sizes = shape.map((each) => (typeof each === 'number' ? each : -1))
  const names = shape.map((each) => (typeof each === 'string' ? each : null))
  const named = names.some((each) => each !== null)
  return { name, datatype, shape: sizes, ...(named ? { dimensionNames: names } : {}) }
}

test('what the writer wrote is read back exactly, wherever the chunks are cut', async () => {
  const asValue = (each: Value) => tensor(each.name, each.datatype, each.shape)
  await fc.assert(
    fc.asyncProperty(whole, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (made, sizes) => {
      const own = made.inputs.map((each) => each.name)
      const constants = made.constants.filter((each) => !own.includes(each))
      const listed = made.listed ? constants.map((each) => tensor(each, 'FP32', [1])) : []
      const bytes = onnxModel({
        ...made,
        inputs: [...listed, ...made.inputs.map(asValue)],
        outputs: made.outputs.map(asValue),
        nodes: [],
        initializers: constants.map((each) => floats(each, [1], [1])),
      })
      expect(await readOnnx(inChunks(bytes, sizes))).toEqual({
        signature: { inputs: made.inputs.map(expected), outputs: made.outputs.map(expected) },
        irVersion: made.ir,
        opsets: Object.entries(made.opset).map(([domain, version]) => ({ domain, version })),
        producer: made.producer,
        externalData: [],
        metadata: made.metadata,
      })
    }),
    { numRuns: 150 },
  )
})

test('every truncation is refused, or reads as the same model', async () => {
  for (const bytes of [models.identity('INT64', [-1, 3]), models.slow({ loops: 2, size: 2 })]) {
    const facts = await readOnnx(inChunks(bytes))
    for (let length = 0; length < bytes.length; length++) {
      const cut = await factsOrRefusal(bytes.subarray(0, length))
      if (cut !== undefined) expect(cut).toEqual(facts)
    }
  }
  // Notes come last, so a cut between them is no cut protobuf can tell; the rest still stands.
  const noted = models.addConstant(1)
  const { metadata, ...facts } = await readOnnx(inChunks(noted))
  for (let length = 0; length < noted.length; length++) {
    const cut = await factsOrRefusal(noted.subarray(0, length))
    if (cut === undefined) continue
    expect({ ...facts, metadata: { ...metadata, ...cut.metadata } }).toEqual({ ...cut, metadata })
  }
})

test('flipped and random bytes give facts that keep the contract, or a refusal, and nothing else', async () => {
  const victims = [models.addConstant(1), models.withZipMap(), models.withExternalData(), models.failing()]
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 })
  const flipped = fc.tuple(fc.constantFrom(...victims), flips).map(([victim, where]) => {
    const bytes = victim.slice()
    for (const [at, mask] of where) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask
    return bytes
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(flipped, fc.uint8Array({ maxLength: 60 })), async (bytes) => {
      const facts = await factsOrRefusal(bytes)
      if (facts !== undefined) expect(Signature.parse(facts.signature)).toEqual(facts.signature)
    }),
    { numRuns: 1500 },
  )
})

test('a model of 500 MB is read while holding next to none of it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heldNow = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  let total = 0
  let most = 0
  const before = heldNow()
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of models.heavyStream({ megabytes: 500 })) {
      total += chunk.length
      // A copy, so that whoever keeps the chunk keeps its memory.
      yield chunk.slice()
      if (total % (50 * 2 ** 20) < chunk.length) most = Math.max(most, heldNow() - before)
    }
  }
  const facts = await readOnnx(watched())
  expect(facts.signature.inputs[0]?.name).toBe('x')
  expect(total).toBeGreaterThan(500 * 2 ** 20)
  // V8 gives buffers back when it likes; whoever kept them would hold all 500.
  expect(most).toBeLessThan(150 * 2 ** 20)
})
