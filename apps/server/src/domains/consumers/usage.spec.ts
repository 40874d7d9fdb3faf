import { fakeClock } from '@stead/chassis'
import { ConsumerName, DeploymentName, ProjectName, RunnerName, VersionNumber } from '@stead/contracts'
import type { Admission, KeyUse, Limits } from '@stead/contracts'
import { expect, test } from 'vitest'
import { createAdmissions } from './admission.ts'
import type { HourlyUse, KeptConsumer, UsageStore } from './consumers.store.ts'
import { createUsage } from './usage.ts'

const runner = RunnerName.parse('runner-0')
const use = (requests: number, failed = 0): KeyUse => ({
  key: 'key-1',
  deployment: DeploymentName.parse('sums'),
  version: VersionNumber.parse(1),
  requests,
  failed,
})

function startCounting(at: string, limits: Partial<Limits> = {}) {
  const clock = fakeClock(at)
  const written: HourlyUse[] = []
  const noted: string[] = []
  let isBroken = false
  const store: UsageStore = {
    async add(uses, keys) {
      if (isBroken) throw new Error('the database is away')
      written.push(...uses)
      noted.push(...keys.map(({ key }) => key))
    },
    sums: async () => [],
    read: async () => [],
  }
  const usage = createUsage({ store, clock, ownerOf: () => ({ consumerId: 'shop', projectId: 'default' }) })
  const told: Admission[] = []
  const consumer: KeptConsumer = {
    id: 'shop',
    projectId: 'default',
    project: ProjectName.parse('default'),
    name: ConsumerName.parse('shop'),
    description: '',
    limits: { rate: null, burst: null, perDay: null, perMonth: null, ...limits },
    createdAt: at,
    keys: [
      {
        id: 'key-1',
        name: 'k',
        hint: '',
        hash: 'a'.repeat(64),
        deployments: null,
        createdAt: at,
        expiresAt: '2026-03-01T00:00:00.000Z',
        lastUsedAt: null,
      },
    ],
  }
  const admissions = createAdmissions({
    store: { list: async () => [consumer], monitors: async () => [] },
    usage,
    desired: { admit: (admission) => told.push(admission) },
    isOpen: () => false,
    clock,
    onFailure: (error) => {
      throw error
    },
  })
  const exhausted = () => told.at(-1)?.keys[0]?.exhaustedUntil
  return { clock, usage, admissions, written, noted, told, exhausted, breakStore: (is: boolean) => (isBroken = is) }
}

test('a batch of use that is told twice is counted once', () => {
  const { usage } = startCounting('2026-02-10T12:00:00Z')
  usage.take(runner, [use(3)], 'first')
  usage.take(runner, [use(3)], 'first')
  usage.take(runner, [use(2)], 'second')
  expect(usage.used('shop')).toEqual({ today: 5, thisMonth: 5 })
})

test('days and months begin anew in UTC, and hours are kept apart', async () => {
  const { usage, clock, written } = startCounting('2026-02-28T23:30:00Z')
  usage.take(runner, [use(4, 1)], undefined)
  await clock.advance(3_600_000)
  expect(usage.used('shop')).toEqual({ today: 0, thisMonth: 0 })
  usage.take(runner, [use(1)], undefined)
  await usage.flush()
  expect(written).toMatchObject([
    { hour: Date.parse('2026-02-28T23:00:00Z'), requests: 4, failed: 1 },
    { hour: Date.parse('2026-03-01T00:00:00Z'), requests: 1, failed: 0 },
  ])
})

test('what could not be written is written with the next, once', async () => {
  const { usage, written, breakStore } = startCounting('2026-02-10T12:00:00Z')
  usage.take(runner, [use(2)], undefined)
  breakStore(true)
  await expect(usage.flush()).rejects.toThrow('away')
  usage.take(runner, [use(3)], undefined)
  breakStore(false)
  await usage.flush()
  await usage.flush()
  expect(written.map(({ requests }) => requests)).toEqual([5])
})

test('the last use of a key is noted once a minute', async () => {
  const { usage, clock, noted } = startCounting('2026-02-10T12:00:00Z')
  for (let second = 0; second < 90; second++) {
    usage.take(runner, [use(1)], undefined)
    await usage.flush()
    await clock.advance(1_000)
  }
  expect(noted).toEqual(['key-1', 'key-1'])
})

test('a quota of the day ends at midnight, one of the month with the month, and runners are told of both', async () => {
  const day = startCounting('2026-02-10T12:00:00Z', { perDay: 5 })
  await day.admissions.refresh()
  expect(day.exhausted()).toBeNull()
  day.usage.take(runner, [use(5)], undefined)
  await day.admissions.turn()
  expect(day.exhausted()).toBe('2026-02-11T00:00:00.000Z')
  await day.clock.advance(12 * 3_600_000)
  await day.admissions.turn()
  expect(day.exhausted()).toBeNull()

  const month = startCounting('2026-02-10T12:00:00Z', { perDay: 5, perMonth: 5 })
  month.usage.take(runner, [use(6)], undefined)
  await month.admissions.refresh()
  expect(month.exhausted()).toBe('2026-03-01T00:00:00.000Z')
})

test('runners are told only what is new, and not of keys that have expired', async () => {
  const { admissions, clock, told } = startCounting('2026-02-28T23:59:00Z')
  await admissions.refresh()
  await admissions.turn()
  await admissions.refresh()
  expect(told).toHaveLength(1)
  await clock.advance(60_000)
  await admissions.turn()
  expect(told.map(({ keys }) => keys.length)).toEqual([1, 0])
})
