import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { stead } from './fake-terminal.fixture.ts'

const LAUNCHER = fileURLToPath(new URL('../bin/stead.mjs', import.meta.url))
/** One for all tests: the database that servers begin with is made once. */
let cache = ''
/** Where servers put their homes. */
let temporary = ''
const running: ChildProcess[] = []
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'stead-cache-'))
  temporary = await mkdtemp(join(tmpdir(), 'stead-temporary-'))
})
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')))
afterAll(async () => {
  // A server that was killed a moment ago may still be taking its home away.
  for (const folder of [cache, temporary]) await rm(folder, { recursive: true, force: true, maxRetries: 20 })
})

const homes = async () => (await readdir(temporary)).filter((name) => name.startsWith('stead-ephemeral-'))

async function start(...more: string[]): Promise<{ child: ChildProcess; url: string }> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: temporary,
    XDG_CACHE_HOME: cache,
    STEAD_LOG: 'silent',
  }
  const args = [LAUNCHER, 'server', '--ephemeral', '--port', '0', ...more]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(child)
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /^Stead is at (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return { child, url }
  }
  throw new Error('the server did not start')
}

test('a server of its own is empty but for the experiment 0, and leaves nothing behind', async () => {
  const { child, url } = await start()
  const { experiment } = (await (await fetch(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`)).json()) as {
    experiment: { name: string }
  }
  expect(experiment.name).toBe('Default')
  expect(await homes()).toHaveLength(1)
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(await homes()).toEqual([])
})

test('two of them know nothing of each other', async () => {
  const [one, other] = [await start(), await start()]
  const body = JSON.stringify({ name: 'mine' })
  const headers = { 'content-type': 'application/json' }
  const create = (url: string) =>
    fetch(`${url}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers, body }).then(({ status }) => status)
  expect([await create(one.url), await create(one.url), await create(other.url)]).toEqual([200, 400, 200])
})

test('artifacts go where they are wanted, and stay', async () => {
  const artifacts = join(temporary, 'artifacts')
  await mkdir(artifacts)
  const { child, url } = await start('--artifacts', artifacts)
  await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/0/a.txt`, { method: 'PUT', body: 'kept' })
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(await readdir(artifacts)).not.toEqual([])
})

test('who is killed without a word is cleaned up after: by the server itself, or by the next one', async () => {
  const { child, url } = await start()
  child.kill('SIGKILL')
  await expect.poll(homes).toEqual([])
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  // A home that both have left, long ago.
  const left = join(temporary, 'stead-ephemeral-left')
  await mkdir(left)
  await writeFile(join(left, 'something'), '')
  await utimes(left, 0, 0)
  await start()
  await expect.poll(() => existsSync(left)).toBe(false)
})

test('a home that is named is no ephemeral one', async () => {
  expect((await stead(['server', '--ephemeral', '--home', 'x'])).stderr).toContain('--ephemeral has a home of its own')
})
