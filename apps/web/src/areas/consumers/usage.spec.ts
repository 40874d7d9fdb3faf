import { expect, test } from 'vitest'
import type { ConsumerKey, UsagePoint } from '@stead/contracts'
import { byDay, byPart } from './usage.ts'

const point = (at: string, requests: number, key = 'k1', version = 1): UsagePoint => ({
  at,
  key,
  deployment: 'forecast' as UsagePoint['deployment'],
  version: version as UsagePoint['version'],
  requests,
  failed: 1,
})
const NOW = Date.parse('2026-03-09T13:00:00Z')

test('each of the last days has its bar, today included, and a day without requests is zero', () => {
  const days = byDay(
    [point('2026-03-09T00:00:00Z', 5), point('2026-03-09T07:00:00Z', 2), point('2026-03-07T00:00:00Z', 3)],
    3,
    NOW,
  )
  expect(days.map(({ requests, failed }) => [requests, failed])).toEqual([
    [3, 1],
    [0, 0],
    [7, 2],
  ])
})

test('use is summed by key, deployment and version, most used first; a revoked key has no name', () => {
  const keys = [{ id: 'k1', name: 'production' }] as ConsumerKey[]
  const points = [
    point('2026-03-08T00:00:00Z', 4),
    point('2026-03-09T00:00:00Z', 4),
    point('2026-03-09T00:00:00Z', 9, 'gone', 2),
  ]
  expect(byPart(points, keys).map(({ key, version, requests }) => ({ key, version, requests }))).toEqual([
    { key: undefined, version: 2, requests: 9 },
    { key: 'production', version: 1, requests: 8 },
  ])
})
