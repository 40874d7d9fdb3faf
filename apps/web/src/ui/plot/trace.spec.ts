import fc from 'fast-check'
import { expect, test } from 'vitest'
import { growingPoints } from './points.ts'
import { rowFrom, rowNear, traceOf } from './trace.ts'

const view = { along: 'step', scale: 'linear', smoothing: 0 } as const

function history(...points: readonly (readonly [step: number, time: number, value: number])[]) {
  const growing = growingPoints()
  for (const point of points) growing.add(...point)
  return growing.now()
}

test('a history keeps what was added, and what was handed out does not change', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { maxLength: 700 }), (values) => {
      const growing = growingPoints()
      const before = growing.now()
      for (const [step, value] of values.entries()) growing.add(step, step * 1000, value)
      expect([...growing.now().values]).toEqual(values)
      expect(growing.now()).toBe(growing.now())
      expect(before.values).toHaveLength(0)
    }),
  )
})

test('points that came out of order are drawn in the order of x', () => {
  const points = history([2, 10_000, 0.2], [0, 20_000, 0.1], [1, 30_000, NaN])
  expect([...traceOf(points, view).values]).toEqual([0.1, NaN, 0.2])
  expect([...traceOf(points, { ...view, along: 'time' }).xs]).toEqual([10, 20, 30])
  expect([...traceOf(points, { ...view, along: 'relative' }).xs]).toEqual([0, 10, 20])
})

test('a trace is made once for a view', () => {
  const points = history([0, 0, 1])
  expect(traceOf(points, view)).toBe(traceOf(points, { ...view }))
  expect(traceOf(points, view)).not.toBe(traceOf(points, { ...view, smoothing: 0.5 }))
})

test('NaN is a gap, infinities are noted, and logarithms leave out what has none', () => {
  const points = history([0, 0, 100], [1, 0, NaN], [2, 0, Infinity], [3, 0, 0], [4, 0, -1], [5, 0, 1])
  const trace = traceOf(points, { ...view, scale: 'log' })
  expect([...trace.raw]).toEqual([2, NaN, NaN, NaN, NaN, 0])
  expect(trace).toMatchObject({ infinite: [2], left: 2 })
})

test('rows are found as if each were looked at', () => {
  const sorted = fc.array(fc.integer({ min: 0, max: 50 })).map((xs) => xs.toSorted((one, other) => one - other))
  fc.assert(
    fc.property(sorted, fc.double({ min: -5, max: 55, noNaN: true }), (given, x) => {
      const xs = Float64Array.from(given)
      const first = given.findIndex((one) => one >= x)
      expect(rowFrom(xs, x)).toBe(first < 0 ? given.length : first)
      const least = Math.min(...given.map((one) => Math.abs(one - x)))
      const row = rowNear(xs, x)
      if (given.length === 0) expect(row).toBe(-1)
      else {
        expect(Math.abs(xs[row]! - x)).toBe(least)
        expect(xs[row + 1]).not.toBe(xs[row])
      }
    }),
  )
})
