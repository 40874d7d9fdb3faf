import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows } from './load.ts'
import type { RestAnswer } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { ask, askChange, grpcAsk, isAlive, loadedEngines, pair, settled, valuesOf } from './serving.ts'
import { gated, LOADED } from './serving-models.ts'

const loadsIn = (platform: Platform) => platform.runners[0]!.output().split(LOADED).length - 1
const parked = ({ status, headers }: RestAnswer) => [status, headers['stead-failure']]

describe('parking', () => {
  let platform: Platform
  beforeAll(async () => {
    // The log of the hosts is in the runner's at this level.
    platform = await startPlatform({ frontEnds: 2, env: { STEAD_LOG: 'info' } })
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
  })
  afterAll(() => platform.stop())
  const runner = () => platform.runners[0]!

  /** The processes behind a deployment, by what the runner last told. */
  async function pidsOf(deployment: string): Promise<number[]> {
    await settled(async () => (await loadedEngines(platform, deployment)).length > 0)
    return (await loadedEngines(platform, deployment)).map(({ hostPid }) => hostPid!)
  }

  test('until a request: the engine is gone, and comes back once for all who wait, every time', async () => {
    const { files, more } = gated(randomUUID())
    await platform.push('once', files, more)
    await platform.deploy('once', 'once', 1)
    expect(loadsIn(platform)).toBe(1)
    for (let round = 1; round <= counted({ test: 2, conformance: 20 }); round++) {
      const pids = await pidsOf('once')
      expect(pids.map(isAlive)).toEqual([true])
      expect((await askChange(platform, 'once', 'park', {})).status).toBe(200)
      expect(await settled(() => !pids.some(isAlive))).toBe(true)
      // It would answer, so it is ready, though nothing is loaded.
      expect((await rest(`${runner().rest}/v2/models/once/ready`)).status).toBe(200)
      expect(loadsIn(platform)).toBe(round)

      const caller = grpcCaller(runner().grpc)
      const labels = Array.from({ length: 100 }, (_, label) => label)
      const answers = await Promise.all(
        labels.map(async (label) => {
          if (label % 4 > 0) return valuesOf(await ask(runner().rest, 'once', pair(0, label)))
          const [input] = grpcRows('once', []).inputs
          const raw = [new Uint8Array(Float32Array.of(0, label).buffer)]
          const { answer } = await caller.infer({ ...grpcRows('once', []), inputs: [{ ...input!, shape: [2] }], raw })
          return [...new Float32Array(answer.raw[0]!.slice().buffer)]
        }),
      )
      caller.close()
      expect(answers.map(([, label]) => label)).toEqual(labels)
      expect(loadsIn(platform)).toBe(round + 1)
      const { table } = await platform.deployment('once')
      // The table stands as it was parked: a request is no change of it.
      expect(table).toMatchObject({ generation: round + 1, parked: 'request' })
    }
    // Waking what is loaded already loads nothing either.
    const before = loadsIn(platform)
    expect((await askChange(platform, 'once', 'wake', {})).status).toBe(200)
    expect([loadsIn(platform), (await platform.deployment('once')).table.parked]).toEqual([before, null])
  })

  test('until a load: Triton calls unload and load park and wake it, over REST and gRPC', async () => {
    await platform.deploy('triton', 'adder', 1)
    const { rest: base, grpc } = runner()
    const index = async () =>
      ((await rest(`${base}/v2/repository/index`, '{}')).json as unknown as { name: string; state: string }[]).filter(
        ({ name }) => name === 'triton',
      )
    const repository = (act: 'load' | 'unload', parameters = {}) =>
      rest(`${base}/v2/repository/models/triton/${act}`, JSON.stringify({ parameters }))
    const infer = () => rest(inferUrl(base, 'triton'), rows([[1, 1]]))
    const overGrpc = {
      load: () => grpcAsk(grpc, 'RepositoryModelLoad', { model_name: 'triton' }),
      unload: () => grpcAsk(grpc, 'RepositoryModelUnload', { model_name: 'triton' }),
    }

    for (const [load, unload] of [
      [() => repository('load'), () => repository('unload')],
      [overGrpc.load, overGrpc.unload],
    ] as const) {
      const pids = await pidsOf('triton')
      await unload()
      expect(await settled(() => !pids.some(isAlive))).toBe(true)
      const refused = await infer()
      expect([...parked(refused), Number(refused.headers['retry-after']) > 0]).toEqual([503, 'parked', true])
      expect(refused.json.error).toContain('parked')
      const caller = grpcCaller(grpc)
      await expect(caller.infer(grpcRows('triton', [[1, 1]]))).rejects.toMatchObject({ code: 14 })
      caller.close()
      const ready = await rest(`${base}/v2/models/triton/ready`)
      expect([ready.status, ready.json.ready]).toEqual([503, false])
      expect(await grpcAsk(grpc, 'ModelReady', { name: 'triton' })).toEqual({ ready: false })
      expect(await index()).toMatchObject([{ state: 'UNAVAILABLE', reason: 'parked' }])
      // Requests do not load it.
      expect(await loadedEngines(platform, 'triton')).toEqual([])

      await load()
      expect((await infer()).json).toMatchObject({ model_version: '1', outputs: [{ data: [2, 2] }] })
      expect((await rest(`${base}/v2/models/triton/ready`)).status).toBe(200)
      expect(await index()).toMatchObject([{ state: 'READY' }])
    }

    expect((await repository('load', { version: '2' })).status).toBe(200)
    expect((await infer()).json).toMatchObject({ model_version: '2', outputs: [{ data: [3, 3] }] })
    const base64 = Buffer.from(addConstant(7)).toString('base64')
    expect((await repository('load', { 'file:1/model.onnx': base64 })).status).toBe(200)
    expect((await infer()).json).toMatchObject({ model_version: '3', outputs: [{ data: [8, 8] }] })
    // The same bytes are the version they were.
    expect((await repository('load', { 'file:1/model.onnx': base64 })).status).toBe(200)
    expect((await infer()).json.model_version).toBe('3')
    expect((await repository('load', { version: '99' })).status).toBe(404)
    expect((await repository('load', { version: 'two' })).status).toBe(400)
    expect((await infer()).json.model_version).toBe('3')
  })
})
