import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineSearchOf, lineViewOf } from './line-view-search.ts'

test('what is usual does not stand in the address', () => {
  expect(lineSearchOf(lineViewOf({}))).toEqual({})
  expect(lineViewOf({})).toEqual({ along: 'step', scale: 'linear', smoothing: 0, range: undefined })
})

test('an address that was typed wrong shows what is usual', () => {
  const wrong = { along: 'sideways', scale: 'cubic', smooth: '7', range: '9~1' }
  expect(lineViewOf(wrong)).toEqual(lineViewOf({}))
  for (const range of ['', '~', '1~', '~2', 'a~b', '3']) expect(lineViewOf({ range }).range).toBeUndefined()
})

test('a view comes back from its address', () => {
  const view = fc.record({
    along: fc.constantFrom('step' as const, 'time' as const, 'relative' as const),
    scale: fc.constantFrom('linear' as const, 'log' as const),
    smoothing: fc.integer({ min: 0, max: 99 }).map((hundredths) => hundredths / 100),
    range: fc.option(
      fc
        .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }))
        .map(([from, size]) => ({ from, to: from + size })),
      { nil: undefined },
    ),
  })
  fc.assert(
    fc.property(view, (one) => {
      expect(lineViewOf(lineSearchOf(one))).toEqual(one)
    }),
  )
})
