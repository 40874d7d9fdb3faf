import { Agent } from 'node:http'
import type { Version } from '@stead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_PARAMETERS } from '../../apps/runner/src/inference/request.ts'
import { slow } from '../fixtures/onnx/models.ts'
import { floats as constants, onnxModel, tensor } from '../fixtures/onnx/writer.ts'
import { counted } from './counts.ts'
import { gated } from './serving-models.ts'
import { floats, grpcCaller, inferUrl, rest, rows, startLoad } from './load.ts'
import type { GrpcCaller } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { ask, askChange, grpcAsk, grpcCode, openGate, pair, pause, settled, valuesOf } from './serving.ts'

/** `y` = `x` + k for any number of rows and columns. */
const addAnyShape = (k: number) =>
  onnxModel({
    inputs: [tensor('x', 'FP32', ['rows', 'columns'])],
    outputs: [tensor('y', 'FP32', ['rows', 'columns'])],
    nodes: [{ op: 'Add', inputs: ['x', 'k'], outputs: ['y'] }],
    initializers: [constants('k', [], [k])],
  })

interface Mixed {
  readonly protocol: 'rest' | 'grpc'
  /** Asked for by number, or left to the route table. */
  readonly version: number | undefined
  readonly shape: readonly [number, number]
  readonly data: readonly number[]
}

const mixed: fc.Arbitrary<Mixed> = fc
  .tuple(
    fc.constantFrom<'rest' | 'grpc'>('rest', 'grpc'),
    fc.constantFrom(undefined, 1, 2),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .chain(([protocol, version, height, width]) =>
    fc
      .array(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), { minLength: height * width, maxLength: height * width })
      .map((data) => ({ protocol, version, shape: [height, width] as const, data })),
  )

interface Got {
  readonly version: number
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

describe('requests that share runs', () => {
  let platform: Platform
  let gate: Version
  const callers: GrpcCaller[] = []
  const agent = new Agent({ keepAlive: true })
  beforeAll(async () => {
    platform = await startPlatform({ frontEnds: 2 })
    callers.push(...Array.from({ length: 4 }, () => grpcCaller(platform.runners[0]!.grpc)))
    const { files, more } = gated()
    gate = await platform.push('gate', files, more)
  })
  afterAll(async () => {
    for (const caller of callers) caller.close()
    agent.destroy()
    await platform.stop()
  })
  const base = () => platform.runners[0]!.rest

  async function send({ protocol, version, shape, data }: Mixed, at: number): Promise<Got> {
    if (protocol === 'rest') {
      const path = version === undefined ? 'mixed' : `mixed/versions/${version}`
      const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape, data }] })
      const { status, headers, json, text } = await rest(inferUrl(base(), path), body, { agent })
      if (status !== 200) throw new Error(`${status}: ${text}`)
      const output = json.outputs![0]! as { shape?: number[]; data: number[] }
      return { version: Number(headers['stead-version']), shape: output.shape!, data: output.data }
    }
    const { answer, header } = await callers[at % callers.length]!.infer({
      modelName: 'mixed',
      modelVersion: version === undefined ? '' : String(version),
      id: '',
      parameters: NO_PARAMETERS,
      outputs: [],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [...shape], parameters: NO_PARAMETERS, contents: [] }],
      raw: [new Uint8Array(Float32Array.from(data).buffer)],
    })
    return {
      version: Number(header.get('stead-version')[0]),
      shape: answer.outputs[0]!.shape,
      data: floats(answer.raw[0]!),
    }
  }

  test(
    'get exactly their own rows, as when they run alone, and never those of another version',
    async () => {
      for (const k of [1, 2]) await platform.push('any', addAnyShape(k))
      await platform.deploy('mixed', 'any', 1)
      const routes = [1, 2].map((version) => ({ version, weight: 50 }))
      expect((await askChange(platform, 'mixed', 'traffic', { routes })).status).toBe(200)
      await fc.assert(
        fc.asyncProperty(fc.array(mixed, { minLength: 48, maxLength: 96 }), async (requests) => {
          const together = await Promise.all(requests.map(send))
          for (const [at, request] of requests.entries()) {
            const got = together[at]!
            if (request.version !== undefined) expect(got.version).toBe(request.version)
            expect(got.shape).toEqual(request.shape)
            expect(got.data).toEqual(request.data.map((value) => value + got.version))
          }
          // One by one nothing can be shared.
          for (const at of [0, Math.floor(requests.length / 2), requests.length - 1]) {
            const { version } = together[at]!
            expect(await send({ ...requests[at]!, version }, at)).toEqual(together[at])
          }
        }),
        { numRuns: counted({ test: 12, conformance: 400, soak: 4000 }) },
      )
      const { model_stats } = (await rest(`${base()}/v2/models/mixed/stats`)).json as unknown as Statistics
      const executions = model_stats.reduce((sum, one) => sum + one.execution_count, 0)
      const requests = model_stats.reduce((sum, one) => sum + one.inference_stats.success.count, 0)
      // Runs were shared, or else this law has proven nothing.
      expect(executions).toBeLessThan(requests)
    },
    counted({ test: 120_000, conformance: 1_200_000, soak: 7_200_000 }),
  )

  test('are never run past their deadline, and hear of it while the engine is busy', async () => {
    await platform.deploy('deadlines', 'gate', 1)
    const before = valuesOf(await ask(base(), 'deadlines', pair(0)))[0]!
    // A run that blocks its whole process until the gate opens.
    const busy = ask(base(), 'deadlines', pair(-1, 100))
    await pause(300)
    let opened = false
    const late = await Promise.all(
      Array.from({ length: 8 }, async (_, label) => {
        const [status, kind] =
          label % 2 === 0
            ? await ask(base(), 'deadlines', pair(0, label), { headers: { 'stead-timeout-ms': '200' } }).then(
                ({ status: answered, headers }) => [answered, headers['stead-failure']],
              )
            : await ask(base(), 'deadlines', pair(0, label, { timeout: 200_000 })).then(
                ({ status: answered, headers }) => [answered, headers['stead-failure']],
              )
        return [status, kind, opened]
      }),
    )
    expect(late).toEqual(late.map(() => [504, 'deadline', false]))
    opened = true
    await openGate(platform, gate, 1)
    expect(valuesOf(await busy)).toEqual([before + 1, 100])
    // The run after the busy one is the next one that anybody waited for.
    expect(valuesOf(await ask(base(), 'deadlines', pair(0, 101)))).toEqual([before + 2, 101])
  })

  test('are refused exactly from the bound of the queue on, over both front ends together', async () => {
    const [maxQueue, sent] = [5, 24]
    await platform.deploy('bounded', 'gate', 1, { batching: { maxQueue } })
    const answers: Awaited<ReturnType<typeof ask>>[] = []
    const asked = Array.from({ length: sent }, async (_, label) => {
      // Connections of their own are spread over both front ends by the system.
      answers.push(await ask(base(), 'bounded', pair(2, label)))
    })
    const surplus = sent - maxQueue - 1
    await settled(() => answers.length >= surplus)
    await pause(200)
    const refused = [...answers]
    await openGate(platform, gate, 2)
    await Promise.all(asked)
    expect(refused.map(({ status, headers }) => [status, headers['stead-failure'], headers['retry-after']])).toEqual(
      Array.from({ length: surplus }, () => [503, 'queue_full', '1']),
    )
    // One ran, and as many as the bound says waited.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(maxQueue + 1)
  })

  test('overtake less urgent ones that wait, and keep their order among equals', async () => {
    await platform.deploy('urgent', 'gate', 1)
    const busy = ask(base(), 'urgent', pair(3, 0))
    await pause(300)
    const priorities = [200, 1, 0, 200, 0, 1]
    const waiting: ReturnType<typeof ask>[] = []
    for (const [at, priority] of priorities.entries()) {
      waiting.push(ask(base(), 'urgent', pair(0, at, { priority })))
      await pause(100)
    }
    await openGate(platform, gate, 3)
    await busy
    const order = (await Promise.all(waiting)).map(valuesOf).toSorted(([a], [b]) => a! - b!)
    expect(order.map(([, label]) => label)).toEqual([1, 5, 2, 4, 0, 3])
  })

  test('are counted once each: statistics add up, and runs are far fewer than requests', async () => {
    // A run of some milliseconds: whatever arrives meanwhile belongs to the next one.
    await platform.push('slow', slow({ loops: 40, k: 1, size: 128 }))
    await platform.deploy('counted', 'slow', 1)
    const load = startLoad(platform.runners, 'counted', { rest: 48, grpc: 16, openPerSecond: 0 })
    const many = counted({ test: 2500, conformance: 20_000, soak: 200_000 })
    await settled(() => load.shots.length >= many, 60_000)
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    const answered = shots.length + 2
    await rest(inferUrl(base(), 'counted'), rows([[1, 1]]))
    await rest(
      inferUrl(base(), 'counted'),
      rows([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    )
    expect((await rest(inferUrl(base(), 'counted'), '{}')).status).toBe(400)

    const grpc = await grpcAsk<Statistics>(platform.runners[0]!.grpc, 'ModelStatistics', { name: 'counted' })
    const documents = [(await rest(`${base()}/v2/models/stats`)).json as unknown as Statistics, grpc]
    for (const { model_stats } of documents) {
      const found = model_stats.filter(({ name }) => name === 'counted')
      expect(found).toHaveLength(1)
      const { inference_count, execution_count, inference_stats, batch_stats } = found[0]!
      expect(Number(inference_stats.success.count)).toBe(answered)
      expect(Number(inference_stats.fail.count)).toBe(1)
      expect(Number(inference_count)).toBe(shots.length + 4)
      const sum = (each: (batch: (typeof batch_stats)[number]) => number) =>
        batch_stats.reduce((total, batch) => total + each(batch), 0)
      expect(sum((batch) => Number(batch.batch_size) * Number(batch.compute_infer.count))).toBe(Number(inference_count))
      expect(sum((batch) => Number(batch.compute_infer.count))).toBe(Number(execution_count))
      expect(Number(execution_count)).toBeLessThan(Number(inference_count) / 4)
    }
    expect(await grpcCode(grpcAsk(platform.runners[0]!.grpc, 'ModelStatistics', { name: 'nobody' }))).toBe(5)
  })
})

interface Statistics {
  model_stats: {
    name: string
    inference_count: number
    execution_count: number
    inference_stats: { success: { count: number }; fail: { count: number } }
    batch_stats: { batch_size: number; compute_infer: { count: number } }[]
  }[]
}
