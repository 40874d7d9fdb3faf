import type { RunId } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { childrenKey, groupKey, rowsOf } from './rows.ts'
import type { RunGroup, Table } from './rows.ts'
import type { RunList } from './run-store.ts'

const run = (name: string) => name as RunId
const list = (names: string, next: string | null = null): RunList => ({
  asked: { filter: '', state: 'active', orderBy: [] },
  ids: names.split(' ').filter((name) => name !== '') as RunId[],
  next,
  isOld: false,
  isReading: false,
  failure: undefined,
})
const table = (part: Partial<Table>, lists: Record<string, RunList>): Table => ({
  pins: [],
  groups: undefined,
  open: new Set(),
  children: () => 0,
  ...part,
  list: (name) => lists[name],
})
const shown = (part: Partial<Table>, lists: Record<string, RunList>) =>
  rowsOf(table(part, lists)).map((row) => {
    if (row.is === 'run') return `${'  '.repeat(row.depth)}${row.run}`
    if (row.is === 'more') return `more ${row.left ?? '?'}`
    return row.is === 'group' ? row.group.values.join() : `pinned ${row.count}`
  })

describe('the lines of a runs table', () => {
  test('runs in their order, and that there are more', () => {
    expect(shown({}, { '': list('a b', 'next') })).toEqual(['a', 'b', 'more ?'])
  })

  test('what is pinned stands above, and in its place as well', () => {
    expect(shown({ pins: [run('b')] }, { '': list('a b') })).toEqual(['pinned 1', 'b', 'a', 'b'])
  })

  test('the parts of a run stand below it, once it is unfolded', () => {
    const part = { open: new Set([childrenKey('a'), childrenKey('b')]), children: (id: RunId) => (id === 'a' ? 3 : 0) }
    const lists = { '': list('a b'), [childrenKey('a')]: list('a1 a2', 'next') }
    expect(shown(part, lists)).toEqual(['a', '  a1', '  a2', 'more 1', 'b'])
  })

  test('a group shows its runs once it is unfolded, and how many more it has', () => {
    const gbt: RunGroup = { values: ['gbt'], runs: 116, metrics: {} }
    const none: RunGroup = { values: [null], runs: 2, metrics: {} }
    const part = { groups: [gbt, none], open: new Set([groupKey(gbt)]) }
    expect(shown(part, { [groupKey(gbt)]: list('a b', 'next') })).toEqual(['gbt', 'a', 'b', 'more 114', ''])
  })

  test('runs that name each other as their parents do not unfold for ever', () => {
    const lists = { '': list('a'), [childrenKey('a')]: list('b'), [childrenKey('b')]: list('a') }
    const part = { open: new Set([childrenKey('a'), childrenKey('b')]), children: () => 1 }
    expect(shown(part, lists).length).toBeLessThan(20)
  })
})
