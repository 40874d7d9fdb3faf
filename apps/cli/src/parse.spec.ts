import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from './failures.ts'
import { nearest } from './nearest.ts'
import { parse } from './parse.ts'

const described = {
  arguments: ['name', 'more?'],
  options: {
    text: { takes: 'TEXT', says: '' },
    count: { takes: 'N', number: { whole: true, min: 1, max: 9 }, says: '' },
    kind: { takes: 'KIND', oneOf: ['valid', 'range'], says: '' },
    item: { takes: 'ITEM', many: true, says: '' },
    loud: { says: '' },
  },
} as const

const refusal = (...args: string[]) => {
  try {
    parse(described, args)
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint ?? ''}`
  }
  throw new Error(`"${args.join(' ')}" was taken`)
}

describe('a command line', () => {
  test('gives back every value that was put in, in any order of options and arguments', () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('-'))
    fc.assert(
      fc.property(
        word,
        word,
        fc.array(word),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (name, text, items, count, loud, json, seed) => {
          const parts = [
            [name],
            [`--text=${text}`],
            ['--count', `${count}`],
            ...items.map((item) => ['--item', item]),
            ...(loud ? [['--loud']] : []),
            ...(json ? [['--json']] : []),
          ]
          // Order among repeated options is part of their meaning, so the list is turned, not shuffled.
          const turn = seed % parts.length
          const parsed = parse(described, [...parts.slice(turn), ...parts.slice(0, turn)].flat())
          const turned = Math.max(0, Math.min(items.length, turn - 3))
          expect(parsed.arguments).toEqual({ name, more: undefined })
          expect(parsed.options).toEqual({
            text,
            count,
            kind: undefined,
            item: [...items.slice(turned), ...items.slice(0, turned)],
            loud,
          })
          expect(parsed.global.json).toBe(json)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('is parsed or refused with a sentence, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom('--text', '--count', '--loud=x', '--', '-x', '--__proto__', '--constructor'),
          ),
        ),
        (args) => {
          try {
            parse(described, args)
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('takes after -- whatever it is as an argument', () => {
    expect(parse(described, ['--', '--text']).arguments).toEqual({ name: '--text', more: undefined })
  })

  test('takes a negative number and a lone dash as values', () => {
    expect(
      parse({ arguments: [], options: { min: { takes: 'N', number: {}, says: '' }, data: { takes: 'D', says: '' } } }, [
        '--min',
        '-2.5',
        '--data',
        '-',
      ]).options,
    ).toEqual({ min: -2.5, data: '-' })
  })

  test.each([
    [['a', '--txet', 'b'], 'no option --txet', 'Did you mean --text?'],
    [['a', '--hel'], 'no option --hel', '--help'],
    [['a', '--text'], '--text needs a value', ''],
    [['a', '--text', '--loud'], '--text needs a value', '--text=--loud'],
    [['a', '--loud=yes'], '--loud takes no value', 'just --loud'],
    [['a', '--count', '0'], 'at least 1', ''],
    [['a', '--count', '1.5'], 'whole number', ''],
    [['a', '--count', '0x3'], 'whole number', ''],
    [['a', '--count', '1', '--count', '2'], 'given twice', ''],
    [['a', '--kind', 'rage'], 'one of valid, range', 'Did you mean range?'],
    [[], 'NAME is missing', ''],
    [[''], 'NAME is missing', ''],
    [['a', 'b', 'c'], 'one argument too many: "c"', 'quotes'],
  ])('%j is refused with a reason and what was meant', (args, reason, hint) => {
    const [said, meant] = refusal(...args).split(' | ')
    expect(said).toContain(reason)
    expect(meant).toContain(hint)
  })
})

describe('the nearest word', () => {
  const names = ['swap', 'status', 'rollback', 'traffic', 'expected-generation']
  test('is found through one slip of the finger', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.constantFrom('drop', 'double', 'neighbours'),
        (name, seed, slip) => {
          const at = seed % (name.length - 1)
          const slips = {
            drop: name.slice(0, at) + name.slice(at + 1),
            double: name.slice(0, at + 1) + name.slice(at),
            neighbours: name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
          }
          expect(nearest(slips[slip as keyof typeof slips], names)).toBe(name)
        },
      ),
    )
  })
  test('is found by its beginning', () => expect(nearest('expected', names)).toBe('expected-generation'))
  test('is none when nothing is near', () => expect(nearest('banana', names)).toBeUndefined())
})
