import { describe, expect, test } from 'vitest'
import { suggestionsFor, valuesWanted, withSuggestion } from './completion.ts'
import { typingAt } from './filter-text.ts'

const known = {
  metrics: [
    { key: 'val_f1', runs: 12 },
    { key: 'fit s', runs: 3 },
  ],
  params: [{ key: 'algo', runs: 12 }],
  tags: [
    { key: 'mlflow.user', runs: 12 },
    { key: 'season', runs: 2 },
  ],
}
const at = (text: string) => typingAt(text.replace('|', ''), text.indexOf('|'))
const texts = (text: string, values: { value: string; runs: number }[] = []) =>
  suggestionsFor(at(text), known, values).map((one) => one.text)

describe('completion of a filter', () => {
  test('names are found by their beginning, with or without what they are of', () => {
    expect(texts('|').slice(0, 4)).toEqual(['metrics.`fit s`', 'metrics.val_f1', 'params.algo', 'tags.season'])
    expect(texts('f|')).toContain('metrics.`fit s`')
    expect(texts('val|')).toEqual(['metrics.val_f1'])
    expect(texts('metrics.v|')).toEqual(['metrics.val_f1'])
    expect(texts('stat|')).toEqual(['attributes.status'])
  })

  test('a number is compared by size, and a text by its letters', () => {
    expect(texts('metrics.val_f1 |')[0]).toBe('>')
    expect(texts('params.algo |')).toContain('LIKE')
    expect(texts('params.algo IS |')).toEqual(['NULL', 'NOT NULL'])
  })

  test('values that were seen are quoted', () => {
    const seen = [
      { value: "it's", runs: 1 },
      { value: 'gbt', runs: 9 },
    ]
    expect(valuesWanted(at('params.algo = |'))).toBe('params.algo')
    expect(valuesWanted(at('metrics.val_f1 > |'))).toBeUndefined()
    expect(texts('params.algo = |', seen)).toEqual(["'it''s'", "'gbt'"])
    expect(texts("params.algo = 'g|", seen)).toEqual(["'gbt'"])
    expect(texts("status = 'F|")).toEqual(["'FINISHED'", "'FAILED'"])
  })

  test('what is taken stands in place of what was typed, and one can go on', () => {
    const take = (text: string, taken: string) => withSuggestion(text.replace('|', ''), at(text), taken)
    expect(take('val|', 'metrics.val_f1')).toEqual({ text: 'metrics.val_f1 ', caret: 15 })
    expect(take("params.algo = 'g| AND x = 1", "'gbt'").text).toBe("params.algo = 'gbt' ")
    expect(take("params.algo ='gbt'|", 'AND').text).toBe("params.algo ='gbt' AND ")
    expect(take("me| AND params.algo = 'a'", 'metrics.val_f1').text).toBe("metrics.val_f1 AND params.algo = 'a'")
  })
})
