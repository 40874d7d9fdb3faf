import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  columnOf,
  columnsIn,
  compressColumns,
  defaultColumns,
  expandColumns,
  fieldOf,
  GROUPS,
  isColumn,
  keysAmong,
} from './columns.ts'
import type { KnownKeys } from './columns.ts'

const counted = (...keys: string[]) => keys.map((key, at) => ({ key, runs: 100 - at }))
const many = (word: string, count: number) => counted(...Array.from({ length: count }, (_, at) => `${word}${at}`))
const known: KnownKeys = {
  metrics: counted('val_f1', 'loss', 'system/cpu'),
  params: counted('lr', 'depth'),
  tags: counted('stage', 'mlflow.user', 'mlflow.source.name'),
}

describe('columns of the runs table', () => {
  test('of some runs the keys are known and counted before those of all are', () => {
    const value = { value: 1, step: 0, at: 0 } as never
    const some = keysAmong([
      { metrics: { loss: value }, params: { lr: '1' }, tags: {} },
      { metrics: { auc: value, loss: value }, params: {}, tags: { ['__proto__']: 'x' } },
    ])
    expect(some).toEqual({
      metrics: [
        { key: 'loss', runs: 2 },
        { key: 'auc', runs: 1 },
      ],
      params: [{ key: 'lr', runs: 1 }],
      tags: [{ key: '__proto__', runs: 1 }],
      isPart: true,
    })
    expect(defaultColumns(some).slice(0, 3)).toEqual(['metrics.auc', 'metrics.loss', 'params.lr'])
  })

  test('tags that clients set by themselves are listed with what every run has', () => {
    expect(columnsIn('tags', known)).toEqual(['tags.stage'])
    expect(columnsIn('system', known)).toContain('tags.mlflow.source.name')
    expect(columnsIn('system', known)).not.toContain('tags.mlflow.source.git.commit')
    expect(columnOf('tags.mlflow.user').group).toBe('system')
  })

  test('before anybody has chosen, a few metrics and params are shown, and no figures of the machine', () => {
    expect(defaultColumns(known)).toEqual([
      'metrics.loss',
      'metrics.val_f1',
      'params.depth',
      'params.lr',
      'duration',
      'start_time',
      'user_id',
    ])
    const wide = { metrics: many('m', 40), params: many('p', 40), tags: [] }
    expect(defaultColumns(wide)).toHaveLength(15)
  })

  test('a star stands for what is not named beside it, and a minus leaves out', () => {
    expect(expandColumns(['metrics.val_f1', 'metrics.*', 'duration', '-metrics.system/cpu'], known)).toEqual([
      'metrics.val_f1',
      'metrics.loss',
      'duration',
    ])
  })

  test('what is no column is passed over', () => {
    expect(expandColumns(['metrics.', 'nothing', 'params.gone', 'duration', 'duration'], known)).toEqual([
      'params.gone',
      'duration',
    ])
    expect(isColumn('tags.mlflow.user')).toBe(true)
  })

  test('two thousand columns are named in a few words', () => {
    const wide = { metrics: many('m', 2000), params: many('p', 3), tags: [] }
    const all = GROUPS.flatMap((group) => columnsIn(group, wide))
    expect(compressColumns(all, wide).join().length).toBeLessThan(200)
  })

  test('whatever is chosen in whatever order, the address names just that', () => {
    const wide: KnownKeys = { metrics: many('m', 30), params: many('p', 20), tags: many('t', 5) }
    const all = GROUPS.flatMap((group) => columnsIn(group, wide))
    const inOrder = fc.subarray(all)
    const shuffled = fc.shuffledSubarray(all)
    fc.assert(
      fc.property(fc.oneof(inOrder, shuffled), (columns) => {
        expect(expandColumns(compressColumns(columns, wide), wide)).toEqual(columns)
      }),
    )
  })

  test('keys of any characters can be asked for', () => {
    expect(fieldOf('metrics.val_f1')).toBe('metrics.val_f1')
    expect(fieldOf('params.learning rate')).toBe('params.`learning rate`')
    expect(fieldOf('tags.a`b')).toBe('tags.`a``b`')
    expect(fieldOf('start_time')).toBe('attributes.start_time')
  })
})
