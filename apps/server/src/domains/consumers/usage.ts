import type { Clock } from '@stead/chassis'
import type { KeyUse, RunnerName, UsagePoint } from '@stead/contracts'
import type { HourlyUse, UsageStore } from './consumers.store.ts'

/** Whose a key is. */
export interface KeyOwner {
  readonly consumerId: string
  readonly projectId: string
}

export interface Used {
  readonly today: number
  readonly thisMonth: number
}

/** Counts what consumers use, in UTC. What came since the last flush is in memory only. */
export interface Usage {
  /** Reads what was counted before. */
  load(): Promise<void>
  /** Counts what a runner told. The batch that it told last is not counted again. */
  take(runner: RunnerName, uses: readonly KeyUse[], batch: string | undefined): void
  used(consumerId: string): Used
  read(consumerId: string, days: number, step: 'hour' | 'day'): Promise<UsagePoint[]>
  /** Writes what has come. What could not be written is kept for the next. */
  flush(): Promise<void>
}

const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
/** How often the last use of a key is noted. */
const NOTED_EVERY_MS = 60_000

export interface UsageParts {
  readonly store: UsageStore
  readonly ownerOf: (key: string) => KeyOwner | undefined
  readonly clock: Clock
}

interface Count {
  day: number
  today: number
  month: number
  thisMonth: number
}

export function createUsage({ store, ownerOf, clock }: UsageParts): Usage {
  const counts = new Map<string, Count>()
  const batches = new Map<RunnerName, string>()
  const noted = new Map<string, number>()
  let pending = new Map<string, HourlyUse>()
  let toNote = new Map<string, number>()
  let writing: Promise<void> = Promise.resolve()

  /** A count of another day or month than this is none. */
  function countNow(consumerId: string): Count {
    const now = clock.now()
    const [day, month] = [dayOf(now).getTime(), monthOf(now).getTime()]
    const known = counts.get(consumerId)
    const count = {
      day,
      month,
      today: known?.day === day ? known.today : 0,
      thisMonth: known?.month === month ? known.thisMonth : 0,
    }
    counts.set(consumerId, count)
    return count
  }

  function addPending(one: HourlyUse): void {
    const name = `${one.hour} ${one.key} ${one.version} ${one.deployment}`
    const { requests, failed } = pending.get(name) ?? { requests: 0, failed: 0 }
    pending.set(name, { ...one, requests: one.requests + requests, failed: one.failed + failed })
  }

  async function write(): Promise<void> {
    const [uses, keys] = [pending, toNote]
    if (uses.size === 0 && keys.size === 0) return
    pending = new Map()
    toNote = new Map()
    try {
      await store.add(
        [...uses.values()],
        [...keys].map(([key, at]) => ({ key, at: new Date(at) })),
      )
    } catch (error) {
      for (const one of uses.values()) addPending(one)
      for (const [key, at] of keys) if (!toNote.has(key)) toNote.set(key, at)
      throw error
    }
  }

  const usage: Usage = {
    async load() {
      const now = clock.now()
      const [day, month] = [dayOf(now), monthOf(now)]
      counts.clear()
      for (const { consumerId, today, thisMonth } of await store.sums(day, month))
        counts.set(consumerId, { day: day.getTime(), today, month: month.getTime(), thisMonth })
    },
    take(runner, uses, batch) {
      if (uses.length === 0) return
      if (batch !== undefined && batches.get(runner) === batch) return
      if (batch !== undefined) batches.set(runner, batch)
      const now = clock.now().getTime()
      for (const { key, deployment, version, requests, failed } of uses) {
        const owner = ownerOf(key)
        if (owner === undefined || requests === 0) continue
        addPending({ ...owner, key, deployment, version, hour: now - (now % HOUR_MS), requests, failed })
        const count = countNow(owner.consumerId)
        count.today += requests
        count.thisMonth += requests
        if (now - (noted.get(key) ?? -Infinity) < NOTED_EVERY_MS) continue
        noted.set(key, now)
        toNote.set(key, now)
      }
    },
    used(consumerId) {
      const { today, thisMonth } = countNow(consumerId)
      return { today, thisMonth }
    },
    async read(consumerId, days, step) {
      await usage.flush()
      const from = new Date(dayOf(clock.now()).getTime() - (days - 1) * DAY_MS)
      return store.read(consumerId, from, step)
    },
    // One after the other: what failed is added again before the next begins.
    flush: () => (writing = writing.catch(() => {}).then(write)),
  }
  return usage
}

export const dayOf = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
export const monthOf = (at: Date, later = 0) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later, 1))
