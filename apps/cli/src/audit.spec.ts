import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditEntry, canonicalOf, CHAIN_BEGINS, signedTextOf } from '@stead/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakePlatform, startFakePlatform } from './fake-platform.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'

const AT = '2026-01-01T00:00:00.000Z'
const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()
const fingerprint = (key: KeyObject) => sha256(key.export({ type: 'spki', format: 'der' }))

let folder: string
let platform: FakePlatform | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-cli-audit-'))
})
afterEach(async () => {
  await platform?.close()
  platform = undefined
  await rm(folder, { recursive: true, force: true })
})

function entries(count: number): AuditEntry[] {
  let previous = CHAIN_BEGINS
  return Array.from({ length: count }, (_, at) => {
    const facts = {
      chain: 'default',
      sequence: at + 1,
      at: AT,
      outcome: 'done',
      act: 'alias.set',
      actor: 'ada',
      credential: null,
      from: '127.0.0.1',
      request: null,
      subject: `weather@a${at}`,
      digest: null,
      before: null,
      after: { version: at },
      reason: '',
      times: 1,
    }
    const hash = sha256(`${previous}\n${canonicalOf(facts)}`)
    const entry = { ...facts, previous, hash } as unknown as AuditEntry
    previous = hash
    return entry
  })
}

function checkpoint({ chain, sequence, hash }: AuditEntry, by = { publicKey, privateKey }) {
  const facts = { chain, sequence, head: hash, at: AT, key: fingerprint(by.publicKey) } as never
  const signature = sign(null, Buffer.from(signedTextOf(facts)), by.privateKey).toString('base64')
  return { ...(facts as object), signature }
}

/** The lines of an export with checkpoints at the entries named. */
function log(told: readonly AuditEntry[], signed: readonly number[] = [told.length], by = { publicKey, privateKey }) {
  return [
    { kind: 'key', chain: 'default', key: fingerprint(by.publicKey), publicKey: pemOf(by.publicKey) },
    ...told.map((entry) => ({ kind: 'entry', ...entry })),
    ...signed.map((sequence) => ({ kind: 'checkpoint', ...checkpoint(told[sequence - 1]!, by) })),
  ]
}

async function file(name: string, lines: readonly object[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return path
}

const verify = async (lines: readonly object[], ...args: string[]) =>
  stead(['audit', 'verify', await file('log.jsonl', lines), ...args], { env: {} })

test('an export is checked without any server, and the key is named for comparison', async () => {
  const { code, stdout, stderr } = await verify(log(entries(5), [2, 5]))
  expect(code).toBe(0)
  expect(stdout).toContain('the log is whole: 5 entries of the chain default, signed up to entry 5')
  expect(stderr).toContain(fingerprint(publicKey))
  const told = await verify(log(entries(5)), '--json')
  expect(JSON.parse(told.stdout)).toMatchObject({ whole: true, entries: 5, key: fingerprint(publicKey) })
})

const whole: readonly Readonly<Record<string, unknown>>[] = log(entries(5), [2, 5])
const tampered: [string, readonly object[], string][] = [
  ['altered', whole.with(2, { ...whole[2], actor: 'eve' }), 'entry 2 of the log: it was altered'],
  ['removed', whole.toSpliced(2, 1), 'entry 2 of the log: removed'],
  ['put in', whole.toSpliced(3, 0, whole[1]!), 'entry 1 of the log: put in or moved'],
  ['moved', whole.with(2, whole[3]!).with(3, whole[2]!), 'entry 2 of the log: removed, or moved'],
  ['cut off', whole.toSpliced(4, 2), 'entries 4 to 5 of the log: cut off'],
  ['not to be read', whole.with(2, { kind: 'entry' }), 'entry 2 of the log: it cannot be read'],
  ['added after the last checkpoint', [...whole.slice(0, 6), whole[6]!], 'entries 3 to 5 of the log: no checkpoint'],
  ['without a checkpoint', whole.slice(0, 6), 'holds no checkpoint'],
  ['without a key', whole.slice(1), 'does not say with which key'],
]

test.each(tampered)('a log that was %s is refused, and says where', async (_, lines, says) => {
  const { code, stderr } = await verify(lines)
  expect(stderr).toContain(says)
  expect(code).toBe(1)
})

test('a checkpoint that was altered has a wrong signature', async () => {
  const { code, stderr } = await verify(whole.with(7, { ...whole[7], at: '2026-02-01T00:00:00.000Z' }))
  expect([code, stderr]).toEqual([1, expect.stringContaining('the checkpoint of entry 5 has a wrong signature')])
})

test('a log that somebody else signed is whole by its own key, and foreign by the right one', async () => {
  const other = generateKeyPairSync('ed25519')
  const forged = log(entries(3), [3], other)
  expect((await verify(forged)).code).toBe(0)
  const key = join(folder, 'public.pem')
  await writeFile(key, pemOf(publicKey))
  const { code, stderr } = await verify(forged, '--key', key)
  expect([code, stderr]).toEqual([1, expect.stringContaining('was signed with a foreign key')])
  expect((await verify(whole, '--key', key)).code).toBe(0)
})

test('checkpoints that were kept elsewhere find what was cut off with its checkpoints, or linked anew', async () => {
  const all = entries(5)
  const journal = await file('checkpoints.jsonl', [
    ...[2, 5].map((at) => checkpoint(all[at - 1]!)),
    { ...checkpoint({ ...all[0]!, chain: 'another' }) },
  ])
  expect((await verify(log(all), '--checkpoints', journal)).code).toBe(0)
  const cut = await verify(log(all.slice(0, 3)), '--checkpoints', journal)
  expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('entries 4 to 5 of the log: cut off')])
  const { previous: _, hash: __, ...facts } = { ...all[0]!, actor: 'eve' }
  const first = {
    ...facts,
    previous: CHAIN_BEGINS,
    hash: sha256(`${CHAIN_BEGINS}\n${canonicalOf(facts)}`),
  } as AuditEntry
  const anew = await verify(log([first]), '--checkpoints', journal)
  expect(anew.code).toBe(1)
})

test('without a file the log of the server is exported and checked; an export appears only when it is whole', async () => {
  const body = Buffer.from(whole.map((line) => `${JSON.stringify(line)}\n`).join(''))
  platform = await startFakePlatform({ exportAudit: () => body, exportInstallationAudit: () => body })
  const env = { STEAD_URL: platform.url }
  expect((await stead(['audit', 'verify'], { env })).stdout).toContain('the log is whole')
  expect((await stead(['audit', 'verify', '--installation'], { env })).code).toBe(0)
  const to = join(folder, 'out.jsonl')
  expect((await stead(['audit', 'export', '--to', to], { env })).code).toBe(0)
  expect(await readFile(to)).toEqual(body)
  expect(await readdir(folder)).toEqual(['out.jsonl'])
  expect(platform.calls.map(({ name }) => name)).toEqual(['exportAudit', 'exportInstallationAudit', 'exportAudit'])
})

test('the list is oldest first, tells what was denied, and how far it is whole', async () => {
  const [one, two] = entries(2)
  const denied = { ...two!, outcome: 'denied', times: 7 }
  platform = await startFakePlatform({
    listAudit: () => ({ entries: [denied, one], next: null, verified: { sequence: 2, at: AT }, broken: null }),
    listInstallationAudit: () => ({
      entries: [],
      next: null,
      verified: null,
      broken: { sequence: 4, why: 'it was altered' },
    }),
  })
  const env = { STEAD_URL: platform.url }
  const { stdout, stderr } = await stead(['audit', 'list', '--actor', 'ada', '--limit', '2'], { env })
  expect(stdout.trim().split('\n')).toEqual([
    `1  ${AT}  alias.set               weather@a0  by ada`,
    `2  ${AT}  alias.set               weather@a1  by ada  denied 7 times`,
  ])
  expect(stderr).toContain('whole up to entry 2')
  expect(platform.calls[0]?.request.query).toMatchObject({ actor: 'ada', limit: 2 })
  const broken = await stead(['audit', 'list', '--installation'], { env })
  expect(broken.stderr).toContain('the log is broken: entry 4: it was altered')
})
