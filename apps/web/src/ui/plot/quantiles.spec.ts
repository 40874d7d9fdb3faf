import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boxOf, quantile } from './quantiles.ts'

test('a quantile between two values lies between them in proportion', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75)
  expect(quantile([7], 0.9)).toBe(7)
})

test('a box is in order, and every finite value is within its whiskers or an outlier', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 80 }),
      (values) => {
        const box = boxOf(values)!
        const { low, quarter, median, threeQuarters, high, outliers } = box
        expect(quarter).toBeLessThanOrEqual(median)
        expect(median).toBeLessThanOrEqual(threeQuarters)
        expect(low).toBeLessThanOrEqual(high)
        const near = values.filter((value) => value >= low && value <= high)
        expect(near.length + outliers.length).toBe(values.length)
      },
    ),
  )
})

test('far values are outliers and do not lengthen the whiskers', () => {
  const box = boxOf([1, 2, 3, 4, 5, 100])
  expect(box).toMatchObject({ low: 1, high: 5, outliers: [100], count: 6 })
})

test('NaN and the infinities are counted and left out; without anything else there is no box', () => {
  expect(boxOf([NaN, 1, Infinity, 3])).toMatchObject({ count: 2, left: 2, median: 2 })
  expect(boxOf([NaN])).toBeUndefined()
  expect(boxOf([])).toBeUndefined()
})
