import type { ConsumerKey, UsagePoint } from '@stead/contracts'

const DAY_MS = 86_400_000

export interface DayOfUse {
  /** The beginning of the UTC day. */
  readonly at: string
  readonly requests: number
  readonly failed: number
}

/** One bar for each of the last days, today included; those without requests are zero, not absent. */
export function byDay(points: readonly UsagePoint[], days: number, now: number): readonly DayOfUse[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const sums = new Map<number, { requests: number; failed: number }>()
  for (const { at, requests, failed } of points) {
    const day = Math.floor(Date.parse(at) / DAY_MS) * DAY_MS
    const sum = sums.get(day) ?? { requests: 0, failed: 0 }
    sums.set(day, { requests: sum.requests + requests, failed: sum.failed + failed })
  }
  return Array.from({ length: days }, (_, index) => {
    const day = today - (days - 1 - index) * DAY_MS
    return { at: new Date(day).toISOString(), ...(sums.get(day) ?? { requests: 0, failed: 0 }) }
  })
}

export interface Part {
  readonly id: string
  readonly key: string | undefined
  readonly deployment: string
  readonly version: number
  readonly requests: number
  readonly failed: number
}

/** Sums by key, deployment and version, most used first. A key that was revoked has no name any more. */
export function byPart(points: readonly UsagePoint[], keys: readonly ConsumerKey[]): readonly Part[] {
  const names = new Map(keys.map(({ id, name }) => [id, name]))
  const parts = new Map<string, Part>()
  for (const { key, deployment, version, requests, failed } of points) {
    const id = [key, deployment, version].join('\n')
    const before = parts.get(id)
    parts.set(id, {
      id,
      key: names.get(key),
      deployment,
      version,
      requests: (before?.requests ?? 0) + requests,
      failed: (before?.failed ?? 0) + failed,
    })
  }
  return [...parts.values()].toSorted((one, other) => other.requests - one.requests)
}
