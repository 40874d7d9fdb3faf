import { expect, test } from 'vitest'
import { foldersAbove, preferred, treeRows } from './tree-rows.ts'
import type { Listing } from './tree-rows.ts'

const file = (path: string) => ({ path, isDirectory: false, size: 1 })
const folder = (path: string) => ({ path, isDirectory: true, size: null })
const read = (...entries: ReturnType<typeof file | typeof folder>[]): Listing => ({ is: 'read', entries })
const drawn = (listings: [string, Listing][], open: string[], shown?: Map<string, number>) =>
  treeRows(new Map(listings), new Set(open), shown).map(({ is, path, level }) => `${level} ${is} ${path}`)

test('folders stand first, and names are in the order in which people count', () => {
  expect(drawn([['', read(file('e10.png'), file('e9.png'), folder('model'))]], [])).toEqual([
    '1 folder model',
    '1 file e9.png',
    '1 file e10.png',
  ])
})

test('an open folder shows what is in it, or why not', () => {
  const top = read(folder('a'), folder('b'), folder('c'), folder('d'))
  const listings: [string, Listing][] = [
    ['', top],
    ['a', read(file('a/x'))],
    ['b', { is: 'failed' }],
    ['c', read()],
  ]
  expect(drawn(listings, ['a', 'b', 'c', 'd'])).toEqual([
    '1 folder a',
    '2 file a/x',
    '1 folder b',
    '2 failed b',
    '1 folder c',
    '2 empty c',
    '1 folder d',
    '2 reading d',
  ])
})

test('of a large folder a part is drawn, and the rest on demand', () => {
  const entries = Array.from({ length: 1200 }, (_, index) => file(`f${index}`))
  const rows = treeRows(new Map([['', read(...entries)]]), new Set())
  expect(rows).toHaveLength(501)
  expect(rows.at(-1)).toMatchObject({ is: 'more', more: 700 })
  expect(rows[3]).toMatchObject({ position: 4, siblings: 1200 })
  expect(drawn([['', read(...entries)]], [], new Map([['', 1500]]))).toHaveLength(1200)
})

test('what a source tells of other places is not followed', () => {
  const listings: [string, Listing][] = [
    ['', read(folder('a'), file('../../etc/passwd'), file('a/deep'), folder(''), file('/abs'))],
    ['a', read(folder('a'), folder('a/a'), folder('a/'))],
  ]
  expect(drawn(listings, ['a', '', 'a/'])).toEqual(['1 folder a', '2 folder a/a'])
})

test('the folders above a path, and what is shown first', () => {
  expect(foldersAbove('a/b/c.txt')).toEqual(['a', 'a/b'])
  expect(foldersAbove('c.txt')).toEqual([])
  expect(preferred([file('a'), file('MLmodel'), file('README.md')])).toBe('MLmodel')
  expect(preferred([file('a'), file('b')])).toBeUndefined()
  expect(preferred([file('a')])).toBe('a')
  expect(preferred([folder('MLmodel'), folder('x')])).toBeUndefined()
})
