import fc from 'fast-check'
import { expect, test } from 'vitest'
import { smoothed } from './smoothing.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })
const weight = fc.double({ min: 0, max: 0.99, noNaN: true })

test('the first value is itself: nothing is drawn towards zero', () => {
  expect([...smoothed(Float64Array.of(8, 8, 8), 0.9)].map((value) => value.toFixed(9))).toEqual(
    Array(3).fill('8.000000000'),
  )
})

test('a mean is the weighted mean of what came before it, the newest weighing most', () => {
  fc.assert(
    fc.property(values, weight, (given, w) => {
      const result = smoothed(Float64Array.from(given), w)
      for (const index of given.keys()) {
        const weights = given.slice(0, index + 1).map((_, at) => w ** (index - at))
        const total = weights.reduce((sum, one) => sum + one, 0)
        const mean = weights.reduce((sum, one, at) => sum + one * given[at]!, 0) / total
        expect(result[index]).toBeCloseTo(mean, 4)
      }
    }),
    { numRuns: 40 },
  )
})

test('without weight nothing changes', () => {
  fc.assert(
    fc.property(values, (given) => {
      for (const [index, value] of smoothed(Float64Array.from(given), 0).entries())
        expect(value === given[index]).toBe(true)
    }),
  )
})

test('what is no finite number is a gap and moves nothing after it', () => {
  const whole = smoothed(Float64Array.of(1, 2, 5), 0.6)
  const broken = smoothed(Float64Array.of(1, NaN, 2, Infinity, -Infinity, 5), 0.6)
  expect([broken[1], broken[3], broken[4]]).toEqual([NaN, NaN, NaN])
  expect([broken[0], broken[2], broken[5]]).toEqual([...whole])
})
