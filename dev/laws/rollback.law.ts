import { DeploymentName, parkDeployment, ProjectName, rollbackDeployment } from '@stead/contracts'
import type { Transcript } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows, startLoad } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

const params = (name: string) => ({ project: ProjectName.parse('default'), deployment: DeploymentName.parse(name) })
const LOADING = ['fetching', 'verifying', 'admitting', 'starting', 'loading', 'warming']
const loadsIn = ({ stages }: Transcript) => stages.filter(({ name }) => LOADING.includes(name)).map(({ name }) => name)

async function startStory(env: Record<string, string> = {}) {
  const platform = await startPlatform({ env })
  for (const k of [1, 2, 3]) await platform.push('adder', addConstant(k))
  await platform.deploy('sums', 'adder', 1)
  return platform
}

const rollback = (platform: Platform) =>
  platform.client.call(rollbackDeployment, { params: params('sums'), body: { reason: 'a law' } })

/** What the deployment answers to 10, and as which version and generation. */
async function answer(platform: Platform) {
  const { status, headers, json } = await rest(inferUrl(platform.runners[0]!.rest, 'sums'), rows([[10, 10]]))
  return {
    status,
    version: Number(headers['stead-version']),
    generation: Number(headers['stead-generation']),
    got: json.outputs?.[0]?.data[0],
  }
}

/** Version by version: the process it lives in, and how it is. */
async function engines(platform: Platform) {
  const { engines: all } = await platform.deployment('sums')
  return new Map(all.map(({ version, hostPid, state }) => [Number(version), { hostPid, state }]))
}

describe('rolling back while the earlier version stands by', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startStory()
  })
  afterAll(() => platform?.stop())

  test('loads nothing, answers as before under load, and a second time goes further back', async () => {
    await platform.swap('sums', 2)
    await platform.swap('sums', 3)
    const before = await engines(platform)
    expect([...before.values()].map(({ state }) => state).toSorted()).toEqual(['serving', 'standby', 'standby'])
    const load = startLoad(platform.runners, 'sums', { rest: 0, grpc: 1, openPerSecond: 40 })

    const first = await rollback(platform)
    expect(first).toMatchObject({ kind: 'rollback', from: 3, to: 2, generation: 4, detached: [] })
    expect(loadsIn(first)).toEqual([])
    expect(await answer(platform)).toEqual({ status: 200, version: 2, generation: 4, got: 12 })

    const second = await rollback(platform)
    expect(second).toMatchObject({ kind: 'rollback', from: 2, to: 1, generation: 5, detached: [] })
    expect(loadsIn(second)).toEqual([])
    expect(await answer(platform)).toEqual({ status: 200, version: 1, generation: 5, got: 11 })

    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(shots.filter(({ sent, got, version }) => got !== sent + version)).toEqual([])
    const after = await engines(platform)
    expect([...after].map(([version, { hostPid }]) => [version, hostPid])).toEqual(
      [...before].map(([version, { hostPid }]) => [version, hostPid]),
    )
    expect(after.get(1)!.state).toBe('serving')
  })

  test('is refused at the first generation, whose table it would have to invent', async () => {
    await expect(rollback(platform)).rejects.toMatchObject({ code: 'nothing_to_roll_back' })
    expect(await answer(platform)).toMatchObject({ version: 1, generation: 5 })
  })

  test('returns from a parked deployment to what served before it, and serves', async () => {
    await platform.swap('sums', 2)
    await platform.client.call(parkDeployment, { params: params('sums'), body: { until: 'load', reason: '' } })
    expect(await answer(platform)).toMatchObject({ status: 503 })
    await untilState(platform, 2, 'parked')
    const back = await rollback(platform)
    expect(back).toMatchObject({ kind: 'rollback', to: 1, generation: 8 })
    expect(await answer(platform)).toEqual({ status: 200, version: 1, generation: 8, got: 11 })
  })
})

async function untilState(platform: Platform, version: number, ...states: string[]): Promise<void> {
  await until(`version ${version} is ${states.join(' or ')}`, async () => {
    const state = (await engines(platform)).get(version)?.state ?? 'gone'
    if (!states.includes(state)) throw new Error(`it is ${state}`)
  })
}

describe('rolling back after the earlier version was let go', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startStory({ STEAD_STANDBY: '1s' })
  })
  afterAll(() => platform?.stop())

  test('loads it again and answers as before', async () => {
    await platform.swap('sums', 2)
    const standby = (await engines(platform)).get(1)!.hostPid
    await untilState(platform, 1, 'gone', 'stopped')
    const load = startLoad(platform.runners, 'sums', { rest: 0, grpc: 1, openPerSecond: 40 })
    const back = await rollback(platform)
    // The copy of its files was kept, so that nothing had to be fetched.
    expect(loadsIn(back)).toEqual(['admitting', 'starting', 'loading', 'warming'])
    expect(await answer(platform)).toEqual({ status: 200, version: 1, generation: 3, got: 11 })
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    const { hostPid, state } = (await engines(platform)).get(1)!
    expect({ state, fresh: hostPid !== null && hostPid !== standby }).toEqual({ state: 'serving', fresh: true })
  })
})
