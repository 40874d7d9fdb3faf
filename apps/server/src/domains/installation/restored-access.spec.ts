import {
  AccountName,
  backupInstallation,
  createPerson,
  listAudit,
  listModels,
  restoreInstallation,
} from '@stead/contracts'
import { type Client, createClient } from '@stead/sdk'
import { afterEach, expect, test } from 'vitest'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { openBrowser } from '../sessions/browser.fixture.ts'
import { changed } from './archive.fixture.ts'

const PASSWORD = 'a long enough password'
const ada = { name: AccountName.parse('ada'), password: PASSWORD, isInstallationOwner: true }

const opened: ScratchServer[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})
async function started(): Promise<ScratchServer> {
  const server = await startScratchServer()
  opened.push(server)
  return server
}

const backup = async (client: Client) => Buffer.from(await (await client.open(backupInstallation, {})).arrayBuffer())
const restore = (client: Client, archive: Uint8Array) =>
  client.send(restoreInstallation, { query: { replace: 'true' } }, { body: archive, size: archive.length })
const reads = (client: Client) => client.call(listModels, { params: { project: DEFAULT }, query: {} })

async function signedIn({ url }: ScratchServer): Promise<Client> {
  const browser = openBrowser(url)
  await browser.ask('POST', '/api/v1/session', { name: 'ada', password: PASSWORD })
  const made = await browser.ask('POST', '/api/v1/me/tokens', { name: `token ${++tokens}` })
  return createClient({ url, token: (made.body as { secret: string }).secret })
}
let tokens = 0

test('an archive that nobody owned does not open an installation that somebody owns', async () => {
  const [open, closed] = [await started(), await started()]
  await pushVersion(open.client, 'theirs', 'theirs')
  const archive = await backup(open.client)
  await closed.client.call(createPerson, { body: ada })
  const owner = await signedIn(closed)
  await restore(owner, archive)
  await expect(reads(closed.client)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await reads(owner)).models).toMatchObject([{ name: 'theirs' }])
})

test('an archive of a closed installation closes the one that it is put into', async () => {
  const [closed, open] = [await started(), await started()]
  await closed.client.call(createPerson, { body: ada })
  await restore(open.client, await backup(await signedIn(closed)))
  await expect(reads(open.client)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await reads(await signedIn(open))).models).toEqual([])
})

test('an archive from before there were people is taken, and the log goes on', async () => {
  const [old, home] = [await started(), await started()]
  await pushVersion(old.client, 'sum', 'old')
  const later = /^tables\/(people|sessions|members|service_accounts|tokens|consumers|consumer_keys|usage|audit)\.jsonl$/
  const archive = await changed(await backup(old.client), (entry) => {
    if (later.test(entry.name)) return undefined
    if (entry.name !== 'stead-backup.json') return entry
    const manifest = JSON.parse(entry.bytes.toString()) as { migrations: string[]; tables: Record<string, number> }
    const tables = Object.entries(manifest.tables).filter(([table]) => !later.test(`tables/${table}.jsonl`))
    const migrations = manifest.migrations.filter((name) => name !== '0003-access')
    const told = { ...manifest, migrations, tables: Object.fromEntries(tables) }
    return { ...entry, bytes: Buffer.from(JSON.stringify(told)) }
  })
  await pushVersion(home.client, 'mine', 'mine')
  await restore(home.client, archive)
  expect((await reads(home.client)).models).toMatchObject([{ name: 'sum' }])
  const { entries, broken } = await home.client.call(listAudit, { params: { project: DEFAULT }, query: {} })
  expect([entries.map(({ subject }) => subject), broken]).toEqual([['mine/1', 'mine', expect.any(String)], null])
})
