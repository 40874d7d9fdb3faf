import { expect, test } from 'vitest'
import { differenceOf } from './difference.ts'

test('only what differs is told, by its place, and the rest is counted', () => {
  const before = { generation: 2, routes: [{ version: 1, weight: 100 }], parked: null }
  const after = {
    generation: 3,
    routes: [
      { version: 1, weight: 90 },
      { version: 2, weight: 10 },
    ],
    parked: null,
  }
  expect(differenceOf(before, after)).toEqual({
    parts: [
      { path: 'generation', before: '2', after: '3' },
      { path: 'routes.0.weight', before: '100', after: '90' },
      { path: 'routes.1.version', before: undefined, after: '2' },
      { path: 'routes.1.weight', before: undefined, after: '10' },
    ],
    same: 2,
  })
})

test('what was made has no before, what was removed no after, and nothing has neither', () => {
  expect(differenceOf(null, { roles: ['viewer'], denies: [] }).parts).toEqual([
    { path: 'roles.0', before: undefined, after: 'viewer' },
    { path: 'denies', before: undefined, after: '[]' },
  ])
  expect(differenceOf({ version: 8 }, null).parts).toEqual([{ path: 'version', before: '8', after: undefined }])
  expect(differenceOf(null, null)).toEqual({ parts: [], same: 0 })
})
