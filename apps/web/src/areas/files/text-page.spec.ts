import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf, pageOf, widthOf } from './text-page.ts'

const of = (text: string) => new TextEncoder().encode(text)

test('a page ends after a line', () => {
  expect(pageOf(of('one\ntwo\nthr'), false)).toEqual({ text: 'one\ntwo\n', used: 8 })
  expect(pageOf(of('one\ntwo\nthr'), true)).toEqual({ text: 'one\ntwo\nthr', used: 11 })
})

test('a page has no more lines than can be drawn', () => {
  expect(pageOf(of('\n'.repeat(50)), true, 20)).toEqual({ text: '\n'.repeat(20), used: 20 })
  expect(pageOf(of('\n'.repeat(20)), true, 20).used).toBe(20)
})

test('whatever the text and wherever it is cut, its pages together are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 4, max: 20 }), (text, slice) => {
      const bytes = of(text)
      let shown = ''
      for (let at = 0; at < bytes.length;) {
        const isLast = at + slice >= bytes.length
        const page = pageOf(bytes.subarray(at, at + slice), isLast, 3)
        expect(page.used).toBeGreaterThan(0)
        shown += page.text
        at += page.used
      }
      expect(shown.replaceAll('\uFEFF', '')).toBe(text.replaceAll('\uFEFF', ''))
    }),
  )
})

test('lines are without what ends them', () => {
  expect(linesOf('a\r\nb\n\nc')).toEqual(['a', 'b', '', 'c'])
  expect(linesOf('a\n')).toEqual(['a'])
  expect(linesOf('')).toEqual([])
})

test('a wide character and a tab take their room', () => {
  expect(widthOf(['ab', '\ta', '東京'])).toBe(5)
})
