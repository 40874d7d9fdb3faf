import { createHistogram, fakeClock, type FakeClock } from '@stead/chassis'
import { DeploymentName, ProjectName, RunnerName, VersionNumber } from '@stead/contracts'
import type { Figure, FigurePoint, FigureSample, WatchedFigures } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { DeploymentRecord } from '../deployments/deployments.store.ts'
import { sqlFigureStore } from './figures.sql.ts'
import type { FigureStore } from './figures.store.ts'
import { createFigures } from './figures.ts'

const START = '2026-01-01T12:00:00Z'
const project = ProjectName.parse('default')
const runner = RunnerName.parse('runner-0')
const named = (name: string) => DeploymentName.parse(name)
const recordOf = (id: string, projectId = 'default') => ({ id, projectId, name: named(id) }) as DeploymentRecord
const RECORDS = [recordOf('b'), recordOf('a'), recordOf('c', 'other')]

function start(store: FigureStore, clock: FakeClock) {
  return createFigures({
    store,
    clock,
    deployments: { find: async ({ deployment }) => recordOf(deployment), records: () => RECORDS },
    projects: { idOf: async () => 'default' },
    desired: { get: (name) => ({ id: name, project }) as never },
  })
}
const NOTHING: FigureStore = {
  add: async () => {},
  read: async () => [],
  sums: async () => new Map(),
  forgetBefore: async () => {},
}

/** So many answers of one latency, in microseconds. */
function sampleOf(
  name: string,
  requests: number,
  micros = 1000,
  version = 1,
  errors: Figure['errors'] = {},
): FigureSample {
  const latency = createHistogram()
  for (let count = 0; count < requests; count++) latency.record(micros)
  const { sum, max, buckets } = latency.encode()
  const figure = {
    requests,
    errors,
    rows: requests,
    executions: requests,
    shadowed: 0,
    queue: 0,
    latency: { sum, max, buckets: [...buckets] },
  }
  return { deployment: named(name), version: VersionNumber.parse(version), figure }
}

test('a glance gives rates, quantiles of all versions together, sums and a trend from memory', async () => {
  const clock = fakeClock(START)
  const figures = start(NOTHING, clock)
  for (let second = 0; second < 120; second++) {
    figures.take(runner, [sampleOf('a', 9, 1000, 1), sampleOf('a', 1, 100_000, 2, { timeout: 2 }), sampleOf('c', 5)])
    if (second === 30) figures.take(runner, [sampleOf('b', 1, 1000, 1, { internal: 1 })])
    await clock.advance(1000)
  }
  const seconds = clock.now().getTime() / 1000
  const glance = await figures.glance(project, { span: 120, parts: 4 })
  // Deployments of other projects do not count.
  expect(glance).toMatchObject({ from: seconds - 119, to: seconds + 1, rate: 10 })
  const [a, b, ...others] = glance.deployments
  expect(others).toEqual([])
  expect(a).toMatchObject({ deployment: 'a', rate: 10, requests: 1190, errors: { timeout: 238 } })
  // The second that fills has had no request yet, and neither has the one before the first.
  expect(a?.trend.map((rate) => Math.round(rate * 100) / 100)).toEqual([10, 10, 10, 9.67])
  expect(Math.abs((a?.p50 ?? 0) / 1000 - 1)).toBeLessThan(0.02)
  expect(Math.abs((a?.p95 ?? 0) / 100_000 - 1)).toBeLessThan(0.02)
  expect(b).toMatchObject({ deployment: 'b', rate: 0, p50: null, p95: null, p99: null, requests: 1 })
  expect(b?.errors).toEqual({ internal: 1 })
})

test('only those named are told, and the rate is still that of the project', async () => {
  const clock = fakeClock(START)
  const figures = start(NOTHING, clock)
  for (let second = 0; second < 10; second++) {
    figures.take(runner, [sampleOf('a', 2), sampleOf('b', 3)])
    await clock.advance(1000)
  }
  const told = async (...names: string[]) => {
    const { rate, deployments } = await figures.glance(project, { names: names.map(named), span: 60, parts: 1 })
    return [rate, deployments.map(({ deployment }) => deployment)]
  }
  expect(await told('b')).toEqual([5, ['b']])
  expect(await told('nobody', 'c')).toEqual([5, []])
  expect(await told()).toEqual([5, []])
})

test('whatever the parts, they add up to all requests of the span', async () => {
  const clock = fakeClock(START)
  const figures = start(NOTHING, clock)
  for (let second = 0; second < 900; second++) {
    figures.take(runner, [sampleOf('a', second % 7)])
    await clock.advance(1000)
  }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 60, max: 900 }), fc.integer({ min: 1, max: 240 }), async (span, parts) => {
      const { from, to, deployments } = await figures.glance(project, { names: [named('a')], span, parts })
      const [{ requests, trend }] = deployments as [(typeof deployments)[number]]
      expect(trend).toHaveLength(parts)
      expect(trend.reduce((sum, rate) => sum + (rate * (to - from)) / parts, 0)).toBeCloseTo(requests, 6)
      const points = await figures.read({ project, deployment: named('a') }, { step: 1, from })
      expect(points.reduce((sum, point) => sum + point.requests, 0)).toBe(requests)
    }),
  )
})

test('a watcher is told each second once it is complete, with the numbers that are read, and none twice', async () => {
  const machine = fakeClock('2026-01-01T12:00:00.400Z')
  // Sleepers wake late on a real machine: by then the next second has figures already.
  const clock = { ...machine, sleep: (ms: number, signal?: AbortSignal) => machine.sleep(ms + 120, signal) }
  const figures = start(NOTHING, clock as FakeClock)
  const gone = new AbortController()
  const told: WatchedFigures[] = []
  const now = () => Math.floor(machine.now().getTime() / 1000)
  const hear = (one: WatchedFigures) => {
    expect(one.points.every(({ at }) => at < now())).toBe(true)
    told.push(one)
  }
  const watching = figures.watch({ names: ['a', 'b', 'nobody'].map(named) }, hear, gone.signal)
  for (let tick = 0; tick < 200; tick++) {
    figures.take(runner, [sampleOf('a', 1, 1000), sampleOf('a', 2, 2000, 2), ...(tick === 9 ? [sampleOf('b', 1)] : [])])
    await machine.advance(50)
  }
  gone.abort()
  await watching
  const points: FigurePoint[] = told.filter(({ deployment }) => deployment === 'a').flatMap((one) => one.points)
  expect(points).toEqual(
    await figures.read({ project, deployment: named('a') }, { step: 1, to: points.at(-1)!.at + 1 }),
  )
  expect(points.length).toBeGreaterThan(16)
  expect(told.filter(({ deployment }) => deployment === 'b')).toHaveLength(1)
  expect(told.some(({ deployment }) => deployment === 'nobody')).toBe(false)
})

describeOnDatabases('a glance over a longer span', (databases) => {
  async function open() {
    const { kysely } = await databases.open()
    await kysely.insertInto('projects').values({ id: 'other', name: 'other' }).execute()
    await kysely.insertInto('models').values({ id: 'm', project_id: 'default', name: 'sum' }).execute()
    for (const { id, projectId, name } of RECORDS)
      await kysely
        .insertInto('deployments')
        .values({ id, project_id: projectId, name, model_id: 'm', generation: 1 })
        .execute()
    const clock = fakeClock(START)
    return { clock, store: sqlFigureStore(kysely) }
  }

  test.for([
    [3600, 60],
    [3600, 7],
    [1000, 240],
    [86_400, 60],
    [7 * 86_400, 50],
  ] as const)('of %i s in %i parts tells all requests and errors once, written or not', async ([span, parts]) => {
    const { clock, store } = await open()
    const figures = start(store, clock)
    const every = 30
    for (let second = 0; second < 1800; second += every) {
      figures.take(runner, [sampleOf('a', 3, 1000, 1), sampleOf('a', 1, 1000, 2, { timeout: 1 }), sampleOf('c', 9)])
      if (second === 600) figures.take(runner, [sampleOf('b', 4, 1000, 1, { internal: 4 })])
      if (second % 300 === 120) await figures.flush()
      await clock.advance(every * 1000)
    }
    const glance = await figures.glance(project, { span, parts })
    expect(glance.to).toBeGreaterThan(clock.now().getTime() / 1000)
    expect(glance.to - glance.from).toBeGreaterThanOrEqual(span)
    const inSpan = Math.min(1800, span === 1000 ? clock.now().getTime() / 1000 - glance.from : 1800) / every
    const [a, b] = glance.deployments
    const width = (glance.to - glance.from) / parts
    for (const one of [a, b]) {
      expect(one?.trend).toHaveLength(parts)
      expect((one?.trend ?? []).reduce((sum, rate) => sum + rate * width, 0)).toBeCloseTo(one?.requests ?? -1, 4)
    }
    expect(Math.abs((a?.requests ?? 0) - 4 * inSpan)).toBeLessThan(4)
    expect(a?.errors).toEqual({ timeout: (a?.requests ?? 0) / 4 })
    if (span !== 1000) expect(b).toMatchObject({ requests: 4, errors: { internal: 4 } })
    // The same from the database alone.
    await figures.flush()
    const { deployments } = await start(store, clock).glance(project, { span, parts })
    expect(deployments.map(({ requests, errors }) => ({ requests, errors }))).toEqual(
      glance.deployments.map(({ requests, errors }) => ({ requests, errors })),
    )
    for (const [index, { trend }] of deployments.entries())
      for (const [part, rate] of trend.entries()) expect(rate).toBeCloseTo(glance.deployments[index]!.trend[part]!, 6)
  })
})
