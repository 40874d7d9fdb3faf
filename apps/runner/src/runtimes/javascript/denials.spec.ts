import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHost } from '../../engines/host-process.ts'
import { floats } from '../../engines/testing/frames.ts'
import { readTexts } from '../elements.ts'

const base = mkdtempSync(join(tmpdir(), 'st-'))
const dir = join(base, 'model')
const source = join(import.meta.dirname, 'testing/hostile.mjs')
let results: Map<string, string>

beforeAll(async () => {
  mkdirSync(dir)
  copyFileSync(source, join(dir, 'index.mjs'))
  writeFileSync(join(base, 'canary.txt'), 'a secret')
  process.env.STEAD_SECRET_TOKEN = 'a secret'
  const host = await startHost({ runtime: 'javascript', socketDir: base, modelDirs: [dir], log: () => undefined })
  const batching = { maxRows: 1, maxDelayMs: 0, preferredRows: [], maxQueue: 4 }
  await host.load(0, { dir, files: ['index.mjs'], batching, threads: 1 }, { timeoutMs: 30_000 })
  const { outputs } = await host.infer(0, [floats('x', [1], [0])])
  const [names, outcomes] = outputs.map((output) => readTexts(output as never)) as [string[], string[]]
  results = new Map(names.map((name, at) => [name, outcomes[at] as string]))
  await host.kill()
})
afterAll(() => {
  delete process.env.STEAD_SECRET_TOKEN
  rmSync(base, { recursive: true })
})

test('a hostile model finds every way out shut', () => {
  expect(results.size).toBeGreaterThan(60)
  const open = [...results].filter(([, outcome]) => outcome.startsWith('got'))
  expect(open).toEqual([])
})

test('each way is shut by a denial and not by a mistake of the test', () => {
  const byDenial = new Set(['STEAD_DENIED', 'ERR_ACCESS_DENIED', 'gone'])
  expect([...results].filter(([, outcome]) => !byDenial.has(outcome))).toEqual([])
})

test('nothing was written', () => {
  expect(readFileSync(join(dir, 'index.mjs'), 'utf8')).toBe(readFileSync(source, 'utf8'))
})
