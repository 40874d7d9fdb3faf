import { expect, test } from 'vitest'
import { isWithin, withBrush } from './brushes.ts'
import type { Brushes } from './brushes.ts'

const none: Brushes = new Map()
const placeOf = (places: Record<string, number>) => (axis: string) => places[axis] ?? NaN

test('an item is chosen when it lies within every brush, ends included', () => {
  const brushes = withBrush(withBrush(none, 'lr', [0.1, 0.01]), 'depth', [4, 6])
  expect(isWithin(brushes, placeOf({ lr: 0.1, depth: 4 }))).toBe(true)
  expect(isWithin(brushes, placeOf({ lr: 0.2, depth: 4 }))).toBe(false)
})

test('what has no place on a brushed axis is not chosen', () => {
  expect(isWithin(none, placeOf({}))).toBe(true)
  expect(isWithin(withBrush(none, 'lr', [0, 1]), placeOf({}))).toBe(false)
})

test('a brush that is taken away leaves the others', () => {
  const both = withBrush(withBrush(none, '__proto__', [0, 1]), 'depth', [4, 6])
  expect([...withBrush(both, '__proto__', undefined)]).toEqual([['depth', { from: 4, to: 6 }]])
  expect(both.size).toBe(2)
})
