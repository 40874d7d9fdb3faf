import { DeploymentName, deploymentHistory, LEASE_MS, listVersions, ModelName, ProjectName } from '@stead/contracts'
import { Metadata } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { javascriptSums, SUMS } from './javascript-models.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows, startLoad } from './load.ts'
import { start, startPlatform, until } from './platform.ts'
import type { Platform, PlatformProcess } from './platform.ts'

const project = ProjectName.parse('default')
let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
  for (const k of [1, 2]) await platform.push('adder', addConstant(k))
  // Apart, or a quiet moment would pack its engines into another host, which is no loading anew.
  await platform.deploy('sums', 'adder', 1, { isolation: 'dedicated' })
  await platform.swap('sums', 2)
})
afterAll(() => platform?.stop())

async function engineOf(deployment: string) {
  const { engines } = await platform.deployment(deployment)
  expect(engines).toHaveLength(1)
  return engines[0]!
}

const untilServing = (deployment: string, restarts: number) =>
  until('the engine is back', async () => {
    const engine = await engineOf(deployment)
    if (engine.state !== 'serving' || engine.restarts !== restarts) throw new Error(JSON.stringify(engine))
    return engine
  })

describe('an engine host that is killed', () => {
  test('fails what it held, once each, retries what may run twice, keeps the rest waiting, and is replaced', async () => {
    const [runner] = platform.runners
    const slow = javascriptSums({ k: 1, atRun: 'if (x.data[0] < 0) await pause(400)' })
    await platform.push('slow', slow, { runtime: 'javascript', signature: SUMS })
    await platform.deploy('slow', 'slow', 1)
    const grpc = grpcCaller(runner!.grpc)
    const ask = (value: number, headers: Record<string, string> = {}) =>
      rest(inferUrl(runner!.rest, 'slow'), rows([[value, value]]), { headers })

    for (let kill = 1; kill <= counted({ test: 2, conformance: 12 }); kill++) {
      const { hostPid } = await untilServing('slow', kill - 1)
      const marked = new Metadata()
      marked.set('stead-idempotent', 'true')
      const plain = [-1, -2, -3].map((value) => ask(value))
      const repeatable = [-4, -5, -6].map((value) => ask(value, { 'stead-idempotent': 'true' }))
      const plainGrpc = grpc.infer(grpcRows('slow', [[-7, -7]])).catch((error: unknown) => error)
      const repeatableGrpc = grpc.infer(grpcRows('slow', [[-8, -8]]), marked)
      await new Promise((resolve) => setTimeout(resolve, 150))
      process.kill(hostPid!, 'SIGKILL')
      await until('the runner noticed', async () => {
        if ((await engineOf('slow')).restarts !== kill) throw new Error('not yet')
      })
      const later = [7, 8, 9].map((value) => ask(value))

      for (const answer of await Promise.all(plain))
        expect(answer).toMatchObject({ status: 502, headers: { 'stead-failure': 'engine_lost' } })
      expect(await plainGrpc).toMatchObject({ code: 13, details: expect.stringContaining('may have run') })
      for (const [at, answer] of (await Promise.all([...repeatable, ...later])).entries())
        expect(answer).toMatchObject({
          status: 200,
          json: { outputs: [{ data: [[-3, -4, -5, 8, 9, 10][at], expect.anything()] }] },
        })
      expect((await repeatableGrpc).answer.modelVersion).toBe('1')
      const back = await untilServing('slow', kill)
      expect(back.hostPid).not.toBe(hostPid)
    }
    grpc.close()
  })
})

describe('a server that is killed', () => {
  test('loses nothing it acknowledged; its runner serves on, marked, and follows again without loading anew', async () => {
    const [runner] = platform.runners
    const load = startLoad(platform.runners, 'sums', { rest: 0, grpc: 1, openPerSecond: 40 })
    const mark = async () => (await rest(inferUrl(runner!.rest, 'sums'), rows([[1, 1]]))).headers['stead-detached']
    const remembered = async () => ({
      deployment: (({ table, engines }) => ({
        table,
        engines: engines.map(({ version, hostPid, restarts }) => ({ version, hostPid, restarts })),
      }))(await platform.deployment('sums')),
      versions: await platform.client.call(listVersions, {
        params: { project, model: ModelName.parse('adder') },
        query: { limit: 100 },
      }),
      history: await platform.client.call(deploymentHistory, {
        params: { project, deployment: DeploymentName.parse('sums') },
        query: { limit: 100 },
      }),
    })
    // Acknowledged a moment before the end: what is lost first, if anything is.
    const last = await platform.push('adder', addConstant(3))
    await platform.swap('sums', 1)
    const before = await remembered()
    expect(before.versions.versions.map(({ version }) => Number(version))).toEqual([3, 2, 1])
    expect(last.version).toBe(3)
    expect(await mark()).toBeUndefined()

    platform.server.kill('SIGKILL')
    await platform.server.exited
    const killed = performance.now()
    await until('answers carry the mark', async () => {
      if ((await mark()) !== 'true') throw new Error('not yet')
    })
    // Renewed at the latest when the server died, the lease ended at most this long after.
    const lateBy = performance.now() - killed - LEASE_MS
    expect(lateBy).toBeLessThan(LEASE_MS)

    await platform.restartServer()
    await until('the mark is gone', async () => {
      if ((await mark()) !== undefined) throw new Error('not yet')
    })
    expect(await untilEqual(remembered, before)).toEqual(before)
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(await platform.swap('sums', 3)).toMatchObject({ to: 3, generation: 4, detached: [] })
  })

  test('is not needed by a runner that is killed and started again', async () => {
    const [runner] = platform.runners
    for (const dead of [platform.server, runner!]) {
      dead.kill('SIGKILL')
      await dead.exited
    }
    await platform.restartRunnerAlone(0)
    const answer = await rest(inferUrl(runner!.rest, 'sums'), rows([[5, 5]]))
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'stead-version': '3', 'stead-generation': '4', 'stead-detached': 'true' },
      json: { outputs: [{ data: [8, 8] }] },
    })
    await platform.restartServer()
    await until('the runner is attached', async () => {
      const { headers } = await rest(inferUrl(runner!.rest, 'sums'), rows([[5, 5]]))
      if (headers['stead-detached'] !== undefined) throw new Error('not yet')
    })
    expect(await platform.swap('sums', 1)).toMatchObject({ to: 1, generation: 5, detached: [] })
  })
})

/** Asks until it is so; gives the last answer for the assertion to tell the difference. */
async function untilEqual<T>(ask: () => Promise<T>, wanted: T): Promise<T> {
  let last = await ask()
  await until('it is as before', async () => {
    last = await ask()
    expect(last).toEqual(wanted)
  }).catch(() => {})
  return last
}

test('a home is one process at a time: the next server and the next runner are refused, and told by whom', async () => {
  const { STEAD_RUNNER_PORT: _, STEAD_GRPC_PORT: __, ...env } = platform.runners[0]!.env
  const refused: [PlatformProcess, number, string][] = [
    [start('server', { STEAD_HOME: platform.home, STEAD_PORT: '0' }), platform.server.pid, 'STEAD_HOME'],
    [
      start('runner', { ...env, STEAD_RUNNER_PORT: '0', STEAD_GRPC_PORT: '0' }),
      platform.runners[0]!.pid,
      'STEAD_RUNNER_HOME',
    ],
  ]
  for (const [second, holder, variable] of refused) {
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.output()).toContain(`is in use by the process ${holder}. Stop it first`)
    expect(second.output()).toContain(`another home with ${variable}.`)
  }
  // The first ones noticed nothing of it.
  expect(await platform.swap('sums', 2)).toMatchObject({ to: 2, generation: 6, detached: [] })
})
