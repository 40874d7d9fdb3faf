import { SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyFilter, printFilter } from './filter.fixture.ts'
import { EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS, TRACES } from './kinds.ts'
import { parseOrder } from './order.ts'
import { readToken, writeToken } from './page-token.ts'
import { parseFilter } from './parse.ts'

const KINDS = { RUNS, EXPERIMENTS, REGISTERED_MODELS, MODEL_VERSIONS, LOGGED_MODELS, TRACES }

function refusalOf(read: () => unknown): SteadError {
  try {
    read()
  } catch (error) {
    if (error instanceof SteadError) return error
    throw error
  }
  throw new Error('It was not refused.')
}

const clause = (of: string, key: string, comparator: string, ...operands: unknown[]) => ({
  is: 'clause',
  field: { of, key },
  comparator,
  operands,
})

const SIGNS = ['.', ' ', '=', '!=', '>', '<', "'", '"', '`', '(', ')', ',', '-', '\\', ';', '\u{1f600}']
const WORDS = [
  'metrics',
  'a',
  'and',
  'OR',
  'not',
  'in',
  'is',
  'null',
  'like',
  '1',
  '1e5',
  'params.x',
  'run_id',
  'tags.',
]
const PIECES = [...SIGNS, ...WORDS, 'constructor', '__proto__']

describe('a filter', () => {
  test.each([
    ['metrics.loss > 0.5', clause('metric', 'loss', '>', 0.5)],
    ['metric.loss>-1e-3', clause('metric', 'loss', '>', -0.001)],
    ["params.`a b` = 'x'", clause('param', 'a b', '=', 'x')],
    ['parameter."a.b/c" LiKe "%x%"', clause('param', 'a.b/c', 'like', '%x%')],
    ["tags.mlflow.user ilike 'A_a'", clause('tag', 'mlflow.user', 'ilike', 'A_a')],
    ["tag.val/acc-1 != 'it''s'", clause('tag', 'val/acc-1', '!=', "it's")],
    ["status = 'FINISHED'", clause('attribute', 'status', '=', 'FINISHED')],
    ['"Run name" = "a"', clause('attribute', 'run_name', '=', 'a')],
    ['attr.Created >= 17', clause('attribute', 'start_time', '>=', 17)],
    ['run_id in (\'a\', "b",)', clause('attribute', 'run_id', 'in', 'a', 'b')],
    ["datasets.context NOT IN ('train')", clause('dataset', 'context', 'not in', 'train')],
    ['params.lr IS NULL', clause('param', 'lr', 'is null')],
    ['params.lr is  not\nnull', clause('param', 'lr', 'is not null')],
  ])('reads %s', (text, meant) => expect(parseFilter(RUNS, text)).toEqual(meant))

  test('binds NOT more strongly than AND, and AND more strongly than OR', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((key) => clause('metric', key, '=', 1))
    expect(parseFilter(RUNS, 'metrics.a = 1 or not metrics.b = 1 and metrics.c = 1')).toEqual({
      is: 'or',
      parts: [a, { is: 'and', parts: [{ is: 'not', part: b }, c] }],
    })
    expect(parseFilter(RUNS, '((metrics.a = 1 OR metrics.b = 1)) AND metrics.c = 1')).toEqual({
      is: 'and',
      parts: [{ is: 'or', parts: [a, b] }, c],
    })
  })

  test('that says nothing is none', () => {
    expect(parseFilter(RUNS, '')).toBeUndefined()
    expect(parseFilter(RUNS, ' \n')).toBeUndefined()
    expect(parseFilter(RUNS, undefined)).toBeUndefined()
  })

  test.each([
    ['params.p = 1', "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1", 11, 1],
    ['params.p = x', "Expected a quoted string value for parameter (e.g. 'my-value'). Got value x", 11, 1],
    ["metrics.m = 'LR'", "Expected numeric value type for metric. Found 'LR'", 12, 4],
    ["start_time > '1'", 'Expected numeric value type for numeric attribute: start_time. Found', 13, 3],
    ['metrics.m == 1', "Invalid comparator '=='", 10, 2],
    ["metrics.m like 'x'", "Invalid comparator 'like'", 10, 4],
    ["nmae = 'x'", "Invalid attribute key 'nmae' specified", 0, 4],
    ['dummy.m > 1', "Invalid entity type 'dummy'. Valid values are", 0, 5],
    ['metrics.m > 1; select', "Invalid clause(s) in filter string: '; select'", 13, 1],
    ["metrics.m > 1 params.x = 'a'", 'Invalid clause(s) in filter string: ', 14, 8],
    ["params.x = 'a", "Invalid clause(s) in filter string: ''a'", 11, 2],
    ['metrics.m > 1 OR', 'Invalid clause(s) in filter string: ', 16, 0],
    ['(metrics.m > 1', 'Invalid clause(s) in filter string: ', 14, 0],
    ['metrics.m > 1)', "Invalid clause(s) in filter string: ')'", 13, 1],
    ['run_id in ()', 'expected a non-empty list of string values', 11, 1],
    ["lifecycle_stage = 'active'", "Invalid attribute key 'lifecycle_stage'", 0, 15],
    ["params.x = 'a\0'", 'NUL', 13, 1],
  ])('%s is refused, with its place', (text, message, at, length) => {
    const error = refusalOf(() => parseFilter(RUNS, text))
    expect(error.code).toBe('invalid_request')
    expect(error.message).toContain(message)
    expect(error.details).toMatchObject({ at, length })
  })

  test.each([
    ["tagz.x = 'a'", 'tag'],
    ["run_nam = 'a'", 'run_name'],
    ["params.x likee 'a'", 'LIKE'],
    ['metrics.m <> 1', '!='],
  ])('%s is answered with what was probably meant', (text, didYouMean) => {
    const error = refusalOf(() => parseFilter(RUNS, text))
    expect(error.details).toMatchObject({ didYouMean })
    expect(error.message).toContain(`Did you mean '${didYouMean}'?`)
  })

  test('is refused early where it is too long, too deep or has too many clauses', () => {
    const refused = (text: string) => refusalOf(() => parseFilter(RUNS, text)).message
    expect(refused(' '.repeat(1_000_001))).toContain('1000001 characters')
    expect(refused(`${'('.repeat(65)}metrics.m > 1${')'.repeat(65)}`)).toContain('64 levels')
    expect(refused(`${'not '.repeat(100_000)} metrics.m > 1`)).toContain('64 levels')
    expect(refused(Array.from({ length: 1001 }, () => 'metrics.m > 1').join(' and '))).toContain('1000 clauses')
    expect(parseFilter(RUNS, `${'('.repeat(64)}metrics.m > 1${')'.repeat(64)}`)).toBeDefined()
  })

  test.each(['a', '1', "'", '"', '`', '(', ' ', '.', "''", 'é', '1a'])(
    'of a million times %s is answered in time',
    (piece) => {
      const began = performance.now()
      refusalOf(() => parseFilter(RUNS, `metrics.m = ${piece.repeat(Math.floor(900_000 / piece.length))}`))
      expect(performance.now() - began).toBeLessThan(5_000)
    },
  )

  for (const [name, kind] of Object.entries(KINDS)) {
    const keys = fc.string({ minLength: 1, unit: 'grapheme' }).filter((key) => !key.includes('\0'))
    const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)
    test(`of ${name} that is printed and read again is the same`, () => {
      fc.assert(
        fc.property(anyFilter(kind, keys, texts, numbers), (filter) => {
          expect(parseFilter(kind, printFilter(kind, filter))).toEqual(filter)
        }),
      )
    })
  }

  test('fails with nothing but a refusal, whatever it is', () => {
    const pieces = fc.constantFrom(...PIECES)
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom(...Object.values(KINDS)), (text, kind) => {
        for (const read of [() => parseFilter(kind, text), () => parseOrder(kind, [text])])
          try {
            read()
          } catch (error) {
            expect(error).toBeInstanceOf(SteadError)
          }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an order', () => {
  test('is ascending where nothing is said, and named once', () => {
    expect(parseOrder(RUNS, ['metrics.m DESC', 'status', 'metrics.`m`', 'Created asc'])).toEqual([
      { field: { of: 'metric', key: 'm' }, descending: true },
      { field: { of: 'attribute', key: 'status' }, descending: false },
      { field: { of: 'attribute', key: 'start_time' }, descending: false },
    ])
  })

  test.each([
    ['metrics.m down', 'Invalid clause(s) in order_by clause', 'order_by.0'],
    ['dataset.name', "Invalid order_by clause 'dataset.name'", 'order_by.0'],
    ['nonsense DESC', "Invalid attribute key 'nonsense'", 'order_by.0'],
  ])('%s is refused', (text, message, where) => {
    const error = refusalOf(() => parseOrder(RUNS, [text]))
    expect(error.message).toContain(message)
    expect(error.where).toBe(where)
  })
})

describe('a page token', () => {
  const order = parseOrder(RUNS, ['metrics.m DESC'])

  test('carries a place to the next page of the same order', () => {
    const place = { part: 1, values: ['1.5', '-3', 'é'] }
    const token = writeToken(place, order)
    expect(readToken(token, order)).toEqual(place)
    expect(refusalOf(() => readToken(token, [])).message).toContain('Invalid page token, ')
  })

  test.each(['x', '!!', 'eyJvZmZzZXQiOjEwMDB9', Buffer.from('{"o":"a","p":-1,"v":[]}').toString('base64url')])(
    '%s is refused',
    (token) => expect(refusalOf(() => readToken(token, order)).message).toMatch(/^Invalid page token, /),
  )
})
