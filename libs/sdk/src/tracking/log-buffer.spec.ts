import { SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnreachableError } from '../unreachable.ts'
import { createLogBuffer } from './log-buffer.ts'
import { metricItems, textItems } from './log-items.ts'
import type { LogBody, LogItem } from './log-items.ts'
import { createLostList, LostError } from './lost.ts'

/** A buffer before a server that the test plays. */
function given(take: (body: LogBody, call: number) => void) {
  const taken: LogBody[] = []
  const lost = createLostList()
  let calls = 0
  const buffer = createLogBuffer({
    async send(body) {
      take(body, calls++)
      taken.push(body)
    },
    lost,
    patience: { forMs: 60_000, wait: async () => {} },
    everyMs: 5,
  })
  return { buffer, lost, taken, points: () => taken.flatMap(({ metrics = [] }) => metrics) }
}
const point = (key: string, step: number): LogItem[] => metricItems({ [key]: step }, { step }, 0)
const lostOf = (tell: () => void): LostError => {
  try {
    tell()
  } catch (error) {
    if (error instanceof LostError) return error
  }
  throw new Error('nothing was lost')
}

test('what is logged goes out by itself, in order, a thousand at most in a call', async () => {
  const { buffer, points, taken } = given(() => {})
  for (let step = 0; step < 2_500; step++) buffer.add(point('loss', step))
  await expect.poll(() => points().length).toBe(2_500)
  expect(points().map(({ step }) => step)).toEqual(Array.from({ length: 2_500 }, (_, step) => step))
  expect(Math.max(...taken.map(({ metrics = [] }) => metrics.length))).toBeLessThanOrEqual(1_000)
})

test('a connection that breaks off loses nothing and changes no order', async () => {
  const { buffer, lost, points } = given((_, call) => {
    if (call % 3 !== 2) throw new UnreachableError('http://here', 'it broke')
  })
  for (let step = 0; step < 30; step++) {
    buffer.add(point('loss', step))
    if (step % 10 === 9) await buffer.flush()
  }
  expect(points().map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, step) => step))
  lost.tell()
})

test('a server that stays away costs what was logged after all patience, and says so', async () => {
  const { buffer, lost } = given(() => {
    throw new UnreachableError('http://here', 'it broke')
  })
  buffer.add(point('loss', 1))
  await buffer.flush()
  expect(lostOf(lost.tell)).toMatchObject({ total: 1, lost: [{ what: 'metric', key: 'loss' }] })
  lost.tell()
})

test('one thing that cannot be taken is lost alone, whatever it is logged with', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(400), { maxLength: 8 }),
      fc.integer({ min: 1, max: 400 }),
      async (bad, count) => {
        const refused = new Set(bad.filter((step) => step < count))
        const { buffer, lost, points } = given(({ metrics = [] }) => {
          if (metrics.some(({ step = 0 }) => refused.has(step))) throw new SteadError('invalid_request', 'no')
        })
        for (let step = 0; step < count; step++) buffer.add(point(`m${step}`, step))
        await buffer.flush()
        const kept = Array.from({ length: count }, (_, step) => step).filter((step) => !refused.has(step))
        expect(points().map(({ step }) => step)).toEqual(kept)
        if (refused.size > 0)
          expect(lostOf(lost.tell).lost.map(({ key }) => key)).toEqual(
            [...refused].toSorted((a, b) => a - b).map((step) => `m${step}`),
          )
      },
    ),
    { numRuns: 40 },
  )
})

test('a param with a second value is told to the server after the first, which keeps it', async () => {
  const { buffer, lost, taken } = given(({ params = {} }) => {
    if (params.rate === '2') throw new SteadError('param_fixed', 'it was 1')
  })
  buffer.add(textItems('param', { rate: 1, depth: 3 }))
  buffer.add(textItems('param', { rate: 2, width: 4 }))
  await buffer.flush()
  expect(taken.map(({ params }) => params)).toEqual([{ rate: '1', depth: '3' }, { width: '4' }])
  expect(lostOf(lost.tell).message).toContain('the param "rate"')
})

test('values that JSON cannot write, and those that are no texts, get one', () => {
  expect(
    metricItems({ a: Number.NaN, b: -Infinity, c: 0.5 }, { step: 2 }, 7).map(
      (item) => item.is === 'metric' && item.value,
    ),
  ).toEqual(['NaN', '-Infinity', 0.5])
  expect(textItems('param', { a: [1, 2], b: { c: true }, d: null, e: 1e-5 }).map(({ value }) => value)).toEqual([
    '[1,2]',
    '{"c":true}',
    'null',
    '0.00001',
  ])
  expect(() => metricItems({ a: '1' as never }, {}, 0)).toThrow('a metric is a number'.replace('a', 'A'))
  expect(() => metricItems({ a: 1 }, { step: 0.5 }, 0)).toThrow('whole number')
})
