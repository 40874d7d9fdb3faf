import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addGolden,
  AliasName,
  backupInstallation,
  createProject,
  deleteAlias,
  deleteDeployment,
  deleteModel,
  deleteVersion,
  DeploymentName,
  exportAudit,
  exportInstallationAudit,
  GoldenName,
  listAudit,
  listEvents,
  listInstallationAudit,
  ModelName,
  ProjectName,
  removeGolden,
  restoreInstallation,
  rollbackDeployment,
  setAlias,
  swapDeployment,
} from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog } from '../../../../cli/src/audit-log.ts'
import {
  DEFAULT,
  deploy,
  digestOf,
  pushVersion,
  type ScratchServer,
  startScratchServer,
} from '../../scratch-server.fixture.ts'
import { startFakeRunner, type FakeRunner } from '../runners/fake-runner.fixture.ts'

let server: ScratchServer
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
  runner = await startFakeRunner(server.client, 'runner-0')
})
afterAll(async () => {
  await runner.fallSilent()
  await server.close()
})

const model = ModelName.parse('sum')
const deployment = DeploymentName.parse('sums')
const one = { params: { project: DEFAULT, deployment } }
const entriesOf = async (client: Client, query: object = {}) =>
  (await client.call(listAudit, { params: { project: DEFAULT }, query: { limit: 500, ...query } })).entries.toReversed()
const installationOf = (client: Client) => client.call(listInstallationAudit, { query: { limit: 500 } })

/** Exports a log and checks it as anybody can. */
async function checked(client: Client, which: typeof exportAudit | typeof exportInstallationAudit = exportAudit) {
  const folder = await mkdtemp(join(tmpdir(), 'stead-export-'))
  try {
    const path = join(folder, 'log.jsonl')
    const response =
      which === exportAudit
        ? await client.open(exportAudit, { params: { project: DEFAULT } })
        : await client.open(exportInstallationAudit, {})
    await writeFile(path, Buffer.from(await response.arrayBuffer()))
    return await checkLog(path, {})
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('every change is in the log with who, from where, on what, before and after', async () => {
  const { client } = server
  await pushVersion(client, 'sum', 'first')
  await pushVersion(client, 'sum', 'second')
  const alias = { project: DEFAULT, model, alias: AliasName.parse('champion') }
  for (const version of [1, 2])
    await client.call(setAlias, { params: alias, body: { version: version as VersionNumber } })
  await client.call(deleteAlias, { params: alias })
  await deploy(client, 'sums', 'sum', 1 as VersionNumber)
  await client.call(swapDeployment, { ...one, body: { version: 2, reason: 'better' } })
  await client.call(rollbackDeployment, { ...one, body: {} })
  runner.refuse('loads')
  await client.call(swapDeployment, { ...one, body: { version: 2, reason: 'again' } }).catch(() => {})
  runner.refuse()
  const request = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1, 2], data: [1, 2] }] }
  const name = GoldenName.parse('kept')
  await client.call(addGolden, { ...one, body: { name, request } as never })
  await client.call(removeGolden, { params: { ...one.params, golden: name } as never })
  await client.call(deleteDeployment, one)
  await client.call(deleteVersion, { params: { project: DEFAULT, model, version: 1 as VersionNumber } })
  await client.call(deleteModel, { params: { project: DEFAULT, model } })

  const entries = await entriesOf(client)
  expect(entries.map(({ act, subject }) => `${act} ${subject}`)).toEqual([
    `artifact.stored ${digestOf('first')}`,
    'model.created sum',
    'version.created sum/1',
    `artifact.stored ${digestOf('second')}`,
    'version.created sum/2',
    'alias.set sum@champion',
    'alias.set sum@champion',
    'alias.deleted sum@champion',
    'deployment.deployed sums',
    'deployment.swapped sums',
    'deployment.rolled-back sums',
    'deployment.refused sums',
    'golden.added sums/kept',
    'golden.removed sums/kept',
    'deployment.deleted sums',
    'version.deleted sum/1',
    'model.deleted sum',
  ])
  for (const entry of entries)
    expect(entry).toMatchObject({ actor: 'local', outcome: 'done', from: expect.stringContaining('127.0.0.1') })
  expect(entries.map(({ request: id }) => id)).not.toContain(null)
  const [moved, swapped, refused] = [entries[6]!, entries[9]!, entries[11]!]
  expect(moved).toMatchObject({ before: { version: 1 }, after: { version: 2 } })
  expect(swapped).toMatchObject({
    before: { generation: 1, routes: [{ version: 1 }] },
    after: { generation: 2, routes: [{ version: 2 }] },
    reason: 'better',
    digest: entries[4]!.digest,
  })
  expect(refused).toMatchObject({ after: { kind: 'swap', version: 2 }, reason: 'again' })
  // What the activity feed tells is in the log, and in the same order.
  const { events } = await client.call(listEvents, { params: { project: DEFAULT }, query: { limit: 500 } })
  expect(entries.filter(({ act }) => act !== 'artifact.stored').map(({ act, subject }) => [act, subject])).toEqual(
    events.toReversed().map(({ kind, subject }) => [kind, subject]),
  )
  expect(await checked(client)).toMatchObject({ chain: 'default', entries: entries.length })
})

test('a project has a chain of its own, from its creation on', async () => {
  const { client } = server
  const project = ProjectName.parse('apart')
  const before = (await entriesOf(client)).length
  await client.call(createProject, { body: { name: project } })
  const page = await client.call(listAudit, { params: { project }, query: {} })
  expect(page).toMatchObject({ entries: [{ sequence: 1, act: 'project.created', subject: 'apart' }], broken: null })
  expect(await entriesOf(client)).toHaveLength(before)
})

test('what changed nothing leaves no entry', async () => {
  const { client } = server
  const before = (await entriesOf(client)).length
  await pushVersion(client, 'twice', 'twice')
  const after = (await entriesOf(client)).length
  expect(after).toBe(before + 3)
  const missing = { params: { project: DEFAULT, model: ModelName.parse('nothing') } }
  await expect(client.call(deleteModel, missing)).rejects.toMatchObject({ code: 'model_not_found' })
  expect(await entriesOf(client)).toHaveLength(after)
})

test('the key is for nobody else to read, and is the same after a restart', async () => {
  const folder = join(server.home, 'audit')
  expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600)
  const { key } = await checked(server.client, exportInstallationAudit)
  expect((await readFile(join(folder, 'checkpoints.jsonl'), 'utf8')).includes(key)).toBe(true)
})

test('a server whose key is named and not there does not start', async () => {
  await expect(startScratchServer({ STEAD_AUDIT_KEY: '/nowhere/key.pem' })).rejects.toThrow('STEAD_AUDIT_KEY')
})

const backup = async ({ client }: ScratchServer) =>
  Buffer.from(await (await client.open(backupInstallation, {})).arrayBuffer())
const restore = ({ client }: ScratchServer, archive: Uint8Array) =>
  client.send(restoreInstallation, { query: { replace: 'true' } }, { body: archive, size: archive.length })

test('a restore undoes what was done since the backup, not that it was done', async () => {
  const home = await startScratchServer()
  try {
    await pushVersion(home.client, 'sum', 'kept')
    const archive = await backup(home)
    await pushVersion(home.client, 'sum', 'undone')
    const before = await entriesOf(home.client)
    await restore(home, archive)
    expect(await entriesOf(home.client)).toEqual(before)
    await pushVersion(home.client, 'sum', 'later')
    expect(await checked(home.client)).toMatchObject({ entries: before.length + 2 })
    const { entries, broken } = await installationOf(home.client)
    expect(entries.map(({ act }) => act)).toEqual(['installation.restored', 'installation.backed-up'])
    expect(entries[0]).toMatchObject({ before: { replaced: [] }, actor: 'local' })
    expect(broken).toBeNull()
  } finally {
    await home.close()
  }
})

test('an archive of another installation brings its log, and the entry of it names the chain that it replaced', async () => {
  const [home, other] = await Promise.all([startScratchServer(), startScratchServer()])
  try {
    await pushVersion(home.client, 'mine', 'mine')
    await pushVersion(other.client, 'theirs', 'theirs')
    const [archive, theirs] = [await backup(other), await entriesOf(other.client)]
    const mine = await checked(home.client)
    await restore(home, archive)
    expect(await entriesOf(home.client)).toEqual(theirs)
    const { entries, broken } = await installationOf(home.client)
    expect(entries[0]).toMatchObject({
      act: 'installation.restored',
      before: { replaced: [{ chain: 'default', sequence: 3, head: mine.head }] },
    })
    expect(broken).toBeNull()
    expect(await checked(home.client)).toMatchObject({ entries: 3 })
    expect(await checked(home.client, exportInstallationAudit)).toMatchObject({ entries: 2 })
  } finally {
    await Promise.all([home.close(), other.close()])
  }
})
