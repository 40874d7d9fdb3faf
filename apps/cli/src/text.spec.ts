import { expect, test } from 'vitest'
import { byteLine } from './progress.ts'
import { age, duration, paintFor, plain, size, table } from './text.ts'

test.each([
  [0.04, '0 ms'],
  [2.25, '2.3 ms'],
  [9.96, '10 ms'],
  [812.4, '812 ms'],
  [999.7, '1.0 s'],
  [3210, '3.2 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [4_320_000, '1 h 12 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms reads as %s', (ms, text) => expect(duration(ms)).toBe(text))

test.each([
  [0, '0 B'],
  [470, '470 B'],
  [1024, '1.0 KiB'],
  [65_205, '63.7 KiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
  [1_288_490_189, '1.2 GiB'],
])('%d bytes read as %s', (bytes, text) => expect(size(bytes)).toBe(text))

test('an instant reads as how long ago it was', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  expect(age('2026-01-01T23:59:30Z', now)).toBe('30 s ago')
  expect(age('2026-01-01T21:00:00Z', now)).toBe('3 h ago')
  expect(age('2026-01-02T00:00:05Z', now)).toBe('0 s ago')
})

test('columns are aligned and end without spaces', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['first', 'x'],
        ['é', ''],
      ],
    ),
  ).toEqual(['A      LONG', 'first  x', 'é'])
})

test('text from elsewhere cannot steer the terminal', () => {
  expect(plain('a\u001b[2Jb\r\nc')).toBe('a\ufffd[2Jb\ufffd c')
  expect(table(['A'], [['\u001b[31mred']])[1]).not.toContain('\u001b')
})

test('colours are for terminals, and NO_COLOR turns them off', () => {
  expect(paintFor({ isTTY: true }, {}).red('x')).toBe('\u001b[31mx\u001b[39m')
  expect(paintFor({ isTTY: false }, {}).red('x')).toBe('x')
  expect(paintFor({ isTTY: true }, { NO_COLOR: '1' }).red('x')).toBe('x')
})

test('a bar tells the part done, the rate and what is left', () => {
  const line = byteLine('uploading', 1024 * 1024, 2 * 1024 * 1024, 1000)
  expect(line).toBe('uploading  ████████████────────────  50 %  1.0 MiB of 2.0 MiB  1.0 MiB/s  1.0 s left')
  expect(byteLine('receiving', 2048, undefined, 1000)).toBe('receiving  2.0 KiB  2.0 KiB/s')
})
