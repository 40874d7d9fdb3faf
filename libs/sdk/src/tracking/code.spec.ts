import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCode } from './code.ts'
import { maskCommand, maskSecrets } from './masking.ts'

let folder = ''
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', folder, ...args], { encoding: 'utf8' })
const write = (path: string, text: string | Buffer) => writeFile(join(folder, path), text)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-code-'))
  git('init', '-q', '-b', 'main')
  git('remote', 'add', 'origin', 'https://me:hunter22@example.org/code.git')
  await write('train.js', 'export const rate = 1\n')
  await write('.gitignore', 'ignored\n')
  git('add', '.')
  git('commit', '-q', '-m', 'first')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a clean working copy is its commit, branch and origin, without credentials', async () => {
  await write('ignored', 'not looked at')
  expect(await readCode(folder)).toEqual({
    commit: git('rev-parse', 'HEAD').trim(),
    branch: 'main',
    remote: 'https://example.org/code.git',
    difference: undefined,
  })
})

test('what differs is told with new files, from any folder inside, and is the same as long as nothing changes', async () => {
  await write('train.js', 'export const rate = 2\n')
  await mkdir(join(folder, 'lib'))
  await write('lib/new.js', 'one\ntwo\n')
  await write('lib/binary', Buffer.from([0, 1, 2]))
  const code = await readCode(join(folder, 'lib'))
  expect(code?.difference?.text).toContain('-export const rate = 1\n+export const rate = 2\n')
  expect(code?.difference?.text).toContain('+++ b/lib/new.js\n@@ -0,0 +1,2 @@\n+one\n+two\n')
  expect(code?.difference?.text).toMatch(/untracked: lib\/binary \(3 bytes, sha256:/)
  expect((await readCode(folder))?.difference?.digest).toBe(code?.difference?.digest)
  await write('lib/binary', Buffer.from([0, 1, 3]))
  expect((await readCode(folder))?.difference?.digest).not.toBe(code?.difference?.digest)
})

test('a difference can be applied to its commit again', async () => {
  await write('train.js', 'export const rate = 3\n')
  await write('new.js', 'one\n')
  const text = (await readCode(folder))?.difference?.text ?? ''
  git('stash', '-q', '-u')
  await write('ignored', text)
  git('apply', 'ignored')
  expect(git('status', '--porcelain')).toBe(' M train.js\n?? new.js\n')
})

test('secrets in it are hidden, and yet make it another one', async () => {
  await write('train.js', 'const password = "hunter22"\nconst key = "AKIAABCDEFGHIJKLMNOP"\n')
  await write('.env', 'ANYTHING=at-all\n')
  const one = (await readCode(folder))?.difference
  expect(one?.text).not.toMatch(/hunter22|AKIAABC|at-all/)
  await write('train.js', 'const password = "hunter23"\nconst key = "AKIAABCDEFGHIJKLMNOP"\n')
  const other = (await readCode(folder))?.difference
  const withoutIds = (text = '') => text.replace(/^index .*$/gm, '')
  expect(withoutIds(other?.text)).toBe(withoutIds(one?.text))
  expect(other?.digest).not.toBe(one?.digest)
})

test('a difference that is too long is cut, and says so', async () => {
  await write('train.js', 'line\n'.repeat(400_000))
  const text = (await readCode(folder))?.difference?.text ?? ''
  expect(text.length).toBeLessThan(1_100_000)
  expect(text).toContain('… cut')
})

test('a folder without a working copy has no code', async () => {
  await rm(join(folder, '.git'), { recursive: true })
  expect(await readCode(folder)).toBeUndefined()
  expect(await readCode(join(folder, 'nowhere'))).toBeUndefined()
})

test.each([
  ['api_key: abcdef123456', 'api_key: ********'],
  ['"dbPassword": "p w"', '"dbPassword": ********'],
  ['Authorization: Bearer abcdefghijkl', 'Bearer'],
  ['postgres://me:secret@host/db', 'postgres://********@host/db'],
  ['token = `abcdefgh`', 'token = ********'],
  [
    '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\n********\n-----END PRIVATE KEY-----',
  ],
  ['+export DB_PASSWORD=hunter', '+export DB_PASSWORD=********'],
  ['const tokens = countWords2(words)', 'const tokens = countWords2(words)'],
])('%j is masked', (text, masked) => {
  const told = maskSecrets(text)
  if (masked === 'Bearer') expect(told).not.toContain('abcdefghijkl')
  else expect(told).toBe(masked)
})

test('a command line keeps its options but not what they keep secret', () => {
  expect(maskCommand(['node', 'train.js', '--rate', '1', '--api-key', 'abc', '--token=def'])).toBe(
    'node train.js --rate 1 --api-key ******** --token=********',
  )
})
