import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lapse, lapseTicks, logTicks, roomy, roundTicks } from './ticks.ts'

const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
const most = fc.integer({ min: 2, max: 12 })

test('ticks rise, lie within the range and are no more than there is room for', () => {
  fc.assert(
    fc.property(value, value, most, (one, other, room) => {
      const [min, max] = one < other ? [one, other] : [other, one]
      const ticks = roundTicks(min, max, room)
      expect(ticks.length).toBeLessThanOrEqual(room + 1)
      const slack = (max - min) * 1e-6
      for (const [index, tick] of ticks.entries()) {
        expect(tick).toBeGreaterThanOrEqual(min - slack)
        expect(tick).toBeLessThanOrEqual(max + slack)
        if (index > 0) expect(tick).toBeGreaterThan(ticks[index - 1]!)
      }
      if (max > min) expect(ticks.length).toBeGreaterThan(1)
    }),
  )
})

test('ticks are round numbers', () => {
  expect(roundTicks(0.3, 0.91, 4)).toEqual([0.4, 0.6, 0.8])
  expect(roundTicks(0, 400, 5)).toEqual([0, 100, 200, 300, 400])
  expect(roundTicks(-0.1, 0.1, 4)).toEqual([-0.1, -0.05, 0, 0.05, 0.1])
})

test('a range with room holds what it held, does not cross zero, and a single value lies in the middle of its own', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      const [least, most] = one < other ? [one, other] : [other, one]
      const { min, max } = roomy(least, most, 0.05)
      expect(min).toBeLessThanOrEqual(least)
      expect(max).toBeGreaterThanOrEqual(most)
      expect(max).toBeGreaterThan(min)
      if (least >= 0 && most - least > 1e-200) expect(min).toBeGreaterThanOrEqual(0)
    }),
  )
  expect(roomy(0.1, 10, 0.05)).toEqual({ min: 0, max: 10.495 })
  expect(roomy(0, 0, 0.05)).toEqual({ min: -1, max: 1 })
  expect(roomy(20, 20, 0.05)).toEqual({ min: 18, max: 22 })
})

test('ticks of logarithms rise, lie within the range and are no more than there is room for', () => {
  const exponent = fc.double({ min: -300, max: 300, noNaN: true })
  fc.assert(
    fc.property(exponent, exponent, fc.integer({ min: 4, max: 12 }), (one, other, room) => {
      const [min, max] = one < other ? [one, other] : [other, one]
      const ticks = logTicks(min, max, room)
      expect(ticks.length).toBeLessThanOrEqual(room)
      for (const [index, tick] of ticks.entries()) {
        expect(Math.log10(tick)).toBeGreaterThanOrEqual(min - 1e-6)
        expect(Math.log10(tick)).toBeLessThanOrEqual(max + 1e-6)
        if (index > 0) expect(tick).toBeGreaterThan(ticks[index - 1]!)
      }
    }),
  )
})

test('an axis of logarithms shows decades, and what is between them when there is room', () => {
  expect(logTicks(-3, 2, 6)).toEqual([0.001, 0.01, 0.1, 1, 10, 100])
  expect(logTicks(-8, 8, 5)).toEqual([1e-8, 1e-4, 1, 1e4, 1e8])
  expect(logTicks(-1, 1, 8)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10])
  expect(logTicks(Math.log10(0.31), Math.log10(0.36), 5)).toEqual([0.32, 0.34, 0.36])
})

test('spans of time are told in whole units', () => {
  expect(lapseTicks(0, 600, 6).map(lapse)).toEqual(['0 s', '2 min', '4 min', '6 min', '8 min', '10 min'])
  expect(lapseTicks(0, 2, 4).map(lapse)).toEqual(['0 s', '0.5 s', '1 s', '1.5 s', '2 s'])
  expect(lapse(185)).toBe('3 min 5 s')
  expect(lapse(3599.7)).toBe('60 min')
  expect(lapse(90_000)).toBe('1 d 1 h')
  expect(lapse(-12.345)).toBe('−12.3 s')
})
