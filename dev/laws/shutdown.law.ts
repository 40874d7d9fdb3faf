import { Agent } from 'node:http'
import { connect } from 'node:net'
import { streamEvents } from '@stead/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { javascriptSums, SUMS } from './javascript-models.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows, startLoad } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'
import { alive, hostsOf } from './processes.ts'

let platform: Platform
const pushSlow = (code: Partial<Parameters<typeof javascriptSums>[0]> = {}) =>
  platform.push('slow', javascriptSums({ k: 1, ...code }), { runtime: 'javascript', signature: SUMS })

beforeAll(async () => {
  platform = await startPlatform({ env: { STEAD_DRAIN: '20s' } })
  await pushSlow({ atRun: 'if (x.data[0] < 0) await pause(3000)' })
  await platform.deploy('slow', 'slow', 1)
})
beforeEach(async () => {
  if ((await alive([platform.runners[0]!.pid])).length === 0) await platform.restartRunner(0)
})
afterAll(() => platform?.stop())

const ready = () => rest(`${platform.runners[0]!.rest}/v2/health/ready`)

const refusesConnections = (address: string) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(address.includes('://') ? address : `http://${address}`)
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(false))
    socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'))
    socket.once('close', () => socket.destroy())
  })

describe('a runner that is asked to end', () => {
  test('says that it is not ready, ends what is under way, sends callers away politely and leaves with 0', async () => {
    const runner = platform.runners[0]!
    const hosts = await hostsOf(runner.pid)
    expect(hosts).not.toEqual([])
    const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 })
    const idle = new Agent({ keepAlive: true, maxSockets: 1 })
    const grpc = grpcCaller(runner.grpc)
    const infer = (value: number, agent: Agent) =>
      rest(inferUrl(runner.rest, 'slow'), rows([[value, value]]), { agent })
    expect(await infer(1, idle)).toMatchObject({ status: 200, headers: { connection: 'keep-alive' } })
    const underWay = [infer(-1, keepAlive), grpc.infer(grpcRows('slow', [[-5, -5]]))] as const
    await new Promise((resolve) => setTimeout(resolve, 300))

    runner.kill('SIGTERM')
    await until('it says that it is not ready', async () => {
      const { status, json } = await ready()
      if (status !== 503) throw new Error(`status ${status}`)
      expect(json).toEqual({ ready: false })
    })
    // An open connection may still bring a request, which is answered and is the connection's last.
    expect(await infer(2, idle)).toMatchObject({ status: 200, headers: { connection: 'close' } })
    await until('new connections are refused', async () => {
      for (const address of [runner.rest, runner.grpc])
        if (!(await refusesConnections(address))) throw new Error(`${address} accepts`)
    })
    // Both were asked before the signal, and both are answered after the ports are closed.
    const [http, { answer }] = await Promise.all(underWay)
    expect(http).toMatchObject({ status: 200, headers: { connection: 'close' }, json: { outputs: [{ data: [0, 0] }] } })
    expect(answer.modelVersion).toBe('1')
    expect(await runner.exited).toEqual({ code: 0, signal: null })
    expect(await alive(hosts)).toEqual([])
    grpc.close()
    for (const agent of [keepAlive, idle]) agent.destroy()
  })

  test('under load loses nothing of callers that leave once it says that it is not ready', async () => {
    const runner = platform.runners[0]!
    const load = startLoad([runner], 'slow', { rest: 4, grpc: 2, openPerSecond: 0 })
    await new Promise((resolve) => setTimeout(resolve, 500))
    runner.kill('SIGTERM')
    await until('it says that it is not ready', async () => {
      expect((await ready()).status).toBe(503)
    })
    // As a load balancer does. Whoever connects after that may be refused or reset, but was not served.
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(shots.length).toBeGreaterThan(0)
    expect(await runner.exited).toEqual({ code: 0, signal: null })
  })

  test('while a version loads leaves with 0 and no engine host behind', async () => {
    const runner = platform.runners[0]!
    const { version } = await pushSlow({ k: 2, atLoad: 'for (;;);' })
    const swap = platform.swap('slow', version).then(
      () => 'swapped',
      (error: { code?: string }) => error.code,
    )
    await untilLoading(version)
    const hosts = await hostsOf(runner.pid)
    runner.kill('SIGTERM')
    expect(await runner.exited).toEqual({ code: 0, signal: null })
    expect(await alive(hosts)).toEqual([])
    // Its lease ended, and nobody is left to serve.
    expect(await swap).toBe('no_runner')
    expect((await platform.deployment('slow')).table.generation).toBe(1)
  })
})

async function untilLoading(version: number): Promise<void> {
  await until('the version loads', async () => {
    const { engines } = await platform.deployment('slow')
    const engine = engines.find((one) => one.version === version)
    if (engine?.state !== 'loading' || engine.hostPid === null) throw new Error(engine?.state)
  })
}

test('no engine host outlives a runner that is killed, be it idle, busy or stuck in a load', async () => {
  const runner = platform.runners[0]!
  await platform.push('adder', addConstant(1))
  await platform.deploy('sums', 'adder', 1)
  const { version } = await pushSlow({ k: 2, atLoad: 'for (;;);' })
  const swap = platform.swap('slow', version).catch(() => {})
  await untilLoading(version)
  const busy = rest(inferUrl(runner.rest, 'slow'), rows([[-1, -1]])).catch(() => {})
  const hosts = await hostsOf(runner.pid)
  expect(hosts.length).toBeGreaterThanOrEqual(3)
  runner.kill('SIGKILL')
  await runner.exited
  await until('every host is gone', async () => {
    const left = await alive(hosts)
    if (left.length > 0) throw new Error(`${left.length} of ${hosts.length} are left`)
  })
  await Promise.all([swap, busy])
})

test('neither a swap nor a load that fails makes a runner unready for a moment', async () => {
  const polling = new AbortController()
  const seen: number[] = []
  const polls = (async () => {
    while (!polling.signal.aborted) {
      seen.push((await ready()).status)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  await platform.swap('slow', (await pushSlow({ k: 3 })).version)
  for (const atLoad of [`throw new Error('no')`, 'await pause(1e8)', 'process.exit(3)']) {
    const { version } = await pushSlow({ k: 3, atLoad })
    const failing = platform.swap('slow', version, { config: { loadTimeoutMs: 300 } })
    await expect(failing).rejects.toMatchObject({ code: 'checks_failed', where: 'loading' })
  }
  polling.abort()
  await polls
  expect(new Set(seen)).toEqual(new Set([200]))
  expect(seen.length).toBeGreaterThan(20)
})

test('a server that is asked to end closes its event streams in good order and leaves with 0', async () => {
  // Ends without an error only if the stream was ended, not cut off.
  const seen: unknown[] = []
  const watching = platform.client.watch(streamEvents, { query: {} }, (event) => void seen.push(event))
  await platform.push('adder', addConstant(2))
  await until('an event arrived', async () => {
    if (seen.length === 0) throw new Error('none yet')
  })
  platform.server.kill('SIGTERM')
  await watching
  expect(await platform.server.exited).toEqual({ code: 0, signal: null })
})
