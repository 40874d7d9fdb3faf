import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conjunctsOf, isWhole, readFilter, typingAt, withoutConjunct } from './filter-text.ts'

const roles = (text: string) => readFilter(text).pieces.map(({ role, raw }) => `${role} ${raw}`)
const typing = (text: string) => {
  const caret = text.indexOf('|')
  return typingAt(text.replace('|', ''), caret)
}

const written = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '`',
      '(',
      ')',
      ' ',
      ' AND ',
      'not',
      ' = ',
      '!=',
      ',',
      '.',
      'metrics.',
      'é',
      '😀',
      '1e5',
      '-',
    ),
  )
  .map((parts) => parts.join(''))

describe('the text of a filter', () => {
  test('each piece has its part in it', () => {
    expect(
      roles("tags.season = 'spring' AND NOT (metrics.`fit s` < 6e2 or params.algo not in ('knn', 'svm'))"),
    ).toEqual([
      'field tags.season',
      'operator =',
      "value 'spring'",
      'joint AND',
      'joint NOT',
      'paren (',
      'field metrics.`fit s`',
      'operator <',
      'value 6e2',
      'joint or',
      'field params.algo',
      'operator not',
      'operator in',
      'paren (',
      "value 'knn'",
      'paren ,',
      "value 'svm'",
      'paren )',
      'paren )',
    ])
  })

  test('whatever is typed is read, and every character but blanks is in one piece', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), written), (text) => {
        const { pieces } = readFilter(text)
        let rest = text
        for (const { raw, at } of pieces.toReversed()) {
          expect(text.slice(at, at + raw.length)).toBe(raw)
          rest = rest.slice(0, at) + rest.slice(at + raw.length)
        }
        expect(rest.trim()).toBe('')
      }),
    )
  })

  test.each([
    ['', true],
    ["params.algo = 'gbt'", true],
    ['metrics.loss IS NOT NULL', true],
    ['metrics.loss >', false],
    ["params.algo = 'gb", false],
    ["(params.algo = 'gbt'", false],
    ["params.algo = 'gbt' AND", false],
    ["params.algo in ('a', 'b')", true],
  ])('%s can be asked: %s', (text, wanted) => {
    expect(isWhole(text)).toBe(wanted)
  })

  test('what is typed is known by what stands before it', () => {
    expect(typing('met|')).toMatchObject({ partial: 'met', from: 0, to: 3, expectation: { expects: 'field' } })
    expect(typing('metrics.f1 |')).toMatchObject({
      partial: '',
      from: 11,
      expectation: { expects: 'operator', field: 'metrics.f1' },
    })
    expect(typing("params.algo = 'g|")).toMatchObject({
      partial: "'g",
      expectation: { expects: 'value', field: 'params.algo', operator: '=' },
    })
    expect(typing("params.algo = 'gbt' |")).toMatchObject({ expectation: { expects: 'joint' } })
    expect(typing("params.algo = 'gbt' AND | metrics.f1 > 2")).toMatchObject({
      partial: '',
      expectation: { expects: 'field' },
    })
    expect(typing("params.algo in ('a', |")).toMatchObject({ expectation: { expects: 'value', field: 'params.algo' } })
    expect(typing('params.algo =|')).toMatchObject({ partial: '', expectation: { expects: 'value' } })
  })

  test('parts that must all hold can be taken out one by one', () => {
    const text = "params.algo = 'a AND b' AND (metrics.f1 > 1 OR metrics.f1 < 0) and tags.x IS NULL"
    expect(conjunctsOf(text).map((part) => part.text)).toEqual([
      "params.algo = 'a AND b'",
      '(metrics.f1 > 1 OR metrics.f1 < 0)',
      'tags.x IS NULL',
    ])
    expect(withoutConjunct(text, 1)).toBe("params.algo = 'a AND b' AND tags.x IS NULL")
  })

  test('alternatives are one part', () => {
    expect(conjunctsOf("params.a = 'x' OR params.b = 'y' AND params.c = 'z'")).toHaveLength(1)
  })
})
