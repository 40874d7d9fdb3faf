import type { MetricPoint } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createThinning } from './thinning.ts'

const value = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom('NaN', 'Infinity', '-Infinity'))
const series = fc
  .array(value, { minLength: 1, maxLength: 300 })
  .map((values) => values.map((one, step): MetricPoint => [step, 0, one as MetricPoint[2]]))

test('a thinned series is a part of it, in order, with its ends, its least and its greatest value', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 10, max: 60 }), (all, most) => {
      const thinning = createThinning(all.length, most)
      for (const point of all) thinning.add(point)
      const kept = thinning.points()
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 2))
      expect(kept.map(([step]) => step)).toEqual(kept.map(([step]) => step).toSorted((a, b) => a - b))
      expect(kept.filter((point) => !all.includes(point))).toEqual([])
      expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)])
      const numbers = (points: readonly MetricPoint[]) =>
        points.map(([, , one]) => Number(one)).filter((one) => !Number.isNaN(one))
      expect(Math.min(...numbers(kept))).toBe(Math.min(...numbers(all)))
      expect(Math.max(...numbers(kept))).toBe(Math.max(...numbers(all)))
    }),
  )
})

test('points that come after the announced ones count to the last part', () => {
  const thinning = createThinning(100, 10)
  for (let step = 0; step < 500; step++) thinning.add([step, 0, step])
  const kept = thinning.points()
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept.at(-1)).toEqual([499, 0, 499])
})
