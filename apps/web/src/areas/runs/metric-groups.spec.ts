import { expect, test } from 'vitest'
import { groupsOf, isSystem, matching } from './metric-groups.ts'

test('metrics stand with those of their prefix; single ones stand together and come first', () => {
  expect(groupsOf(['val/loss', 'lr', 'val/f1', 'train/loss'])).toEqual([
    { prefix: '', keys: ['lr', 'train/loss'] },
    { prefix: 'val', keys: ['val/f1', 'val/loss'] },
  ])
})

test('names are in the order in which people count', () => {
  expect(groupsOf(['layer/10', 'layer/9'])[0]!.keys).toEqual(['layer/9', 'layer/10'])
})

test('a search finds names with all of its words, whatever their case', () => {
  expect(matching(['val/F1', 'val/loss', 'f1'], 'f1 VAL')).toEqual(['val/F1'])
  expect(matching(['a', 'b'], '  ')).toEqual(['a', 'b'])
})

test('what is measured of the machine begins with system', () => {
  expect(['system/cpu', 'systematic', 'val/system/'].map(isSystem)).toEqual([true, false, false])
})
