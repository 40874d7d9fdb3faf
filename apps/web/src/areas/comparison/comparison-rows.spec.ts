import type { RunRow } from '@stead/contracts'
import { expect, test } from 'vitest'
import { bestOf, betterWay, deltaOf, loggedRows, shownRows } from './comparison-rows.ts'

const run = (metrics: Record<string, number | 'NaN'>, params: Record<string, string> = {}, tags = {}) =>
  ({
    metrics: Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, { value, step: 0, timestamp: 0 }])),
    params,
    tags,
  }) as unknown as RunRow

const rowOf = (runs: readonly RunRow[], key: string) => loggedRows(runs).find((row) => row.key === key)!

test('every key that any run has is a row, and differs where a run lacks it', () => {
  const rows = loggedRows([run({ loss: 1 }, { depth: '6' }), run({ loss: 1 }, { depth: '6', lr: '0.1' })])
  expect(rows.map(({ section, key, isDifferent }) => [section, key, isDifferent])).toEqual([
    ['metrics', 'loss', false],
    ['params', 'depth', false],
    ['params', 'lr', true],
  ])
})

test('what the machine did comes after what the model did', () => {
  expect(loggedRows([run({ 'system/cpu': 1, zeta: 2 })]).map(({ key }) => key)).toEqual(['zeta', 'system/cpu'])
})

test('tags that are told in words elsewhere are not told twice', () => {
  const tags = { 'mlflow.source.name': 'train.py', 'mlflow.user': 'ines', team: 'weather' }
  expect(loggedRows([run({}, {}, tags)]).map(({ key }) => key)).toEqual(['team'])
})

test.each([
  ['val/loss', 'lower'],
  ['test_rmse', 'lower'],
  ['val/f1', 'higher'],
  ['accuracy_score', 'higher'],
  ['roc_auc', 'higher'],
  ['loss_score', undefined],
  ['learning_rate', undefined],
  ['glossary', undefined],
])('%s is better when it is %s', (key, way) => expect(betterWay(key)).toBe(way))

test('the best is marked where the name tells which way is good and values differ', () => {
  expect(bestOf(rowOf([run({ loss: 2 }), run({ loss: 1 }), run({ loss: 1 })], 'loss'))).toEqual(new Set([1, 2]))
  expect(bestOf(rowOf([run({ f1: 0.5 }), run({ f1: 'NaN' }), run({ f1: 0.7 })], 'f1'))).toEqual(new Set([2]))
  expect(bestOf(rowOf([run({ f1: 0.5 }), run({ f1: 0.5 })], 'f1')).size).toBe(0)
  expect(bestOf(rowOf([run({ lr: 0.5 }), run({ lr: 0.1 })], 'lr')).size).toBe(0)
})

test('distances are told against the baseline, and not where one of the two is no number', () => {
  const row = rowOf([run({ f1: 0.5 }), run({ f1: 0.75 }), run({ f1: 'NaN' }), run({})], 'f1')
  expect([0, 1, 2, 3].map((at) => deltaOf(row, at, 0))).toEqual([undefined, 0.25, undefined, undefined])
})

test('a search and the wish for differences work together', () => {
  const rows = loggedRows([run({ f1: 1, f2: 1 }), run({ f1: 2, f2: 1 })])
  expect(shownRows(rows, 'F', true).map(({ key }) => key)).toEqual(['f1'])
  expect(shownRows(rows, '2', false).map(({ key }) => key)).toEqual(['f2'])
})
