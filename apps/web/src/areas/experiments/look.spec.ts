import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressWith, documentOf, isChanged, lookOf, sortedBy, textsOf } from './look.ts'
import type { Look } from './look.ts'

const names = fc.array(
  fc.string({ minLength: 1 }).map((text) => `params.${text}`),
  { maxLength: 5 },
)
const looks: fc.Arbitrary<Look> = fc.record({
  filter: fc.string(),
  group: names,
  cols: fc.option(
    names.filter(({ length }) => length > 0),
    { nil: undefined },
  ),
  sort: fc.array(fc.record({ by: fc.string({ minLength: 1 }).map((text) => `metrics.${text}`), down: fc.boolean() })),
  state: fc.constantFrom('active', 'deleted', 'all'),
  nest: fc.boolean(),
  bars: fc.boolean(),
  diff: fc.boolean(),
})

describe('the look of a runs table', () => {
  test('whatever it is, it can be read back from the address and from a kept view', () => {
    fc.assert(
      fc.property(looks, (look) => {
        expect(lookOf(textsOf(look))).toEqual(look)
        expect(lookOf({}, documentOf(look))).toEqual(look)
      }),
    )
  })

  test('whatever a view says, what is changed in its address counts', () => {
    fc.assert(
      fc.property(looks, looks, (kept, wanted) => {
        const view = documentOf(kept)
        expect(lookOf(addressWith({}, view, wanted), view)).toEqual(wanted)
      }),
    )
  })

  test('an address says only what is not so by itself', () => {
    expect(addressWith({}, undefined, lookOf({}))).toEqual({})
    expect(isChanged(addressWith({ filter: 'a' }, undefined, { filter: '' }))).toBe(false)
    const view = documentOf(lookOf({ filter: 'metrics.f1 > 0.5' }))
    expect(addressWith({}, view, { filter: '' })).toEqual({ filter: '' })
    expect(isChanged(addressWith({ filter: '' }, view, { filter: 'metrics.f1 > 0.5' }))).toBe(false)
  })

  test('nonsense in the address or in a view is passed over', () => {
    expect(lookOf({ state: 'gone', group: ',,' }, { filter: 7, sort: null })).toEqual(lookOf({}))
  })

  test('a heading sorts by itself alone, with Shift besides the others, and once more the other way', () => {
    const first = sortedBy([], 'metrics.f1', false, true)
    expect(first).toEqual([{ by: 'metrics.f1', down: true }])
    const both = sortedBy(first, 'params.lr', true, false)
    expect(both).toEqual([...first, { by: 'params.lr', down: false }])
    expect(sortedBy(both, 'metrics.f1', true, true)).toEqual([
      { by: 'metrics.f1', down: false },
      { by: 'params.lr', down: false },
    ])
    expect(sortedBy(both, 'metrics.f1', false, true)).toEqual([{ by: 'metrics.f1', down: false }])
  })
})
