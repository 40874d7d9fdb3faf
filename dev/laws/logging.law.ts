import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { leaveOut } from '../services/left-out.ts'
import { startPostgres, type TestPostgres } from '../services/postgres.ts'
import { counted } from './counts.ts'
import { type Platform, startPlatform, until } from './platform.ts'

/** What one client logs at once. */
interface Batch {
  readonly run_id: string
  readonly metrics: readonly { key: string; value: number | 'NaN'; timestamp: number; step: number }[]
  readonly params: readonly { key: string; value: string }[]
  readonly tags: readonly { key: string; value: string }[]
}

const KINDS = ['embedded', 'PostgreSQL'] as const
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function platformOn(kind: (typeof KINDS)[number]): Promise<Platform | { missing: string }> {
  if (kind === 'embedded') return begun(await startPlatform({ runners: 0 }))
  const postgres = await startPostgres()
  if ('missing' in postgres) {
    leaveOut('logging by many, on PostgreSQL', postgres.missing)
    return postgres
  }
  closing.push(() => (postgres satisfies TestPostgres).stop())
  return begun(await startPlatform({ runners: 0, env: { STEAD_DATABASE_URL: await postgres.createDatabase() } }))
}

function begun(platform: Platform): Platform {
  closing.push(() => platform.stop())
  return platform
}

const urlOf = (platform: Platform, path: string) => new URL(`/api/2.0/mlflow/${path}`, platform.url)

const post = (platform: Platform, path: string, body: object) =>
  fetch(urlOf(platform, path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function startRun(platform: Platform): Promise<string> {
  const response = await post(platform, 'runs/create', { experiment_id: '0' })
  return ((await response.json()) as { run: { info: { run_id: string } } }).run.info.run_id
}

interface Told {
  readonly data: Partial<Record<'metrics' | 'params' | 'tags', readonly Record<string, unknown>[]>>
}

async function readRun(platform: Platform, run: string): Promise<Told['data']> {
  const response = await fetch(urlOf(platform, `runs/get?run_id=${run}`))
  return ((await response.json()) as { run: Told }).run.data
}

async function history(platform: Platform, run: string, key: string): Promise<Batch['metrics']> {
  const response = await fetch(urlOf(platform, `metrics/get-history?run_id=${run}&metric_key=${key}`))
  return ((await response.json()) as { metrics?: Batch['metrics'] }).metrics ?? []
}

describe.for(KINDS)('64 clients that log to the same runs at once, on %s', (kind) => {
  test('wait for nobody in a circle, lose no value, and leave the latest ones', async (law) => {
    const platform = await platformOn(kind)
    if ('missing' in platform) return law.skip(platform.missing)
    const runs = await Promise.all(Array.from({ length: 4 }, () => startRun(platform)))
    const logged: Batch[] = []
    const rounds = counted({ test: 6, conformance: 24, soak: 200 })
    const statuses = new Set<number>()
    await Promise.all(
      Array.from({ length: 64 }, async (_, client) => {
        for (let round = 0; round < rounds; round++) {
          const batch = batchOf(runs, client, round)
          const response = await post(platform, 'runs/log-batch', batch)
          await response.arrayBuffer()
          statuses.add(response.status)
          logged.push(batch)
        }
      }),
    )
    expect([...statuses]).toEqual([200])
    for (const run of runs) {
      const points = logged.filter(({ run_id }) => run_id === run).flatMap(({ metrics }) => metrics)
      const byKey = Map.groupBy(points, ({ key }) => key)
      for (const [key, all] of byKey) {
        const kept = await history(platform, run, key)
        expect(kept.map(nameOf).toSorted()).toEqual([...new Set(all.map(nameOf))].toSorted())
      }
      const { metrics, params, tags } = await readRun(platform, run)
      const latest = [...byKey.values()].map((all) => all.toSorted(byRank).at(-1))
      expect(metrics?.toSorted(byName)).toEqual(latest.toSorted(byName))
      const pairs = (of: 'params' | 'tags') =>
        new Set(logged.filter(({ run_id }) => run_id === run).flatMap((batch) => batch[of].map(({ key }) => key)))
      expect(new Set(params?.map(({ key }) => key))).toEqual(pairs('params'))
      expect(new Set(tags?.map(({ key }) => key)).difference(pairs('tags'))).toEqual(new Set(['mlflow.runName']))
    }
  })
})

/** Clients share keys, steps and times, so that they meet at the same rows, in different orders. */
function batchOf(runs: readonly string[], client: number, round: number): Batch {
  const keys = ['loss', 'auc', 'rate', 'error', `own${client % 8}`]
  const ordered = client % 2 === 0 ? keys : keys.toReversed()
  return {
    run_id: runs[(client + round) % runs.length]!,
    metrics: ordered.flatMap((key) =>
      [0, 1].map((more) => ({
        key,
        value: (client * 7 + round) % 13 === 0 ? 'NaN' : ((client * 31 + round * 17 + more) % 101) / 8,
        timestamp: 1000 + ((client + round) % 5),
        step: (round * 3 + more) % 8,
      })),
    ),
    params: [{ key: `param${client % 8}`, value: 'the same' }],
    tags: ordered.map((key) => ({ key, value: `${client} ${round}` })),
  }
}

type Point = Batch['metrics'][number]
const nameOf = ({ key, step, timestamp, value }: Point) => JSON.stringify([key, step, timestamp, value])
const rankOf = ({ value }: Point) => (value === 'NaN' ? Number.POSITIVE_INFINITY : value)
const byRank = (one: Point, other: Point) =>
  one.step - other.step || one.timestamp - other.timestamp || (rankOf(one) > rankOf(other) ? 1 : -1)
const byName = (one: unknown, other: unknown) => {
  const [a, b] = [one, other].map((point) => (point as Point).key)
  return a! < b! ? -1 : 1
}

test('a server that is killed while clients log has all that was acknowledged, and of the rest all or nothing', async () => {
  const platform = begun(await startPlatform({ runners: 0 }))
  const runs = await Promise.all(Array.from({ length: 3 }, () => startRun(platform)))
  const sent = new Map<number, string>()
  const acknowledged = new Set<number>()
  let made = 0
  for (let kill = 1; kill <= counted({ test: 4, conformance: 16, soak: 100 }); kill++) {
    const writing = Array.from({ length: 12 }, async () => {
      for (;;) {
        const number = ++made
        const run = runs[number % runs.length]!
        sent.set(number, run)
        try {
          const response = await post(platform, 'runs/log-batch', wholeBatch(run, number))
          await response.arrayBuffer()
          if (response.ok) acknowledged.add(number)
        } catch {
          return
        }
      }
    })
    const enough = acknowledged.size + 20 + ((kill * 7) % 30)
    await until('enough is acknowledged', async () => {
      if (acknowledged.size < enough) throw new Error(`${acknowledged.size} of ${enough}`)
    })
    await pause((kill * 3) % 11)
    platform.server.kill('SIGKILL')
    await Promise.all(writing)
    await platform.restartServer()
    const parts = await partsOf(platform, runs)
    const broken = [...sent.keys()].filter((number) => ![0, PARTS].includes(parts.get(number) ?? 0))
    expect(broken).toEqual([])
    expect([...acknowledged].filter((number) => parts.get(number) !== PARTS)).toEqual([])
  }
  expect(acknowledged.size).toBeGreaterThan(50)
})

/** In each kind of thing that a batch can hold, and in several of one kind. */
const PARTS = 6
const wholeBatch = (run_id: string, number: number): Batch => ({
  run_id,
  metrics: ['m1', 'm2', 'm3'].map((key) => ({ key, value: number, timestamp: number, step: number })),
  params: [{ key: `p${number}`, value: 'x' }],
  tags: [
    { key: `t${number}`, value: 'x' },
    { key: `u${number}`, value: 'x' },
  ],
})

/** How many parts of each batch are there. */
async function partsOf(platform: Platform, runs: readonly string[]): Promise<Map<number, number>> {
  const parts = new Map<number, number>()
  const count = (number: number) => parts.set(number, (parts.get(number) ?? 0) + 1)
  for (const run of runs) {
    for (const key of ['m1', 'm2', 'm3']) for (const { step } of await history(platform, run, key)) count(step)
    const { params = [], tags = [] } = await readRun(platform, run)
    for (const { key } of [...params, ...tags]) {
      const [, digits] = /^[ptu](\d+)$/.exec(String(key)) ?? []
      if (digits !== undefined) count(Number(digits))
    }
  }
  return parts
}
