import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, systemClock } from '@stead/chassis'
import type { Admission, AdmittedKey, Digest } from '@stead/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Admittance } from '../admission/admittance.ts'
import { createRateBuffer } from '../admission/rates.ts'
import { openAdmitting } from './admission.ts'
import type { AdmittingParts } from './admission.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-admission-'))
})
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close()
  await rm(folder, { recursive: true, force: true })
})

const key = (consumer: string, rate: number | null = null): AdmittedKey => ({
  id: `key of ${consumer}`,
  hash: `sha256:${'a'.repeat(64)}` as Digest,
  project: 'default',
  consumer,
  deployments: null,
  expiresAt: null,
  limits: { rate, burst: null },
  exhaustedUntil: null,
})
const closed = (...keys: AdmittedKey[]): Admission => ({ open: false, keys, server: null, monitors: [] })
const everybody: Admission = { ...closed(), open: true }

async function openHere(more: Partial<AdmittingParts> = {}) {
  const changes: Admittance[] = []
  const admitting = await openAdmitting({
    path: join(folder, 'admission.json'),
    isExposed: false,
    joins: true,
    keptMs: 60_000,
    rates: createRateBuffer(),
    clock: systemClock,
    log: createLog({ name: 'runner', level: 'silent' }),
    changed: (admittance) => changes.push(admittance),
    ...more,
  })
  opened.push(admitting)
  return { ...admitting, changes, now: () => admitting.current }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('before it has heard anything, a runner is open only where nobody else reaches it and no server is to be asked', async () => {
  expect((await openHere({ joins: false })).now()).toEqual({ is: 'open' })
  expect((await openHere()).now()).toMatchObject({ is: 'refusing', kind: 'not_ready' })
  expect((await openHere({ joins: false, isExposed: true })).now()).toMatchObject({ is: 'refusing' })
})

test('an installation that is open to everybody is not opened to other machines', async () => {
  const exposed = await openHere({ isExposed: true })
  exposed.take(everybody)
  expect(exposed.now()).toMatchObject({ is: 'refusing', because: expect.stringContaining('make an owner') as string })
  const own = await openHere()
  own.take(everybody)
  expect(own.now()).toEqual({ is: 'open' })
})

test('what it heard is there after a crash, readable by its user only', async () => {
  const before = await openHere()
  before.take(closed(key('shop')))
  const path = join(folder, 'admission.json')
  await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toContain('key of shop')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await openHere()).now()).toMatchObject({ is: 'closed', keys: [{ consumer: 'shop' }] })
})

test('that everybody might call is not taken from before a restart where there is a server to ask', async () => {
  const before = await openHere()
  before.take(everybody)
  await before.close()
  await expect.poll(() => readFile(join(folder, 'admission.json'), 'utf8').catch(() => '')).toContain('"open":true')
  expect((await openHere()).now()).toMatchObject({ is: 'refusing', kind: 'not_ready' })
  expect((await openHere({ joins: false })).now()).toEqual({ is: 'open' })
})

test('a file that is no admission counts as none', async () => {
  await writeFile(join(folder, 'admission.json'), '{"admission":{"open":true')
  expect((await openHere()).now()).toMatchObject({ is: 'refusing', kind: 'not_ready' })
})

test('keys count for their time after the server was last heard of, over a restart too, and what it says anew counts at once', async () => {
  const first = await openHere({ keptMs: 400 })
  first.take(closed(key('shop')))
  await pause(250)
  first.heard()
  await pause(250)
  expect(first.now()).toMatchObject({ is: 'closed' })
  await first.close()
  const second = await openHere({ keptMs: 400 })
  expect(second.now()).toMatchObject({ is: 'closed' })
  await expect.poll(() => second.now()).toMatchObject({ is: 'refusing', kind: 'detached_too_long' })
  expect(second.changes).toHaveLength(1)
  // A heartbeat alone does not tell what was revoked meanwhile.
  second.heard()
  expect(second.now()).toMatchObject({ is: 'refusing' })
  const third = await openHere({ keptMs: 400 })
  expect(third.now()).toMatchObject({ kind: 'detached_too_long' })
  third.take(closed(key('shop')))
  expect(third.now()).toMatchObject({ is: 'closed' })
})

test('a runner that was open and is not let in any more lets nobody in; one that knows keys honours them on', async () => {
  const open = await openHere({ joins: false })
  open.refused()
  expect(open.now()).toMatchObject({ is: 'closed', keys: [] })
  const knowing = await openHere()
  knowing.take(closed(key('shop')))
  knowing.refused()
  expect(knowing.now()).toMatchObject({ is: 'closed', keys: [{ consumer: 'shop' }] })
})

test('each limited consumer counts in a place of its own, the same for all of its keys and for ever', async () => {
  const admitting = await openHere()
  const slots = () => {
    const now = admitting.now()
    return now.is === 'closed' ? now.keys.map(({ slot }) => slot) : []
  }
  admitting.take(closed(key('a', 5), key('b'), key('c', 1), key('a', 5)))
  expect(slots()).toEqual([0, null, 1, 0])
  admitting.take(closed(key('d', 5), key('c', 1)))
  expect(slots()).toEqual([2, 1])
})
