import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scaleOf } from './scale.ts'
import type { Value } from './scale.ts'

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
const text = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'gbt', 'None'))

test('every value that has a place lies within the scale, in the order of the values', () => {
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1 }),
      fc.constantFrom('linear' as const, 'log' as const),
      (values, is) => {
        const scale = scaleOf(values, { scale: is })
        const places = values.toSorted((one, other) => one - other).map((value) => scale.place(value))
        const present = places.filter((place) => !Number.isNaN(place))
        for (const place of present) {
          expect(place).toBeGreaterThanOrEqual(scale.min)
          expect(place).toBeLessThanOrEqual(scale.max)
        }
        expect(present).toEqual(present.toSorted((one, other) => one - other))
        expect(scale.max).toBeGreaterThan(scale.min)
      },
    ),
  )
})

test('words have a place each, and equal words the same', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), (values) => {
      const scale = scaleOf([...values, 'a word'], {})
      expect(scale.is).toBe('category')
      const places = new Map(values.filter((value) => value !== '').map((value) => [value, scale.place(value)]))
      expect(new Set(places.values()).size).toBe(places.size)
      for (const [value, place] of places) expect(scale.textAt(place)).toBe(value)
    }),
  )
})

test('params are texts: where all of them are numbers they count as numbers', () => {
  const scale = scaleOf(['10', '2', ' 5 ', '1e-1', null, ''], {})
  expect(scale.is).toBe('linear')
  expect(scale.place('10')).toBe(10)
  expect(scale.place(null)).toBeNaN()
  expect(scale.text(undefined)).toBe('–')
  expect(scaleOf(['10', 'auto'], {}).is).toBe('category')
})

test('words are sorted as people sort them', () => {
  const scale = scaleOf(['v10', 'v9', 'v1'], {})
  expect(scale.ticks(9).map(({ label }) => label)).toEqual(['v1', 'v9', 'v10'])
  expect(scale.ticks(2).map(({ label }) => label)).toEqual(['v1', 'v10'])
})

test('what is not finite has no place but a name', () => {
  const values: Value[] = [1, NaN, Infinity, 'nan', '-inf', 3]
  const scale = scaleOf(values, {})
  expect(scale.is).toBe('linear')
  expect(values.map((value) => scale.place(value))).toEqual([1, NaN, NaN, NaN, NaN, 3])
  expect(values.map((value) => scale.text(value))).toEqual(['1', 'NaN', '∞', 'NaN', '−∞', '3'])
})

test('on an axis of logarithms zero and less have no place', () => {
  const scale = scaleOf([-1, 0, 0.001, 10], { scale: 'log' })
  expect([-1, 0, 0.001, 10].map((value) => scale.place(value))).toEqual([NaN, NaN, -3, 1])
  expect(scale.textAt(-3)).toBe('0.001')
})

test('without values there is an axis all the same', () => {
  for (const is of ['linear', 'log'] as const) {
    const scale = scaleOf([null, undefined, ''], { scale: is })
    expect(scale.max).toBeGreaterThan(scale.min)
    expect(scale.ticks(5).length).toBeGreaterThan(1)
  }
})
