import { Agent } from 'node:http'
import { Metadata } from '@grpc/grpc-js'
import { addGolden, DeploymentName, ProjectName, removeGolden } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { onnxModel, tensor } from '../fixtures/onnx/writer.ts'
import { counted } from './counts.ts'
import { floats, grpcCaller, grpcRows, inferUrl, rest, rows } from './load.ts'
import type { GrpcCaller } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { askChange, codeOf, grpcAsk, grpcCode, loadedEngines, settled } from './serving.ts'
import { unfit } from './serving-models.ts'

const PROJECT = ProjectName.parse('default')

/** Sum and difference of `a` and `b`, under any names, in any order, with the product as well if asked for. */
function arithmetic(inputs: readonly string[], outputs: readonly string[], prefix = ''): Uint8Array {
  const value = (name: string) => tensor(prefix + name, 'FP32', ['batch', 2])
  const ops: Record<string, string> = { sum: 'Add', difference: 'Sub', product: 'Mul' }
  return onnxModel({
    inputs: inputs.map(value),
    outputs: outputs.map(value),
    nodes: outputs.map((name) => ({ op: ops[name]!, inputs: [`${prefix}a`, `${prefix}b`], outputs: [prefix + name] })),
  })
}

describe('routing over two runners of two front ends each', () => {
  let platform: Platform
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  beforeAll(async () => {
    platform = await startPlatform({ runners: 2, frontEnds: 2 })
    for (const k of [1, 2, 3]) await platform.push('adder', addConstant(k))
  })
  afterAll(async () => {
    agent.destroy()
    await platform.stop()
  })

  async function byRest(runner: number, key: string): Promise<number> {
    const url = inferUrl(platform.runners[runner]!.rest, 'split')
    const { status, headers, text } = await rest(url, rows([[1, 1]]), { agent, headers: { 'stead-key': key } })
    if (status !== 200) throw new Error(`${status}: ${text}`)
    return Number(headers['stead-version'])
  }

  async function byGrpc(caller: GrpcCaller, key: string): Promise<number> {
    const metadata = new Metadata()
    metadata.set('stead-key', key)
    const { answer } = await caller.infer(grpcRows('split', [[1, 1]]), metadata)
    expect(floats(answer.raw[0]!)[0]).toBe(1 + Number(answer.modelVersion))
    return Number(answer.modelVersion)
  }

  /** In turns over both runners, 64 at a time. */
  async function askAll<T>(keys: readonly string[], one: (key: string, at: number) => Promise<T>): Promise<T[]> {
    const got: T[] = []
    let next = 0
    const worker = async () => {
      for (let at = next++; at < keys.length; at = next++) got[at] = await one(keys[at]!, at)
    }
    await Promise.all(Array.from({ length: 64 }, worker))
    return got
  }

  const splitTo = async (share: number) => {
    const routes = [
      { version: 1, weight: 100 - share },
      { version: 2, weight: share },
    ]
    expect((await askChange(platform, 'split', 'traffic', { routes })).status).toBe(200)
  }

  test(
    'keys split as the weights say, and each goes the same way everywhere, restarts included',
    async () => {
      await platform.deploy('split', 'adder', 1)
      await splitTo(10)
      const keys = Array.from({ length: counted({ test: 3000, conformance: 100_000 }) }, (_, at) => `customer-${at}`)
      const before = await askAll(keys, (key, at) => byRest(at % 2, key))
      const share = before.filter((version) => version === 2).length / keys.length
      expect(Math.abs(share - 0.1)).toBeLessThan(3 * Math.sqrt((0.1 * 0.9) / keys.length))

      const some = keys.slice(0, 150)
      const same = before.slice(0, 150)
      const callers = platform.runners.map(({ grpc }) => grpcCaller(grpc))
      expect(await askAll(some, (key, at) => byRest((at + 1) % 2, key))).toEqual(same)
      for (const caller of callers) expect(await askAll(some, (key) => byGrpc(caller, key))).toEqual(same)
      platform.runners[1]!.kill('SIGKILL')
      await platform.restartRunner(1)
      expect(await askAll(some, (key) => byRest(1, key))).toEqual(same)
      for (const caller of callers) caller.close()

      await splitTo(20)
      const after = await askAll(keys, (key, at) => byRest(at % 2, key))
      // Keys move only into the arm that grew.
      expect(after.filter((version, at) => version !== before[at] && version !== 2)).toEqual([])
      const now = after.filter((version) => version === 2).length / keys.length
      expect(Math.abs(now - 0.2)).toBeLessThan(3 * Math.sqrt((0.2 * 0.8) / keys.length))
    },
    counted({ test: 120_000, conformance: 600_000 }),
  )

  test('a shadow answers nobody, however it fails or hangs, and is seen only in its own counters', async () => {
    await platform.push('shadowed', addConstant(1))
    const { files, more } = unfit()
    await platform.push('shadowed', files, more)
    await platform.deploy('shadowed', 'shadowed', 1)
    const answer = await askChange(platform, 'shadowed', 'traffic', {
      routes: [{ version: 1, weight: 100 }],
      shadows: [{ version: 2 }],
    })
    expect(answer.status).toBe(200)
    const { rest: base, grpc } = platform.runners[0]!
    const caller = grpcCaller(grpc)
    const counts = async (version: number) => {
      const { json } = await rest(`${base}/v2/models/shadowed/versions/${version}/stats`)
      const [{ inference_stats } = NO_STATS] = json.model_stats as (typeof NO_STATS)[]
      return { success: inference_stats.success.count, fail: inference_stats.fail.count }
    }
    // Fit, failing, fit, and at last one that the shadow never answers: it hangs from then on.
    const asked = [1, 600, 2, 700, 800, 13, 3, 900, 4]
    for (const [at, x] of asked.entries()) {
      if (at % 2 === 0) {
        const { status, headers, json } = await rest(inferUrl(base, 'shadowed'), rows([[x, x]]))
        expect([status, headers['stead-version'], json.outputs![0]!.data]).toEqual([200, '1', [x + 1, x + 1]])
      } else {
        const { answer: got } = await caller.infer(grpcRows('shadowed', [[x, x]]))
        expect([got.modelVersion, floats(got.raw[0]!)]).toEqual(['1', [x + 1, x + 1]])
      }
    }
    caller.close()
    expect(await settled(async () => (await counts(2)).fail === 3 && (await counts(2)).success === 2)).toBe(true)
    expect(await counts(1)).toEqual({ success: asked.length, fail: 0 })
  })

  test('a version asked for by number answers while it is routed or stands by, and is 404 otherwise', async () => {
    // Packed with others in a quiet moment it would be in another host, and loaded once more.
    await platform.deploy('numbered', 'adder', 1, { isolation: 'dedicated' })
    const engines = await loadedEngines(platform, 'numbered')
    await platform.swap('numbered', 2)
    for (const { rest: base, grpc } of platform.runners) {
      for (const version of [1, 2]) {
        const { status, json } = await rest(inferUrl(base, `numbered/versions/${version}`), rows([[10, 10]]))
        expect([status, json.model_version, json.outputs?.[0]?.data[0]]).toEqual([200, String(version), 10 + version])
      }
      // Registered but not here, unknown, and no number at all.
      for (const version of ['3', '9', '02', 'latest', '-1']) {
        expect((await rest(inferUrl(base, `numbered/versions/${version}`), rows([[1, 1]]))).status).toBe(404)
        expect(await grpcCode(grpcAsk(grpc, 'ModelMetadata', { name: 'numbered', version }))).toBe(5)
      }
    }
    // What stands by is still loaded: going back loads nothing.
    expect((await askChange(platform, 'numbered', 'rollback', {})).status).toBe(200)
    const serving = (await loadedEngines(platform, 'numbered')).filter(({ state }) => state === 'serving')
    expect(new Set(serving.map(({ hostPid }) => hostPid))).toEqual(new Set(engines.map(({ hostPid }) => hostPid)))
    const { headers } = await rest(inferUrl(platform.runners[0]!.rest, 'numbered'), rows([[1, 1]]))
    expect(headers['stead-version']).toBe('1')
  })

  test('a golden request keeps out the version that would answer it otherwise, and traffic notices nothing', async () => {
    await platform.deploy('guarded', 'adder', 1)
    const params = { project: PROJECT, deployment: DeploymentName.parse('guarded') }
    const value = (name: string, data: number[]) => ({ name, datatype: 'FP32', shape: [1, 2], data })
    await platform.client.call(addGolden, {
      params,
      body: {
        name: 'one-more',
        request: { inputs: [value('x', [1, 2])] },
        assertion: { kind: 'exact', outputs: [value('y', [2, 3])] },
      },
    })
    const refused = await askChange(platform, 'guarded', 'swap', { version: 2 })
    expect([refused.status, codeOf(refused)]).toEqual([409, 'checks_failed'])
    expect(refused.text).toContain('one-more')
    const { table, lastFailure } = await platform.deployment('guarded')
    expect(table).toMatchObject({ generation: 1, routes: [{ version: 1 }] })
    expect(lastFailure).toMatchObject({ kind: 'swap', version: 2 })
    expect((await rest(inferUrl(platform.runners[0]!.rest, 'guarded'), rows([[1, 1]]))).headers).toMatchObject({
      'stead-version': '1',
      'stead-generation': '1',
    })
    // Without the request the same swap goes through.
    await platform.client.call(removeGolden, { params: { ...params, golden: 'one-more' } })
    expect((await askChange(platform, 'guarded', 'swap', { version: 2 })).status).toBe(200)
  })

  test('the contract outlives swaps: names, order and metadata stay until a repurpose', async () => {
    await platform.push('pairs', arithmetic(['a', 'b'], ['sum', 'difference']))
    await platform.push('pairs', arithmetic(['b', 'a'], ['product', 'difference', 'sum']))
    await platform.push('pairs', arithmetic(['a', 'b'], ['sum'], 'new-'))
    await platform.deploy('pairs', 'pairs', 1)
    const { rest: base, grpc } = platform.runners[0]!
    const input = (name: string, data: number[]) => ({ name, datatype: 'FP32', shape: [1, 2], data })
    const outputsOf = async (body: object, path = 'pairs') => {
      const { json, text } = await rest(inferUrl(base, path), JSON.stringify(body))
      return json.outputs?.map(({ name, data }) => [name, data]) ?? text
    }
    const metadata = async () => (await rest(`${base}/v2/models/pairs`)).json
    const request = { inputs: [input('b', [1, 2]), input('a', [10, 20])] }
    const promised = [
      ['sum', [11, 22]],
      ['difference', [9, 18]],
    ]
    const before = await metadata()
    expect(await outputsOf(request)).toEqual(promised)

    await platform.swap('pairs', 2)
    expect(await outputsOf(request)).toEqual(promised)
    expect(await outputsOf({ ...request, outputs: [{ name: 'difference' }] })).toEqual([promised[1]])
    expect(await outputsOf({ ...request, outputs: [{ name: 'product' }] })).toContain('unknown output')
    // Asked for by number it is itself.
    expect(await outputsOf(request, 'pairs/versions/2')).toEqual([['product', [10, 40]], promised[1], promised[0]])
    const { versions: _, ...contract } = before
    expect(await metadata()).toMatchObject(contract)
    const caller = grpcCaller(grpc)
    const [one] = grpcRows('pairs', [[1, 2]], 'b').inputs
    const [other] = grpcRows('pairs', [[10, 20]], 'a').inputs
    const { answer } = await caller.infer({
      ...grpcRows('pairs', []),
      inputs: [one!, other!],
      raw: [
        [1, 2],
        [10, 20],
      ].map((values) => new Uint8Array(Float32Array.from(values).buffer)),
    })
    caller.close()
    expect(answer.outputs.map(({ name }, at) => [name, floats(answer.raw[at]!)])).toEqual(promised)

    const refused = await askChange(platform, 'pairs', 'swap', { version: 3 })
    expect([refused.status, codeOf(refused)]).toEqual([409, 'contract_broken'])
    expect(await outputsOf(request)).toEqual(promised)
    expect((await askChange(platform, 'pairs', 'swap', { version: 3, repurpose: true })).status).toBe(200)
    expect((await metadata()) as object).toMatchObject({
      inputs: [{ name: 'new-a' }, { name: 'new-b' }],
      outputs: [{ name: 'new-sum' }],
    })
    expect(await outputsOf(request)).toContain('unknown input')
    expect(await outputsOf({ inputs: [input('new-b', [1, 2]), input('new-a', [10, 20])] })).toEqual([
      ['new-sum', [11, 22]],
    ])
    // Going back brings the old contract with the old version.
    expect((await askChange(platform, 'pairs', 'rollback', {})).status).toBe(200)
    expect(await outputsOf(request)).toEqual(promised)
  })
})

const NO_STATS = { inference_stats: { success: { count: 0 }, fail: { count: 0 } } }
