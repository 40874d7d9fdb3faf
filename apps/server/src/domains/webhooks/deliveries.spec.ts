import { fakeClock } from '@stead/chassis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeliveries, outcomeOf } from './deliveries.ts'
import type { DueDelivery, Outcome } from './webhooks.store.ts'

const BORN = '2026-01-01T00:00:00.000Z'
const bornAt = Date.parse(BORN)
const outcome = (status: number | null, attempts: number, after: number, retryAfter: string | null = null) =>
  outcomeOf({ attempts, createdAt: BORN }, { status, retryAfter }, new Date(bornAt + after), 0)
const waitOf = (found: Outcome, after = 0) => (found.is === 'again' ? found.at.getTime() - bornAt - after : undefined)

test('what arrived is delivered, what was refused has failed, and everything else is tried again', () => {
  const states = [200, 204, 302, 400, 404, 410, 408, 429, 500, 503, null].map((status) => outcome(status, 0, 0).is)
  expect(states).toEqual([
    'delivered',
    'delivered',
    'failed',
    'failed',
    'failed',
    'failed',
    'again',
    'again',
    'again',
    'again',
    'again',
  ])
})

test('the waits double up to ten minutes, and end after a day', () => {
  expect([0, 1, 2, 5, 20, 999].map((attempts) => waitOf(outcome(500, attempts, 0)))).toEqual([
    1_000, 2_000, 4_000, 32_000, 600_000, 600_000,
  ])
  expect(outcome(500, 99, 86_300_000).is).toBe('failed')
})

test('a receiver that says when is asked then, within an hour', () => {
  expect(waitOf(outcome(503, 0, 0, '30'))).toBe(30_000)
  expect(waitOf(outcome(429, 0, 0, new Date(bornAt + 90_000).toUTCString()))).toBe(90_000)
  expect(waitOf(outcome(429, 0, 0, '999999'))).toBe(3_600_000)
  for (const odd of ['soon', '-1', '', '1e9', new Date(0).toUTCString()])
    expect(waitOf(outcome(429, 0, 0, odd))).toBe(1_000)
})

test('the next try is never earlier than now, nor later than an hour and a bit', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.nat(80_000_000),
      fc.string(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, after, header, dice) => {
        const now = new Date(bornAt + after)
        const found = outcomeOf({ attempts, createdAt: BORN }, { status: 503, retryAfter: header }, now, dice)
        if (found.is !== 'again') return
        expect(found.at.getTime()).toBeGreaterThan(now.getTime())
        expect(found.at.getTime()).toBeLessThanOrEqual(now.getTime() + 3_600_000)
      },
    ),
  )
})

test('a webhook is told one thing at a time, and a slow one holds up no other', async () => {
  const clock = fakeClock()
  const waiting = new Map<string, () => void>()
  const order: string[] = []
  const due: DueDelivery[] = ['slow 1', 'slow 2', 'quick 1', 'quick 2'].map((id) => ({
    id,
    webhook: id.split(' ')[0]!,
    url: 'https://example.org/',
    secret: null,
    body: '{}',
    attempts: 0,
    createdAt: BORN,
  }))
  const ended = new AbortController()
  const deliveries = createDeliveries({
    store: {
      enqueue: async () => false,
      async due(_now, limit, except) {
        const open = due.filter(({ id, webhook }) => !order.includes(id) && !except.includes(webhook))
        return [...new Map(open.toReversed().map((one) => [one.webhook, one])).values()].slice(0, limit)
      },
      settle: async (id) => void order.push(id),
      prune: async () => {},
    },
    async send({ id }) {
      if (id === 'slow 1') await new Promise<void>((resolve) => waiting.set(id, resolve))
      return { at: BORN, status: 200, took: 1, error: null, answer: '', retryAfter: null }
    },
    clock,
    dice: () => 0,
    onFailure(error) {
      throw error
    },
  })
  const running = deliveries.run(ended.signal)
  await expect.poll(() => order).toEqual(['quick 1', 'quick 2'])
  waiting.get('slow 1')!()
  await expect.poll(() => order).toEqual(['quick 1', 'quick 2', 'slow 1', 'slow 2'])
  ended.abort()
  await running
})
