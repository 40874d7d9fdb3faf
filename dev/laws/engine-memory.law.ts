import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows } from './load.ts'
import type { RestAnswer } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { ask, loadedEngines, openGate, pair, pause, settled, valuesOf } from './serving.ts'
import { gated } from './serving-models.ts'

describe('a bound on the memory of engines', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_ENGINE_MEMORY: '150MiB' } })
    await platform.push('adder', addConstant(1))
  })
  afterAll(() => platform.stop())

  const isolated = { isolation: 'dedicated' } as const
  const answer = (name: string) => rest(inferUrl(platform.runners[0]!.rest, name), rows([[1, 1]]))
  async function metric(name: string): Promise<number> {
    const { text } = await rest(`${platform.runners[0]!.rest}/metrics`)
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  }
  /** What is loaded, when the runner's word has come to rest. */
  async function loadedNames(names: readonly string[]): Promise<string[]> {
    // Each word of the runner is a second old at most.
    await pause(1_200)
    const loaded = await Promise.all(names.map(async (name) => (await loadedEngines(platform, name)).length > 0))
    return names.filter((_, at) => loaded[at])
  }

  test('parks the engine that was idle longest for a new one, which comes back on request, and never a busy one', async () => {
    const gate = gated(randomUUID())
    const version = await platform.push('gate', gate.files, gate.more)
    await platform.deploy('busy', 'gate', 1, isolated)
    const [before] = await loadedEngines(platform, 'busy')
    const pending = ask(platform.runners[0]!.rest, 'busy', pair(1, 42))
    pending.catch(() => {})

    // Filled up until somebody has to go. Whoever was used longest ago does.
    const names: string[] = []
    let gone: string[] = []
    for (; gone.length === 0 && names.length < 8;) {
      const name = `small-${names.length}`
      await platform.deploy(name, 'adder', 1, isolated)
      names.push(name)
      expect((await answer(name)).status).toBe(200)
      const loaded = await loadedNames(names)
      gone = names.filter((one) => !loaded.includes(one))
    }
    expect(gone).toEqual(['small-0'])
    expect(names.length).toBeGreaterThan(2)
    const engines = (await platform.deployment('small-0')).engines
    expect(engines).toMatchObject([{ state: 'parked', reason: expect.stringContaining('make room') as string }])
    expect(await metric('stead_engine_memory_used_bytes')).toBeLessThanOrEqual(
      await metric('stead_engine_memory_bound_bytes'),
    )

    // The second would be next; it is used again, and so the third is.
    expect((await answer('small-1')).status).toBe(200)
    await pause(1_300)
    expect((await answer('small-0')).json).toMatchObject({ outputs: [{ data: [2, 2] }] })
    const now = await loadedNames(names)
    expect(now).toContain('small-0')
    expect(now).toContain('small-1')
    expect(now).not.toContain('small-2')

    // All the while it had a request under way, which is answered by the process that took it.
    const [after] = await loadedEngines(platform, 'busy')
    expect([after?.hostPid, after?.state]).toEqual([before!.hostPid, 'serving'])
    await openGate(platform, version, 1)
    expect(valuesOf(await pending)[1]).toBe(42)
  })

  test('refuses what cannot have room, says why, and lets it in once there is some', async () => {
    const gate = gated(randomUUID())
    const version = await platform.push('hold', gate.files, gate.more)
    // Every engine there is room for is kept busy.
    const pending: Promise<RestAnswer>[] = []
    const held: string[] = []
    let refused: RestAnswer | undefined
    for (let at = 0; at < 8 && refused === undefined; at++) {
      await pause(1_300)
      const name = `held-${at}`
      const body = JSON.stringify({ name, model: 'hold', version: 1, config: isolated })
      const made = await rest(`${platform.url}/api/v1/projects/default/deployments`, body)
      if (made.status === 201) {
        held.push(name)
        const one = ask(platform.runners[0]!.rest, name, pair(9, at))
        one.catch(() => {})
        pending.push(one)
      } else refused = made
    }
    expect([refused?.status, refused?.text]).toEqual([409, expect.stringContaining('STEAD_ENGINE_MEMORY')])
    expect(held.length).toBeGreaterThan(1)
    // A parked one, asked for, is told the same instead of waiting for ever.
    const short = await answer('small-0')
    expect([short.status, short.headers['stead-failure'], short.headers['retry-after']]).toEqual([
      503,
      'not_ready',
      '1',
    ])
    expect(short.text).toContain('STEAD_ENGINE_MEMORY')
    await openGate(platform, version, 9)
    expect((await Promise.all(pending)).map((one) => valuesOf(one)[1])).toEqual(held.map((_, at) => at))
    await pause(1_300)
    // Asked again it comes, though not with the first request after a refusal.
    expect(await settled(async () => (await answer('small-0')).status === 200)).toBe(true)
  })

  test('loses no engine', async () => {
    const { engines } = (await platform.runnerStatuses())[0]!
    expect(engines.length).toBeGreaterThan(3)
    expect(engines.filter(({ restarts }) => restarts > 0)).toEqual([])
  })
})
