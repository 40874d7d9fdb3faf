import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCsvReader, delimiterOf, figureColumns, hasHeading, MOST_CELLS } from './csv.ts'

const read = (text: string, delimiter = ',') => {
  const reader = createCsvReader(delimiter)
  return [...reader.push(text), ...reader.end()]
}

test('cells may be empty, quoted, and hold delimiters, quotes and ends of lines', () => {
  expect(read('a,b\n1,"x, ""y""\nz"\n,\n')).toEqual([
    ['a', 'b'],
    ['1', 'x, "y"\nz'],
    ['', ''],
  ])
  expect(read('a,b\r\n1,\r\n\r\n""')).toEqual([['a', 'b'], ['1', ''], ['']])
  expect(read('5" disk,b')).toEqual([['5" disk', 'b']])
  expect(read('')).toEqual([])
})

test('whatever is in the cells and wherever the text is cut, the rows are the same', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' '), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), fc.nat(9), (rows, cut) => {
      const written = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
      const text = written.join('\r\n')
      const reader = createCsvReader(',')
      const seen: string[][] = []
      for (let at = 0; at < text.length; at += cut + 1) seen.push(...reader.push(text.slice(at, at + cut + 1)))
      seen.push(...reader.end())
      expect(seen).toEqual(rows)
    }),
  )
})

test('one endless line is no endless row', () => {
  expect(read(','.repeat(MOST_CELLS * 3))[0]).toHaveLength(MOST_CELLS)
  expect(read('x'.repeat(100_000))[0]![0]!.length).toBeLessThan(100_000)
})

test('the delimiter is the one that the first lines agree on', () => {
  expect(delimiterOf('a.csv', 'a;b;c\n1,5;2;3')).toBe(';')
  expect(delimiterOf('a.csv', 'a,b\n"1;2;3;4",2')).toBe(',')
  expect(delimiterOf('a.tsv', 'a,b')).toBe('\t')
  expect(delimiterOf('a.csv', 'alone')).toBe(',')
})

test('a first row names the columns when each of its cells is a word of its own', () => {
  expect(
    hasHeading([
      ['name', 'age'],
      ['x', '3'],
    ]),
  ).toBe(true)
  expect(
    hasHeading([
      ['', 'age'],
      ['0', '3'],
    ]),
  ).toBe(true)
  expect(
    hasHeading([
      ['1', '2'],
      ['3', '4'],
    ]),
  ).toBe(false)
  expect(
    hasHeading([
      ['x', 'x'],
      ['y', 'y'],
    ]),
  ).toBe(false)
  expect(hasHeading([['only', 'one']])).toBe(false)
})

test('columns of figures are told apart', () => {
  expect(
    figureColumns(
      [
        ['a', '1', ''],
        ['b', 'NaN', ''],
        ['3', '-1.5e3', ''],
      ],
      3,
    ),
  ).toEqual([false, true, false])
})
