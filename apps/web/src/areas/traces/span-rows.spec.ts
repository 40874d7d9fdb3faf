import type { Span } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parentRow, rowsOf, unfolded } from './span-rows.ts'

const span = (id: string, parent: string | null, startedNs: number, endedNs: number | null = startedNs + 10): Span => ({
  id,
  parent,
  name: id,
  type: '',
  status: 'OK',
  message: null,
  startedNs: String(startedNs),
  endedNs: endedNs === null ? null : String(endedNs),
  attributes: {},
  events: [],
})

test('spans stand below those that called them, in the order in which they began', () => {
  const rows = rowsOf([span('c', 'a', 30), span('a', null, 0, 100), span('b', 'a', 10), span('d', 'b', 12)])
  expect(rows.map(({ span: { id }, depth, below }) => [id, depth, below])).toEqual([
    ['a', 0, 3],
    ['b', 1, 1],
    ['d', 2, 0],
    ['c', 1, 0],
  ])
  expect(parentRow(rows, 2)?.span.id).toBe('b')
  expect(parentRow(rows, 0)).toBeUndefined()
})

test('bars are shares of the whole trace, and one under way reaches to its end', () => {
  const rows = rowsOf([span('a', null, 1_000_000, 5_000_000), span('b', 'a', 2_000_000, null)])
  expect(rows.map(({ offset, duration, from, share }) => [offset, duration, from, share])).toEqual([
    [0, 4, 0, 1],
    [1, undefined, 0.25, 0.75],
  ])
})

test('a span whose parent is not there is a root, and no circle hides one', () => {
  const rows = rowsOf([span('a', 'gone', 5), span('b', 'c', 1), span('c', 'b', 2), span('d', 'd', 3)])
  expect(rows.map(({ span: { id }, depth }) => [id, depth])).toEqual([
    ['d', 0],
    ['a', 0],
    ['b', 0],
    ['c', 1],
  ])
})

test('whatever the parents, every span has one row, below its parent', () => {
  const parents = fc.array(fc.nat({ max: 20 }), { maxLength: 20 })
  fc.assert(
    fc.property(parents, (all) => {
      const spans = all.map((parent, at) => span(`s${at}`, parent === at ? null : `s${parent}`, at))
      const rows = rowsOf(spans)
      expect(rows.map(({ span: { id } }) => id).toSorted()).toEqual(spans.map(({ id }) => id).toSorted())
      for (const [at, { depth, span: one }] of rows.entries())
        if (depth > 0) expect(parentRow(rows, at)?.span.id).toBe(one.parent)
    }),
  )
})

test('a folded span hides all below it', () => {
  const rows = rowsOf([span('a', null, 0), span('b', 'a', 1), span('c', 'b', 2), span('d', null, 3)])
  expect(unfolded(rows, new Set(['b'])).map(({ span: { id } }) => id)).toEqual(['a', 'b', 'd'])
  expect(unfolded(rows, new Set(['a', 'b'])).map(({ span: { id } }) => id)).toEqual(['a', 'd'])
})
