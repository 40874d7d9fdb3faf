import { createHistogram, type FakeClock, fakeClock } from '@stead/chassis'
import { DeploymentName, ProjectName, RunnerName, VersionNumber } from '@stead/contracts'
import type { Figure } from '@stead/contracts'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { Tables } from '../../database/tables.ts'
import type { DeploymentRecord } from '../deployments/deployments.store.ts'
import { sqlFigureStore } from './figures.sql.ts'
import type { FigureStore } from './figures.store.ts'
import { createFigures } from './figures.ts'

const deployment = DeploymentName.parse('sums')
const ref = { project: ProjectName.parse('default'), deployment }
const version = VersionNumber.parse(1)
const runner = RunnerName.parse('runner-0')
const START = '2026-01-01T12:00:00Z'
const seconds = (clock: FakeClock) => clock.now().getTime() / 1000

const record = { id: 'd', projectId: 'default', name: deployment } as DeploymentRecord
const deployments = { find: async () => record, records: () => [record] }

/** One answered request. */
function figureOf(micros: number, more: Partial<Figure> = {}): Figure {
  const latency = createHistogram()
  latency.record(micros)
  const { sum, max, buckets } = latency.encode()
  return {
    requests: 1,
    errors: {},
    rows: 2,
    executions: 1,
    shadowed: 0,
    queue: 1,
    latency: { sum, max, buckets: [...buckets] },
    ...more,
  }
}

describeOnDatabases('figures', (databases) => {
  /** A server's figures over a database that has one deployment. */
  async function open() {
    const { kysely } = await databases.open()
    await kysely.insertInto('models').values({ id: 'm', project_id: 'default', name: 'sum' }).execute()
    await kysely
      .insertInto('deployments')
      .values({ id: 'd', project_id: 'default', name: deployment, model_id: 'm', generation: 1 })
      .execute()
    const clock = fakeClock(START)
    const start = (store: FigureStore = sqlFigureStore(kysely)) => startFigures(store, clock)
    return { kysely, clock, start }
  }
  const startFigures = (store: FigureStore, clock: FakeClock) =>
    createFigures({
      store,
      clock,
      deployments,
      projects: { idOf: async () => 'default' },
      desired: { get: () => ({ id: 'd' }) as never },
    })
  const take = (figures: ReturnType<typeof startFigures>, micros: number, more?: Partial<Figure>) =>
    figures.take(runner, [{ deployment, version, figure: figureOf(micros, more) }])
  const countRows = async (kysely: Kysely<Tables>) => {
    const rows = await kysely.selectFrom('figures').select(['step', 'at']).orderBy('step').orderBy('at').execute()
    return {
      tens: rows.filter(({ step }) => step === 10).length,
      fiveMinutes: rows.filter(({ step }) => step === 300).length,
    }
  }

  test('what came by the second is read by ten seconds and by five minutes, none lost and none twice', async () => {
    const { clock, start } = await open()
    const figures = start()
    const begun = seconds(clock)
    for (let second = 0; second < 600; second++) {
      take(figures, second < 300 ? 1000 : 2000)
      if (second % 17 === 0) await figures.flush()
      await clock.advance(1000)
    }
    const tens = await figures.read(ref, { step: 10 })
    expect(tens.map(({ at, requests, rows }) => [at, requests, rows])).toEqual(
      Array.from({ length: 60 }, (_, index) => [begun + index * 10, 10, 20]),
    )
    const coarse = await figures.read(ref, { step: 300 })
    expect(coarse).toMatchObject([
      { at: begun, requests: 300, executions: 300, meanBatch: 2, queue: 1 },
      { at: begun + 300, requests: 300 },
    ])
    expect(coarse[0]?.p99).toBeGreaterThan(980)
    expect(coarse[0]?.p99).toBeLessThan(1020)
    expect(coarse[1]?.p50).toBeGreaterThan(1960)
    // The same from the database alone.
    await figures.flush()
    expect(await start().read(ref, { step: 300 })).toEqual(coarse)
    expect(await start().read(ref, { step: 10, from: begun + 15, to: begun + 30 })).toMatchObject([
      { at: begun + 10 },
      { at: begun + 20 },
    ])
  })

  test('a step that a restart of the server cut in two is one again', async () => {
    const { clock, start, kysely } = await open()
    const before = start()
    for (let count = 0; count < 9; count++) take(before, 1000)
    await before.flush()
    await clock.advance(2000)
    const after = start()
    take(after, 50_000, { errors: { timeout: 3 }, queue: 7 })
    const expected = { requests: 10, errors: { timeout: 3 }, queue: 7, rows: 20 }
    // Before it is written, and after.
    expect(await after.read(ref, { step: 10 })).toMatchObject([expected])
    await after.flush()
    const [point, ...more] = await start().read(ref, { step: 10 })
    expect(more).toEqual([])
    expect(point).toMatchObject(expected)
    expect(point?.p50).toBeLessThan(1020)
    expect(point?.p95).toBeGreaterThan(49_000)
    expect(await countRows(kysely)).toEqual({ tens: 1, fiveMinutes: 1 })
  })

  test('tens of seconds are forgotten after a day, five minutes after ninety', async () => {
    const { clock, start, kysely } = await open()
    const first = start()
    take(first, 1000)
    await first.flush()
    await clock.advance(86_400_000 - 20_000)
    await start().flush()
    expect(await countRows(kysely)).toEqual({ tens: 1, fiveMinutes: 1 })
    await clock.advance(40_000)
    await start().flush()
    expect(await countRows(kysely)).toEqual({ tens: 0, fiveMinutes: 1 })
    await clock.advance(89 * 86_400_000 + 600_000)
    await start().flush()
    expect(await countRows(kysely)).toEqual({ tens: 0, fiveMinutes: 0 })
  })

  test('what could not be written is kept for the next time', async () => {
    const { start, kysely } = await open()
    const store = sqlFigureStore(kysely)
    let broken = true
    const figures = start({
      ...store,
      add: async (kept) => (broken ? Promise.reject(new Error('no database')) : store.add(kept)),
    })
    take(figures, 1000)
    await expect(figures.flush()).rejects.toThrow('no database')
    take(figures, 1000)
    broken = false
    await figures.flush()
    await figures.flush()
    expect(await start().read(ref, { step: 300 })).toMatchObject([{ requests: 2 }])
  })

  test('figures of a deployment that has been deleted meanwhile hold up no others', async () => {
    const { start, kysely, clock } = await open()
    const store = sqlFigureStore(kysely)
    const at = seconds(clock)
    const one = { version, step: 10, at, figure: figureOf(1000) } as const
    await store.add([
      { ...one, deploymentId: 'gone' },
      { ...one, deploymentId: 'd' },
    ])
    expect(await start().read(ref, { step: 10 })).toMatchObject([{ at, requests: 1 }])
    expect(await store.read('gone', 10, 0, at + 1)).toEqual([])
  })
})

test('of single seconds the last quarter of an hour is kept, and nothing of before', async () => {
  const clock = fakeClock(START)
  const nothing: FigureStore = {
    add: async () => {},
    read: async () => [],
    sums: async () => new Map(),
    forgetBefore: async () => {},
  }
  const figures = createFigures({
    store: nothing,
    clock,
    deployments,
    projects: { idOf: async () => 'default' },
    desired: { get: () => ({ id: 'd' }) as never },
  })
  for (let second = 0; second < 2000; second++) {
    if (second > 0) await clock.advance(1000)
    figures.take(runner, [{ deployment, version, figure: figureOf(second + 1) }])
  }
  const points = await figures.read(ref, { step: 1 })
  expect(points.map(({ at }) => at)).toEqual(Array.from({ length: 900 }, (_, index) => seconds(clock) - 899 + index))
  expect(points.every(({ requests }) => requests === 1)).toBe(true)
  expect(await figures.read(ref, { step: 1, from: seconds(clock) - 1, to: seconds(clock) })).toHaveLength(1)
  await expect(figures.read(ref, { step: 1, from: 2, to: 1 })).rejects.toMatchObject({ code: 'invalid_request' })
  await clock.advance(901_000)
  expect(await figures.read(ref, { step: 1 })).toEqual([])
})
