import { Agent } from 'node:http'
import { connect } from 'node:net'
import { streamEvents } from '@stead/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { javascriptSums, SUMS } from './javascript-models.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows, startLoad } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'
import { alive, hostsOf } from './processes.ts'

const open: Platform[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((platform) => platform.stop()))))

async function start(env: Record<string, string> = {}): Promise<Platform> {
  const platform = await startPlatform({ env: { STEAD_DRAIN: '20s', ...env } })
  open.push(platform)
  return platform
}

/** A platform that serves `slow`, which takes two seconds for every x below zero, and `sums`. */
async function startSlow(): Promise<Platform> {
  const platform = await start()
  const slow = javascriptSums({ k: 1, atRun: 'if (x.data[0] < 0) await pause(3000)' })
  await platform.push('slow', slow, { runtime: 'javascript', signature: SUMS })
  await platform.deploy('slow', 'slow', 1)
  return platform
}

const ready = ({ runners }: Platform) => rest(`${runners[0]!.rest}/v2/health/ready`)

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
    const platform = await startSlow()
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
      const { status, json } = await ready(platform)
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

  test('under load fails no request that it took', async () => {
    const platform = await startSlow()
    const runner = platform.runners[0]!
    const load = startLoad([runner], 'slow', { rest: 4, grpc: 2, openPerSecond: 0 })
    await new Promise((resolve) => setTimeout(resolve, 500))
    runner.kill('SIGTERM')
    expect(await runner.exited).toEqual({ code: 0, signal: null })
    const shots = await load.stop()
    // Those are refused connections: a client that gets one knows that its request was not taken.
    const lost = shots.flatMap(({ error }) => (error && !/ECONNREFUSED|UNAVAILABLE/.test(error) ? [error] : []))
    expect(lost).toEqual([])
  })

  test('while a version loads leaves with 0 and no engine host behind', async () => {
    const platform = await startSlow()
    const runner = platform.runners[0]!
    const endless = javascriptSums({ k: 2, atLoad: 'for (;;);' })
    const { version } = await platform.push('slow', endless, { runtime: 'javascript', signature: SUMS })
    const swap = platform.swap('slow', version).then(
      () => 'swapped',
      (error: { code?: string }) => error.code,
    )
    await untilLoading(platform, version)
    const hosts = await hostsOf(runner.pid)
    runner.kill('SIGTERM')
    expect(await runner.exited).toEqual({ code: 0, signal: null })
    expect(await alive(hosts)).toEqual([])
    // Its lease ended, and nobody is left to serve.
    expect(await swap).toBe('no_runner')
    expect((await platform.deployment('slow')).table.generation).toBe(1)
  })
})

async function untilLoading(platform: Platform, version: number): Promise<void> {
  await until('the version loads', async () => {
    const { engines } = await platform.deployment('slow')
    const engine = engines.find((one) => one.version === version)
    if (engine?.state !== 'loading' || engine.hostPid === null) throw new Error(engine?.state)
  })
}

test('no engine host outlives a runner that is killed, be it idle, busy or stuck in a load', async () => {
  const platform = await startSlow()
  const runner = platform.runners[0]!
  await platform.push('adder', addConstant(1))
  await platform.deploy('sums', 'adder', 1)
  const endless = javascriptSums({ k: 2, atLoad: 'for (;;);' })
  const { version } = await platform.push('slow', endless, { runtime: 'javascript', signature: SUMS })
  const swap = platform.swap('slow', version).catch(() => {})
  await untilLoading(platform, version)
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

test('a server that is asked to end closes its event streams in good order and leaves with 0', async () => {
  const platform = await start()
  // Ends without an error only if the stream was ended, not cut off.
  const seen: unknown[] = []
  const watching = platform.client.watch(streamEvents, { query: {} }, (event) => void seen.push(event))
  await platform.push('adder', addConstant(1))
  await until('an event arrived', async () => {
    if (seen.length === 0) throw new Error('none yet')
  })
  platform.server.kill('SIGTERM')
  await watching
  expect(await platform.server.exited).toEqual({ code: 0, signal: null })
})

test('neither a swap nor a load that fails makes a runner unready for a moment', async () => {
  const platform = await startSlow()
  const polling = new AbortController()
  const seen: number[] = []
  const polls = (async () => {
    while (!polling.signal.aborted) {
      seen.push((await ready(platform)).status)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  const push = (code: { atLoad?: string }) =>
    platform.push('slow', javascriptSums({ k: 3, ...code }), { runtime: 'javascript', signature: SUMS })
  await platform.swap('slow', (await push({})).version)
  for (const atLoad of [`throw new Error('no')`, 'await pause(1e8)', 'process.exit(3)']) {
    const { version } = await push({ atLoad })
    const failing = platform.swap('slow', version, { config: { loadTimeoutMs: 300 } })
    await expect(failing).rejects.toMatchObject({ code: 'checks_failed', where: 'loading' })
  }
  polling.abort()
  await polls
  expect(new Set(seen)).toEqual(new Set([200]))
  expect(seen.length).toBeGreaterThan(20)
})
