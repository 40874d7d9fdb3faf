import type { LatestMetric, MetricPoint, RunId } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grown, isUpToDate, stepToAskFrom } from './history.ts'
import type { Histories } from './history.ts'

const RUN = 'a1' as RunId
const NONE: Histories = new Map()
const read = (points: readonly MetricPoint[], known = NONE, afterStep?: number) =>
  grown(known, [{ run: RUN, points, total: points.length }], afterStep)
const valuesOf = (known: Histories) => [...known.get(RUN)!.points.values]
const latest = ([step, timestamp, value]: MetricPoint): LatestMetric => ({ step, timestamp, value })

test('a history that ends with the newest value is not read again', () => {
  const known = read([
    [0, 10, 1],
    [1, 20, 'NaN'],
  ])
  expect(isUpToDate(known.get(RUN), latest([1, 20, 'NaN']))).toBe(true)
  expect(isUpToDate(known.get(RUN), latest([1, 21, 2]))).toBe(false)
  expect(isUpToDate(undefined, latest([0, 0, 0]))).toBe(false)
  expect(isUpToDate(undefined, undefined)).toBe(true)
})

test('the last step is asked for once more, since it may have got further values', () => {
  const known = read([
    [0, 10, 1],
    [7, 20, 2],
  ])
  expect(stepToAskFrom(known, [RUN])).toBe(6)
  const next = read(
    [
      [7, 20, 2],
      [7, 21, 3],
      [8, 30, 4],
    ],
    known,
    6,
  )
  expect(valuesOf(next)).toEqual([1, 2, 3, 4])
  expect(next.get(RUN)).toMatchObject({ total: 4, last: [8, 30, 4] })
})

test('a run that nothing is known of makes all of it be read', () => {
  expect(stepToAskFrom(NONE, [RUN])).toBeUndefined()
  expect(valuesOf(read([[3, 1, 'Infinity']]))).toEqual([Infinity])
})

test('what was read whole takes the place of what was known', () => {
  expect(valuesOf(read([[0, 1, 9]], read([[0, 1, 1]])))).toEqual([9])
})

test('however the reading is cut, the history is the same as if it had been read at once', () => {
  const values = fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(values, fc.array(fc.nat(40), { maxLength: 5 }), (given, cuts) => {
      // In the order of the server, each point once.
      const points = [
        ...new Map(given.map(([step, time]) => [`${step} ${time}`, [step, time, step + time] as MetricPoint])).values(),
      ].toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
      let known = NONE
      for (const end of [...cuts.toSorted((a, b) => a - b), points.length]) {
        const there = points.slice(0, Math.max(end, 1))
        const afterStep = stepToAskFrom(known, [RUN])
        known = read(
          there.filter(([step]) => afterStep === undefined || step > afterStep),
          known,
          afterStep,
        )
      }
      expect(valuesOf(known)).toEqual(points.map(([, , value]) => value))
      expect(known.get(RUN)!.total).toBe(points.length)
    }),
  )
})
