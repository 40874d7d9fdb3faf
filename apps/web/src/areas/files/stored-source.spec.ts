import { SteadError } from '@stead/contracts'
import type { FileEntry } from '@stead/contracts'
import { expect, test } from 'vitest'
import { bytesOf, rangeHeader, wholeFolder } from './stored-source.ts'

test('a folder is read to its last page', async () => {
  const entry = (path: string) => ({ path, isFolder: false, size: 1, digest: null, updatedAt: null }) as FileEntry
  const pages: Record<string, { files: FileEntry[]; next: string | null }> = {
    '': { files: [entry('a')], next: 'a' },
    a: { files: [entry('b')], next: null },
  }
  const read = await wholeFolder((after) => Promise.resolve(pages[after ?? '']!))
  expect(read.map(({ path, isDirectory }) => [path, isDirectory])).toEqual([
    ['a', false],
    ['b', false],
  ])
})

test('a range is asked for up to its last byte, and all of a file without one', () => {
  expect(rangeHeader([0, 100])).toEqual({ range: 'bytes=0-99' })
  expect(rangeHeader(undefined)).toEqual({})
})

test('behind the end of a file there are no bytes, in either way of saying so; other failures stay failures', async () => {
  const fails = (error: Error) => () => Promise.reject(error)
  const beyond = [
    new SteadError('range_unsatisfiable', 'beyond the end'),
    new SteadError('invalid_request', 'beyond the end', { where: 'header.range' }),
  ]
  for (const error of beyond) expect((await bytesOf([9, 10], fails(error))).size).toBe(0)
  expect((await bytesOf([5, 5], fails(new Error('not asked')))).size).toBe(0)
  await expect(bytesOf([0, 1], fails(new Error('gone')))).rejects.toThrow('gone')
})
