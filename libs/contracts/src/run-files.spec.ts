import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FilePath, FolderPath, isFilePath } from './run-files.ts'

test.each([
  'model/MLmodel',
  '0/0123456789abcdef0123456789abcdef/artifacts/plot.png',
  'a b/ü 東京 😀.txt',
  '100%.txt',
  'a%20b.txt',
  '50%25.csv',
  '...',
  '.hidden/..a/b..',
  'a;b?c=d&e',
  'x/c:/y',
])('%j is a place', (path) => {
  expect(isFilePath(path)).toBe(true)
})

test.each([
  '',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/..',
  'a/./b',
  '/etc/passwd',
  '//host/share',
  'a//b',
  'a/',
  'a\\..\\b',
  'C:/Windows',
  'c:file',
  'C%3A/Windows',
  'file:///etc/passwd',
  'FILE:a',
  'file%3Aa',
  'a#b',
  'a%23b',
  'a%2523b',
  '..%2fa',
  '%2e%2e/a',
  '%2E%2E%2Fa',
  '%252e%252e%252fa',
  '%2525252e%2525252e/a',
  '%2e%2e/%zz',
  '%2fetc/passwd',
  '%5c..%5ca',
  'a\u0000b',
  'a%00b',
  'a\r\nb',
  'a%0d%0ab',
  'a\u0085b',
  'a/\ud800',
  `a/${'x'.repeat(256)}`,
  'x/'.repeat(1000) + 'x',
])('%j is none', (path) => {
  expect(isFilePath(path)).toBe(false)
  expect(FilePath.safeParse(path).error?.issues[0]?.message).toBe('Invalid path')
})

test('a folder may be the top, and may have a slash at its end', () => {
  expect(FolderPath.parse('')).toBe('')
  expect(FolderPath.parse('a/b/')).toBe('a/b')
  for (const path of ['/', 'a//', '../', '//']) expect(FolderPath.safeParse(path).success).toBe(false)
})

/** Encodes some characters of a text, some of them several times over. */
const disguised = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 })).map(([plain, times]) =>
    Array.from(plain)
      .map((char, at) => {
        let told = char
        for (let left = times[at % times.length]!; left > 0; left--)
          told = told
            .split('')
            .map((one) => (/[%./\\#:]/.test(one) ? `%${one.charCodeAt(0).toString(16).padStart(2, '0')}` : one))
            .join('')
        return told
      })
      .join(''),
  )

const segment = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'etc', 'C:', 'file:'), fc.string({ maxLength: 6 }))
const hostile = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .chain((parts) => fc.constantFrom('/', '\\', '//').map((slash) => parts.join(slash)))

test('however a path is disguised, what is let through stays below its root, at every reading of it', () => {
  fc.assert(
    fc.property(disguised(hostile), (path) => {
      if (!isFilePath(path)) return
      for (let read = path, times = 0; times < 12; times++) {
        const url = new URL(read.split('/').map(encodeURIComponent).join('/'), 'http://host/root/')
        expect(url.pathname.startsWith('/root/')).toBe(true)
        expect(read.split(/[/\\]/).some((part) => part === '' || part === '.' || part === '..')).toBe(false)
        expect(read).not.toMatch(/[#\\\0]|^[a-z]:/i)
        try {
          read = decodeURIComponent(read)
        } catch {
          return
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test('a disguised way up is refused, however often it was encoded', () => {
  const climbing = fc.constantFrom('..', '../x', 'x/../y', 'x/..', '/x', 'x\\y', 'x#y', 'c:x')
  fc.assert(
    fc.property(disguised(climbing), (path) => {
      expect(isFilePath(path)).toBe(false)
    }),
    { numRuns: 500 },
  )
})
