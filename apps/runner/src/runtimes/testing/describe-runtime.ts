import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batching, Datatype, Signature, TensorSpec } from '@stead/contracts'
import { type HostProcess, startHost } from '../../engines/host-process.ts'
import { connectEngine, type EngineLink } from '../../engines/link.ts'
import { DATATYPES } from '../../engines/protocol.ts'
import { dataOf, floats, valuesOf } from '../../engines/testing/frames.ts'
import { writeTexts } from '../elements.ts'
import type { ModelRuntime } from '../runtime.ts'

/** Writes the models of one format that the suite needs, each into an empty directory. */
export interface ModelShelf {
  /** x FP32 [-1, 2] → y = x + k; raises where any x is negative. */
  add(dir: string, k: number): void
  /** x [-1, -1] of the datatype → y = x. */
  identity(dir: string, datatype: Datatype): void
  /** x FP32 [1, 2] → y = x + 1 of the same fixed shape. */
  fixed(dir: string): void
  /** x FP32 [-1, 2] → plus = x + 1 and minus = x - 1. */
  twoOutputs(dir: string): void
  /** x FP32 [-1, 2] → y = the sum over all rows, though its signature says [-1, 2]. */
  mixing(dir: string): void
  /** No model at all. */
  corrupt(dir: string): void
}

type Skippable = 'datatypes'
interface Exceptions {
  /** Datatypes this runtime cannot serve, each with the reason. */
  readonly [skipped: string]: Partial<Record<Datatype, string>>
}

const BATCHING: Batching = { maxRows: 64, maxDelayMs: 0, preferredRows: [], maxQueue: 1024 }
const LIMITS = { timeoutMs: 60_000 }

/** What every runtime owes, asked through the host protocol from the supervisor and from a front end. */
export function describeRuntime(
  runtime: ModelRuntime['format'],
  shelf: ModelShelf,
  { datatypes: missing = {} }: { readonly [exception in Skippable]?: Exceptions[string] } = {},
): void {
  const base = mkdtempSync(join(tmpdir(), 'st-'))
  let host: HostProcess
  let nextSlot = 0
  let nextDir = 0

  beforeAll(async () => {
    host = await startHost({ runtime, socketDir: base, modelDirs: [base], log: () => undefined })
  })
  afterAll(async () => {
    await host.kill()
    rmSync(base, { recursive: true })
  })

  function shelved(write: (dir: string) => void): string {
    const dir = join(base, `m${nextDir++}`)
    mkdirSync(dir)
    write(dir)
    return dir
  }

  async function load(write: (dir: string) => void, signature?: Signature) {
    const slot = nextSlot++
    const order = { dir: shelved(write), files: [], batching: BATCHING, threads: 1, signature }
    return { slot, ...(await host.load(slot, order, LIMITS)) }
  }

  async function linked(write: (dir: string) => void): Promise<EngineLink> {
    return connectEngine(host.socketPath, (await load(write)).slot)
  }

  const row = (...values: number[]) => floats('x', [values.length / 2, 2], values)
  const add = (k: number) => (dir: string) => shelf.add(dir, k)

  describe(`the ${runtime} runtime`, () => {
    test('tells the signature it found and answers what the model computes', async () => {
      const { slot, signature, found, rss } = await load(add(10))
      expect(found).toMatchObject({
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
      })
      expect(signature).toEqual(found)
      expect(rss).toBeGreaterThan(10 * 2 ** 20)
      const answer = await host.infer(slot, [row(1, 2, 3, 4)])
      expect(answer.outputs[0]).toMatchObject({ name: 'y', datatype: 'FP32', shape: [2, 2] })
      expect(valuesOf(answer.outputs[0])).toEqual([11, 12, 13, 14])
      expect(answer).toMatchObject({ batchRows: 2, batchRequests: 1 })
      expect(answer.computeNs).toBeGreaterThan(0)
    })

    test.each(DATATYPES.filter((datatype) => missing[datatype] === undefined))(
      'passes %s on bit by bit',
      async (datatype) => {
        const link = await linked((dir) => shelf.identity(dir, datatype))
        // Any byte but 0 and 1 is no boolean, and a runtime may normalise it.
        const data = dataOf(datatype, [3, 2]).map((bytes) =>
          datatype === 'BOOL' ? bytes.map((byte) => byte & 1) : bytes,
        )
        await fc.assert(
          fc.asyncProperty(data, async (data) => {
            const { outputs } = await link.infer({ inputs: [{ name: 'x', datatype, shape: [3, 2], data }] })
            expect(outputs[0]).toMatchObject({ datatype, shape: [3, 2] })
            expect(Buffer.from(outputs[0]?.data ?? [])).toEqual(Buffer.from(data))
          }),
          { numRuns: 15 },
        )
      },
    )

    test('gives each of many callers exactly its rows', async () => {
      const link = await linked(add(0.5))
      const asked = Array.from({ length: 300 }, (_, at) =>
        Array.from({ length: 2 * (1 + (at % 3)) }, (_, n) => at * 10 + n),
      )
      const answers = await Promise.all(asked.map((values) => link.infer({ inputs: [row(...values)] })))
      answers.forEach(({ outputs }, at) => {
        expect(valuesOf(outputs[0])).toEqual((asked[at] as number[]).map((value) => value + 0.5))
      })
      expect(Math.max(...answers.map(({ batchRequests }) => batchRequests))).toBeGreaterThan(1)
      expect(Math.max(...answers.map(({ batchRows }) => batchRows))).toBeLessThanOrEqual(BATCHING.maxRows)
    })

    test('never mixes requests of different inner shapes', async () => {
      const link = await linked((dir) => shelf.identity(dir, 'FP32'))
      const asked = Array.from({ length: 60 }, (_, at) => {
        const shape = [1 + (at % 2), 1 + (at % 3)] as const
        return floats('x', shape, Array(shape[0] * shape[1]).fill(at))
      })
      const answers = await Promise.all(asked.map((input) => link.infer({ inputs: [input] })))
      answers.forEach(({ outputs }, at) => {
        expect(outputs[0]?.shape).toEqual(asked[at]?.shape)
        expect(valuesOf(outputs[0])).toEqual(valuesOf(asked[at]))
      })
    })

    test('runs one by one what has no variable first dimension', async () => {
      const link = await linked((dir) => shelf.fixed(dir))
      const answers = await Promise.all([...Array(20).keys()].map((at) => link.infer({ inputs: [row(at, -at)] })))
      answers.forEach(({ outputs, batchRequests }, at) => {
        expect(valuesOf(outputs[0])).toEqual([at + 1, 1 - at])
        expect(batchRequests).toBe(1)
      })
    })

    test('answers only the outputs asked for, in their places', async () => {
      const link = await linked((dir) => shelf.twoOutputs(dir))
      const [both, second, first] = await Promise.all([
        link.infer({ inputs: [row(1, 2)] }),
        link.infer({ inputs: [row(3, 4)], outputs: [1] }),
        link.infer({ inputs: [row(5, 6)], outputs: [0] }),
      ])
      expect(both.outputs.map(valuesOf)).toEqual([
        [2, 3],
        [0, 1],
      ])
      expect([second.outputs[0], valuesOf(second.outputs[1])]).toEqual([undefined, [2, 3]])
      expect([valuesOf(first.outputs[0]), first.outputs[1]]).toEqual([[6, 7], undefined])
      await expect(link.infer({ inputs: [row(1, 2)], outputs: [2] })).rejects.toMatchObject({ kind: 'invalid' })
    })

    test('fails the request that the model fails, and none that came with it', async () => {
      const link = await linked(add(1))
      const answers = await Promise.allSettled([1, 2, -3, 4].map((value) => link.infer({ inputs: [row(value, 0)] })))
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
      expect(answers[2]).toMatchObject({ reason: { kind: 'model_failed' } })
    })

    test('does not share rows of a model that turns out to mix them', async () => {
      const link = await linked((dir) => shelf.mixing(dir))
      const answers = await Promise.all([1, 2, 3].map((at) => link.infer({ inputs: [row(at, 0, at, 1)] })))
      expect(answers.map(({ outputs }) => valuesOf(outputs[0]))).toEqual([
        [2, 1],
        [4, 1],
        [6, 1],
      ])
    })

    test('refuses tensors that are not what their shape says, before they touch another caller', async () => {
      const link = await linked(add(1))
      const wrong = [
        { ...row(1, 2), data: new Uint8Array(4) },
        { ...row(1, 2), datatype: 'INT32' as const },
      ]
      const answers = await Promise.allSettled([...wrong, row(1, 2)].map((input) => link.infer({ inputs: [input] })))
      expect(answers.slice(0, 2)).toMatchObject(Array(2).fill({ reason: { kind: 'invalid' } }))
      expect(answers[2]).toMatchObject({ status: 'fulfilled' })
      await expect(link.infer({ inputs: [] })).rejects.toMatchObject({ kind: 'invalid' })
    })

    test('refuses texts whose count is not that of their shape', async () => {
      const link = await linked((dir) => shelf.identity(dir, 'BYTES'))
      const input = { name: 'x', datatype: 'BYTES', shape: [1, 2], data: writeTexts(['a']) } as const
      await expect(link.infer({ inputs: [input] })).rejects.toMatchObject({ kind: 'invalid' })
    })

    test('says why a load failed, and goes on loading others', async () => {
      await expect(load((dir) => shelf.corrupt(dir))).rejects.toThrow(/\w{4}/)
      await expect(load(() => undefined)).rejects.toThrow(/holds n/)
      const { slot } = await load(add(1))
      expect(valuesOf((await host.infer(slot, [row(1, 1)])).outputs[0])).toEqual([2, 2])
    })

    test('is spoken to with the declared signature, if the model keeps it', async () => {
      const y: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1, 2] }
      const x: TensorSpec = { ...y, name: 'x' }
      const { signature } = await load(add(1), { inputs: [x], outputs: [y] })
      expect(signature).toEqual({ inputs: [x], outputs: [y] })
      await expect(load(add(1), { inputs: [x], outputs: [{ ...y, name: 'z' }] })).rejects.toThrow(/'z'/)
      await expect(load(add(1), { inputs: [{ ...x, datatype: 'FP64' }], outputs: [y] })).rejects.toThrow(/FP64/)
    })

    test('warms up with zeros and with requests given', async () => {
      const { slot } = await load(add(1))
      await host.warm(slot, { rows: [1, 8], requests: [[row(1, 2)]] }, LIMITS)
      const fixed = await load((dir) => shelf.fixed(dir))
      await host.warm(fixed.slot, {}, LIMITS)
      await expect(host.warm(slot, { rows: [], requests: [[row(-1, 2)]] }, LIMITS)).rejects.toThrow(/\w{4}/)
    })

    test('counts what its engines did', async () => {
      const { slot } = await load(add(1))
      const link = await connectEngine(host.socketPath, slot)
      await Promise.all(Array.from({ length: 10 }, () => link.infer({ inputs: [row(1, 2, 3, 4)] })))
      await expect(link.infer({ inputs: [row(-1, 2)] })).rejects.toMatchObject({ kind: 'model_failed' })
      const { engines } = await host.stats()
      const stats = engines.find((each) => each.slot === slot)
      expect(stats).toMatchObject({ requests: 10, rows: 20, failed: 1, waiting: 0, refused: { model_failed: 1 } })
      expect(stats?.batches.reduce((sum, { rows, count }) => sum + rows * count, 0)).toBe(20)
    })

    test('frees a slot for another model; the old link is told so', async () => {
      const { slot } = await load(add(1))
      const link = await connectEngine(host.socketPath, slot)
      await host.unload(slot)
      await expect(link.infer({ inputs: [row(1, 2)] })).rejects.toMatchObject({ kind: 'not_ready' })
      await expect(host.unload(slot)).rejects.toThrow(`slot ${slot}`)
      await host.load(slot, { dir: shelved(add(5)), files: [], batching: BATCHING, threads: 1 }, LIMITS)
      const again = await connectEngine(host.socketPath, slot)
      expect(valuesOf((await again.infer({ inputs: [row(1, 2)] })).outputs[0])).toEqual([6, 7])
    })
  })
}
