import { expect, test } from 'vitest'
import { ExactNumber, isFolding, partsOf, readJson, tableOf } from './json.ts'

test('numbers that JavaScript would change are shown as they were written', () => {
  expect(readJson('[1, 1.50, 1e3, 0.1, -0.25, 1E-7]')).toEqual([1, 1.5, 1000, 0.1, -0.25, 1e-7])
  expect(readJson('[12345678901234567890, 1e999]')).toEqual([
    new ExactNumber('12345678901234567890'),
    new ExactNumber('1e999'),
  ])
})

test('names have no meaning, whatever they are', () => {
  const value = readJson('{"__proto__": {"polluted": 1}, "constructor": 2}')
  expect(isFolding(value) && partsOf(value).map(([name]) => name)).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test('what is no JSON is refused', () => {
  expect(() => readJson('{"a": NaN}')).toThrow(SyntaxError)
  expect(() => readJson('')).toThrow(SyntaxError)
})

test('a logged table is told from other documents', () => {
  expect(tableOf(readJson('{"columns": ["a"], "data": [[1], [2]]}'))).toEqual({ columns: ['a'], rows: [[1], [2]] })
  expect(tableOf(readJson('{"columns": ["a"], "data": {"a": 1}}'))).toBeUndefined()
  expect(tableOf(readJson('{"columns": [], "data": []}'))).toBeUndefined()
  expect(tableOf(readJson('[1]'))).toBeUndefined()
})
