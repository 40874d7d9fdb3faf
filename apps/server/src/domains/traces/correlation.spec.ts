import fc from 'fast-check'
import { expect, test } from 'vitest'
import { correlationOf } from './correlation.ts'

test('filters that always hold together correlate fully, and those that never do, not at all', () => {
  expect(correlationOf({ total: 10, first: 10, second: 10, both: 10 })).toEqual({ plain: 1, smoothed: 1 })
  expect(correlationOf({ total: 10, first: 5, second: 5, both: 5 }).plain).toBeCloseTo(1, 12)
  expect(correlationOf({ total: 10, first: 5, second: 5, both: 0 }).plain).toBe(-1)
  expect(correlationOf({ total: 100, first: 50, second: 20, both: 10 }).plain).toBeCloseTo(0, 12)
})

test('the correlation with what holds for nothing is not defined', () => {
  expect(correlationOf({ total: 10, first: 0, second: 5, both: 0 })).toEqual({ plain: undefined, smoothed: undefined })
  expect(correlationOf({ total: 0, first: 0, second: 0, both: 0 })).toEqual({ plain: undefined, smoothed: undefined })
})

test('whatever the counts, it lies between −1 and 1, and does not depend on which filter is the first', () => {
  const cell = fc.nat({ max: 1000 })
  fc.assert(
    fc.property(cell, cell, cell, cell, (both, one, other, neither) => {
      const overlap = { total: both + one + other + neither, first: both + one, second: both + other, both }
      const { plain, smoothed } = correlationOf(overlap)
      for (const value of [plain, smoothed]) if (value !== undefined) expect(Math.abs(value)).toBeLessThanOrEqual(1)
      const turned = correlationOf({ ...overlap, first: overlap.second, second: overlap.first })
      expect(turned.smoothed ?? 0).toBeCloseTo(smoothed ?? 0, 9)
    }),
  )
})
