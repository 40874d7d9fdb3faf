import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interpolate, valueOn } from './interpolation.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const sample = fc.record({ x: share, y: share, z: fc.double({ min: -100, max: 100, noNaN: true }) })

test('nothing is interpolated beyond the values that were measured', () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), share, share, (samples, x, y) => {
      const grid = interpolate(samples, 12, 2)
      const zs = samples.map(({ z }) => z)
      const value = valueOn(grid, x, y)
      expect(value).toBeGreaterThanOrEqual(Math.min(...zs) - 1e-6)
      expect(value).toBeLessThanOrEqual(Math.max(...zs) + 1e-6)
    }),
  )
})

test('where a sample lies, its value stands', () => {
  const samples = [
    { x: 0, y: 0, z: 1 },
    { x: 1, y: 1, z: 9 },
    { x: 0.5, y: 0.5, z: -4 },
  ]
  const grid = interpolate(samples, 11, 2)
  for (const { x, y, z } of samples) expect(valueOn(grid, x, y)).toBeCloseTo(z, 3)
})

test('two samples of one place give their mean', () => {
  const grid = interpolate(
    [0, 4].map((z) => ({ x: 0.5, y: 0.5, z })),
    3,
    2,
  )
  expect(valueOn(grid, 0.5, 0.5)).toBeCloseTo(2)
})

test('far from all samples there is nothing', () => {
  const grid = interpolate([{ x: 0, y: 0, z: 1 }], 11, 0.3)
  expect(valueOn(grid, 0.05, 0.05)).toBeCloseTo(1)
  expect(valueOn(grid, 0.9, 0.9)).toBeNaN()
  expect(valueOn(interpolate([], 11, 2), 0.5, 0.5)).toBeNaN()
})
