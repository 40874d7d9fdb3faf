import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeAddress } from './safe-address.ts'
import { inlineOf } from './markdown-inline.ts'
import { readMarkdown } from './markdown.ts'
import type { Block } from './markdown.ts'

const text = (words: string) => ({ is: 'text', text: words })
const paragraph = (words: string) => ({ is: 'paragraph', inline: [text(words)] })

test('headings, paragraphs, rules and code are told apart', () => {
  expect(readMarkdown('# One #\n\ntwo\nthree\n\n---\n```py\nx = 1\n\n# no heading\n```\nTwo\n---\n')).toEqual([
    { is: 'heading', level: 1, inline: [text('One')] },
    paragraph('two three'),
    { is: 'rule' },
    { is: 'code', text: 'x = 1\n\n# no heading' },
    { is: 'heading', level: 2, inline: [text('Two')] },
  ])
})

test('lists and quotes hold blocks', () => {
  expect(readMarkdown('- a\n- b\n  - c\n\n3. d\n   goes on\n\n> q\n> - e')).toEqual([
    {
      is: 'list',
      start: undefined,
      items: [[paragraph('a')], [paragraph('b'), { is: 'list', start: undefined, items: [[paragraph('c')]] }]],
    },
    { is: 'list', start: 3, items: [[paragraph('d goes on')]] },
    { is: 'quote', blocks: [paragraph('q'), { is: 'list', start: undefined, items: [[paragraph('e')]] }] },
  ])
})

test('a table has the columns of its head', () => {
  expect(readMarkdown('| a | b |\n|---|:-:|\n| 1 \\| 2 | 3 |\n| 4 |')).toEqual([
    {
      is: 'table',
      rows: [
        [[text('a')], [text('b')]],
        [[text('1 | 2')], [text('3')]],
        [[text('4')], []],
      ],
    },
  ])
})

test('marks within a paragraph', () => {
  expect(inlineOf('a **b *c*** `d*` ~~e~~ snake_case_name 2*3 \\*f')).toEqual([
    text('a '),
    { is: 'strong', inline: [text('b '), { is: 'emphasis', inline: [text('c')] }] },
    text(' '),
    { is: 'code', text: 'd*' },
    text(' '),
    { is: 'struck', inline: [text('e')] },
    text(' snake_case_name 2*3 *f'),
  ])
  expect(inlineOf('[x](https://a.b/c_(d)) see https://e.f/g.')).toEqual([
    { is: 'link', to: 'https://a.b/c_(d)', inline: [text('x')] },
    text(' see '),
    { is: 'link', to: 'https://e.f/g', inline: [text('https://e.f/g')] },
    text('.'),
  ])
})

const HOSTILE = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'vbscript:x',
  'data:text/html,<script>alert(1)</script>',
  'blob:https://a/b',
  'file:///etc/passwd',
  '//evil.example',
  '/p/default',
  'https:evil',
  'view-source:https://a',
]

test.each(HOSTILE)('a link to %j leads nowhere', (address) => {
  expect(safeAddress(address)).toBeUndefined()
  const links = JSON.stringify(readMarkdown(`[x](${address}) <${address}> ![y](${address})\n\n[z](<${address}>)`))
  expect(links).not.toMatch(/"to":"/)
})

test('html in a document is text', () => {
  expect(readMarkdown('<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>')).toEqual([
    paragraph('<script>alert(1)</script>'),
    paragraph('<img src=x onerror=alert(1)>'),
  ])
})

test('nesting and open marks without end are read in time', () => {
  for (const piece of [
    '>',
    '- ',
    '[',
    '![',
    '*',
    '**a',
    '_a ',
    '`',
    '<',
    '~~a',
    '[a](',
    '| a ',
    '1. ',
    '\\',
    'http://',
  ])
    expect(readMarkdown(piece.repeat(19_000)).length).toBeGreaterThan(0)
  expect(readMarkdown('| a |\n'.repeat(20_000)).length).toBeGreaterThan(0)
  expect(readMarkdown('- a\n\n'.repeat(20_000)).length).toBeGreaterThan(0)
})

const wordsOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(wordsOf).join('')
    : typeof value === 'object' && value !== null
      ? Object.values(value).map(wordsOf).join('')
      : typeof value === 'string'
        ? value
        : ''

test('whatever the text is, no letter of it is lost', () => {
  const unit = fc.constantFrom('a', 'b', ' ', '\n', '*', '`', '#', '-', '>', '[', ']', '(', ')', '|', '_', '1', '.')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (source) => {
      const letters = (value: string) => value.replaceAll(/[^ab]/g, '').length
      const blocks: Block[] = readMarkdown(source)
      // The word after a fence and the address of a link are not shown.
      if (/```|~~~|\]\(|\|/.test(source)) return
      const shown = wordsOf(
        JSON.parse(JSON.stringify(blocks, (key, value: unknown) => (key === 'is' || key === 'to' ? undefined : value))),
      )
      expect(letters(shown)).toBe(letters(source))
    }),
    { numRuns: 2000 },
  )
})
