import { expect, test } from 'vitest'
import { missingIn } from './version-readiness.ts'
import { entriesIn } from './version-entries.ts'

const files = [
  { path: 'MLmodel', size: 3 },
  { path: 'data/a.npy', size: 5 },
  { path: 'data/deep/b.npy', size: 7 },
  { path: 'database', size: 1 },
]

test('folders are made of the paths of the files in them', () => {
  expect(entriesIn(files, '')).toEqual([
    { path: 'MLmodel', isDirectory: false, size: 3 },
    { path: 'data', isDirectory: true, size: null },
    { path: 'database', isDirectory: false, size: 1 },
  ])
  expect(entriesIn(files, 'data').map(({ path }) => path)).toEqual(['data/a.npy', 'data/deep'])
  expect(entriesIn(files, 'dat')).toEqual([])
})

const tensor = { name: 'x', datatype: 'FP32', shape: [-1] } as const
const version = (more: object) =>
  ({ files, runtime: 'onnx', signature: { inputs: [tensor], outputs: [tensor] }, ...more }) as unknown as Parameters<
    typeof missingIn
  >[0]

test('what keeps a version from being deployed is told: its files, its runtime, its signature', () => {
  expect(missingIn(version({}))).toBeUndefined()
  expect(missingIn(version({ files: [] }))).toBe('files')
  expect(missingIn(version({ runtime: 'python' }))).toBe('runtime')
  expect(missingIn(version({ signature: { inputs: [tensor], outputs: [] } }))).toBe('signature')
})
