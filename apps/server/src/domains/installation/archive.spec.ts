import { readdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import {
  backupInstallation,
  createProject,
  DeploymentName,
  getArtifact,
  getDeployment,
  installationStatus,
  listModels,
  listVersions,
  ModelName,
  ProjectName,
  restoreInstallation,
  swapDeployment,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { startPostgres, type TestPostgresOrReason } from '../../../../../dev/services/postgres.ts'
import {
  DEFAULT,
  deploy,
  digestOf,
  pushVersion,
  type ScratchServer,
  startScratchServer,
} from '../../scratch-server.fixture.ts'
import { startFakeRunner, type FakeRunner } from '../runners/fake-runner.fixture.ts'
import { changed, packed, unpack } from './archive.fixture.ts'

/** The installation that is backed up, and another one that archives are put into. */
let source: ScratchServer
let target: ScratchServer
let runner: FakeRunner
/** Of the source as it was before the first test, and what was in it. */
let archive: Buffer
let before: Awaited<ReturnType<typeof contents>>
let postgres: TestPostgresOrReason | undefined
let onPostgres: ScratchServer | undefined
const other = ProjectName.parse('other')
const deployment = DeploymentName.parse('sums')
const one = { params: { project: DEFAULT, deployment }, query: undefined, body: undefined }
const inDefault = { params: { project: DEFAULT }, query: {}, body: undefined }
const nothing = { params: undefined, query: undefined, body: undefined }

beforeAll(async () => {
  ;[source, target] = await Promise.all([startScratchServer(), startScratchServer()])
  runner = await startFakeRunner(source.client, 'runner-0')
  await pushVersion(source.client, 'sum', 'first')
  await deploy(source.client, 'sums', 'sum')
  const second = await pushVersion(source.client, 'sum', 'second')
  await source.client.call(swapDeployment, { ...one, body: { version: second.version } })
  archive = await backup(source)
  before = await contents(source.client)
  postgres = await startPostgres()
  if ('missing' in postgres) leaveOut('backup and restore on PostgreSQL', postgres.missing)
  else onPostgres = await startScratchServer({ STEAD_DATABASE_URL: await postgres.createDatabase() })
})
afterAll(async () => {
  await runner?.fallSilent()
  await Promise.all([source?.close(), target?.close(), onPostgres?.close()])
  if (postgres && 'stop' in postgres) await postgres.stop()
})

const backup = async ({ client }: ScratchServer) =>
  Buffer.from(await (await client.open(backupInstallation, nothing)).arrayBuffer())
const restore = ({ client }: ScratchServer, archive: Uint8Array, replace = false) =>
  client.send(
    restoreInstallation,
    { ...nothing, query: { replace: replace ? 'true' : 'false' } },
    { body: archive, size: archive.length },
  )

/** All that a caller sees, and that tells one installation from another. */
async function contents(client: Client) {
  const { models } = await client.call(listModels, inDefault)
  const versions = await Promise.all(models.map(async ({ name }) => versionsOf(client, name)))
  const { deployments } = await client.call(installationStatus, nothing)
  return { models, versions, tables: deployments.map(({ name, table, createdAt }) => ({ name, table, createdAt })) }
}

async function versionsOf(client: Client, model: string) {
  const params = { project: DEFAULT, model: ModelName.parse(model) }
  return (await client.call(listVersions, { params, query: { limit: 1000 }, body: undefined })).versions
}

const read = async (client: Client, digest: ReturnType<typeof digestOf>) =>
  Buffer.from(
    await (
      await client.open(getArtifact, { params: { project: DEFAULT, digest }, query: undefined, body: undefined })
    ).arrayBuffer(),
  )

test('an archive puts everything into an empty home: rows, artifacts, ids and times', async () => {
  const told = await restore(target, archive)
  expect(told).toMatchObject({ artifacts: 2, tables: { models: 1, versions: 2, deployments: 1, generations: 2 } })
  expect(await contents(target.client)).toEqual(before)
  expect((await read(target.client, digestOf('second'))).toString()).toBe('second')
})

test('a home that holds models is refused unless told to replace them, and keeps what it has', async () => {
  await pushVersion(target.client, 'another', 'mine')
  const own = await contents(target.client)
  await expect(restore(target, archive)).rejects.toMatchObject({ code: 'home_not_empty', status: 409 })
  expect(await contents(target.client)).toEqual(own)

  await restore(target, archive, true)
  expect(await contents(target.client)).toEqual(before)
  await expect(read(target.client, digestOf('mine'))).rejects.toMatchObject({ code: 'artifact_not_found' })
})

/** All its tables are of one moment: no row knows of another one that is not there yet. */
async function expectOneState(taken: Buffer): Promise<void> {
  const entries = await unpack(taken)
  const rowsOf = (table: string) => {
    const lines = entries
      .find(({ name }) => name === `tables/${table}.jsonl`)
      ?.bytes.toString()
      .trimEnd()
    return lines ? lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) : []
  }
  const owned = new Set(rowsOf('artifacts').map(({ digest }) => digest))
  const versions = rowsOf('versions')
  for (const { id, last_version: last } of rowsOf('models')) {
    expect(versions.filter(({ model_id }) => model_id === id).length).toBe(last)
  }
  for (const { files } of versions) {
    for (const { digest } of files as { digest: string }[]) expect(owned.has(digest)).toBe(true)
  }
}

test.for(['embedded', 'PostgreSQL'])(
  'a backup taken while versions are pushed, on %s, is a state that existed',
  async (database, context) => {
    const busy = database === 'embedded' ? source : onPostgres
    if (busy === undefined) return context.skip()
    let pushing = true
    let pushed = 0
    const pushers = Array.from({ length: 4 }, async (_, pusher) => {
      for (; pushing; pushed++) await pushVersion(busy.client, 'busy', `by pusher ${pusher} after ${pushed}`)
    })
    const until = async (count: number) => {
      while (pushed < count) await pause(2)
    }
    await until(5)
    const atLeast = pushed
    // The embedded database lends itself to one transaction at a time: only PostgreSQL could mix two moments.
    const taken = [await backup(busy)]
    while (taken.length < (database === 'embedded' ? 2 : 6)) taken.push(await backup(busy))
    const meanwhile = await backup(busy)
    const atMost = pushed + pushers.length
    await until(atMost)
    pushing = false
    await Promise.all(pushers)
    for (const one of taken) await expectOneState(one)

    await restore(target, meanwhile, true)
    const versions = await versionsOf(target.client, 'busy')
    expect(versions.length).toBeGreaterThanOrEqual(atLeast)
    expect(versions.length).toBeLessThanOrEqual(atMost)
    expect(versions.map(({ version }) => Number(version))).toEqual(
      Array.from({ length: versions.length }, (_, index) => versions.length - index),
    )
    const { models } = await target.client.call(listModels, inDefault)
    expect(models.find(({ name }) => name === 'busy')?.latestVersion).toBe(versions.length)
    for (const { files } of versions) {
      for (const { digest } of files) expect(digestOf(await read(target.client, digest))).toBe(digest)
    }
    // The next number is the one that follows in the restored state.
    const next = await pushVersion(target.client, 'busy', 'after the restore')
    expect(Number(next.version)).toBe(versions.length + 1)
  },
)

test('a backup whose reader goes away leaves nothing lying about', async () => {
  const gone = new AbortController()
  const answer = await source.client.open(backupInstallation, { ...nothing, signal: gone.signal })
  await answer.body?.getReader().read()
  gone.abort()
  while ((await readdir(source.home)).some((name) => name.startsWith('backup-'))) await pause(5)
})

const SPOILED: Record<string, (archive: Buffer) => Buffer | Promise<Buffer>> = {
  'is empty': () => Buffer.alloc(0),
  'is no tar': () => Buffer.from('a letter to somebody else '.repeat(100)),
  'is a tar of something else': () => packed([{ name: 'letter.txt', bytes: Buffer.from('dear') }]),
  'was cut within a table': (archive) => archive.subarray(0, archive.indexOf('tables/versions.jsonl') + 700),
  'was cut within an artifact': (archive) => archive.subarray(0, archive.lastIndexOf('artifacts/') + 512),
  'lacks an artifact at its end': async (archive) => packed((await unpack(archive)).slice(0, -1)),
  'lacks rows': (archive) =>
    changed(archive, (entry) =>
      entry.name === 'tables/versions.jsonl' ? { ...entry, bytes: Buffer.alloc(0) } : entry,
    ),
  'holds rows that are not JSON': (archive) =>
    changed(archive, (entry) =>
      entry.name === 'tables/models.jsonl'
        ? { ...entry, bytes: Buffer.from(entry.bytes.toString().replaceAll('{', '')) }
        : entry,
    ),
  'holds rows that refer to nothing': (archive) =>
    changed(archive, (entry) =>
      entry.name === 'tables/deployments.jsonl'
        ? { ...entry, bytes: Buffer.from(entry.bytes.toString().replace(/"model_id":"[^"]+"/, '"model_id":"nobody"')) }
        : entry,
    ),
  'holds an entry that no backup has': async (archive) =>
    packed([...(await unpack(archive)), { name: '../../outside', bytes: Buffer.from('x') }]),
  'was written by a newer Stead': (archive) =>
    changed(archive, (entry) =>
      entry.name === 'stead-backup.json'
        ? {
            ...entry,
            bytes: Buffer.from(entry.bytes.toString().replace('"migrations": [', '"migrations": ["9999-later",')),
          }
        : entry,
    ),
}

test.for(Object.entries(SPOILED))('an archive that %s changes nothing', async ([, spoil]) => {
  const spoiled = await spoil(archive)
  await pushVersion(target.client, 'kept', 'kept')
  const kept = await contents(target.client)
  await expect(restore(target, spoiled, true)).rejects.toMatchObject({ code: 'invalid_request' })
  expect(await contents(target.client)).toEqual(kept)
  expect((await readdir(target.home)).filter((name) => name.startsWith('restore-'))).toEqual([])
})

test('an artifact whose bytes are not those of its digest is refused, and nothing changes', async () => {
  const forged = await changed(archive, (entry) =>
    entry.name.startsWith('artifacts/')
      ? { ...entry, bytes: Buffer.from(entry.bytes.toString().toUpperCase()) }
      : entry,
  )
  await pushVersion(target.client, 'kept', 'kept')
  const kept = await contents(target.client)
  await expect(restore(target, forged, true)).rejects.toMatchObject({ code: 'digest_mismatch' })
  expect(await contents(target.client)).toEqual(kept)
})

test('a restore under a running server: runners are told at once, and what was remembered is forgotten', async () => {
  const live = await startScratchServer()
  const follower = await startFakeRunner(live.client, 'runner-1')
  try {
    await pushVersion(live.client, 'other', 'other')
    await deploy(live.client, 'others', 'other')
    await pushVersion(live.client, 'same', 'of the same name')
    await deploy(live.client, 'sums', 'same')
    const inOther = { ...inDefault, params: { project: other } }
    await live.client.call(createProject, { ...nothing, body: { name: other } })
    await live.client.call(listModels, inOther)
    const earlier = follower.desired.get('sums')?.id

    await restore(live, archive, true)
    await follower.until((desired) => !desired.has('others') && desired.get('sums')?.table?.generation === 2)
    const wanted = runner.desired.get('sums')
    expect(follower.desired.get('sums')).toEqual(wanted)
    expect(wanted?.id).not.toBe(earlier)
    expect(await live.client.call(getDeployment, one)).toMatchObject({ table: { generation: 2, model: 'sum' } })

    await expect(live.client.call(listModels, inOther)).rejects.toMatchObject({ code: 'project_not_found' })
    // The next server of this home must wait for the runner that is connected, not only for those of the archive.
    const expected = (await unpack(await backup(live))).find(({ name }) => name === 'tables/runners.jsonl')
    expect(expected?.bytes.toString()).toContain('"runner-1"')
    // The next change goes on from the restored generation.
    const third = await pushVersion(live.client, 'sum', 'third')
    const { generation } = await live.client.call(swapDeployment, { ...one, body: { version: third.version } })
    expect(Number(generation)).toBe(3)
  } finally {
    await follower.fallSilent()
    await live.close()
  }
})

test('an archive of the embedded database goes into PostgreSQL, and one of PostgreSQL back', async (context) => {
  if (onPostgres === undefined) return context.skip()
  await restore(onPostgres, archive, true)
  expect(await contents(onPostgres.client)).toEqual(before)
  await pushVersion(onPostgres.client, 'sum', 'made on PostgreSQL')
  await restore(target, await backup(onPostgres), true)
  expect(await contents(target.client)).toEqual(await contents(onPostgres.client))
  expect(await versionsOf(target.client, 'sum')).toHaveLength(3)
})
