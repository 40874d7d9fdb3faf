import { expect, test } from 'vitest'
import { inOrder, tableText } from './keyed-rows.ts'

const rows = (...texts: string[]) => texts.map((text, at) => ({ key: `k${at}`, text }))
const texts = (of: readonly { text: string }[]) => of.map(({ text }) => text)

test('values that are numbers go by their size, before words and before what is none', () => {
  const given = rows('10', 'adam', '9', '1e-3', 'NaN', '-Infinity')
  expect(texts(inOrder(given, { by: 'value', down: false }))).toEqual(['-Infinity', '1e-3', '9', '10', 'NaN', 'adam'])
})

test('names go as people count, both ways', () => {
  const given = ['k10', 'k2'].map((key) => ({ key, text: '' }))
  expect(inOrder(given, { by: 'key', down: false }).map(({ key }) => key)).toEqual(['k2', 'k10'])
  expect(inOrder(given, { by: 'key', down: true }).map(({ key }) => key)).toEqual(['k10', 'k2'])
})

test('a copied table has one row a line, whatever is in its cells', () => {
  expect(tableText([{ key: 'a\tb', text: 'one\r\ntwo' }])).toBe('a b\tone two')
})
