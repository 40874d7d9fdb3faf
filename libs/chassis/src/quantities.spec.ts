import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from './quantities.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1.5s', 1500],
  ['0', 0],
  [' 5s ', 5000],
])('the duration %j is %d ms', (spelling, ms) => {
  expect(parseDuration(spelling)).toBe(ms)
})

test.each(['', '10', '10 s', '-5s', 's', '5sec', '1e3s', '5S', '1h-3m', 'Infinity', `${'9'.repeat(30)}d`])(
  '%j is no duration',
  (spelling) => {
    expect(parseDuration(spelling)).toBeUndefined()
  },
)

test.each([
  ['2GiB', 2 * 1024 ** 3],
  ['512MB', 512_000_000],
  ['512Mi', 512 * 1024 ** 2],
  ['1.5 GiB', 1.5 * 1024 ** 3],
  ['64k', 64_000],
  ['1048576', 1_048_576],
  ['10b', 10],
])('the size %j is %d bytes', (spelling, bytes) => {
  expect(parseSize(spelling)).toBe(bytes)
})

test.each(['', 'GiB', '-1GiB', '2 G iB', '2GiBs', '1e9', '0x10', '9999999PiB'])('%j is no size', (spelling) => {
  expect(parseSize(spelling)).toBeUndefined()
})

test.each([
  [0, '0s'],
  [1, '1ms'],
  [0.25, '0.25ms'],
  [1500, '1.5s'],
  [90_000, '1m30s'],
  [86_400_000, '1d'],
])('%d ms is written %s', (ms, spelling) => {
  expect(formatDuration(ms)).toBe(spelling)
})

test.each([
  [0, '0B'],
  [2 * 1024 ** 3, '2GiB'],
  [512_000_000, '512MB'],
  [1536, '1.5KiB'],
  [1_234_567, '1.18MiB'],
])('%d bytes are written %s', (bytes, spelling) => {
  expect(formatSize(bytes)).toBe(spelling)
})

test('every whole number of milliseconds survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }),
  )
})

test('a written size is read back within its rounding', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      const back = parseSize(formatSize(bytes)) ?? Number.NaN
      expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.005)
    }),
  )
})
