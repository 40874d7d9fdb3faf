import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  backupInstallation,
  changeWebhook,
  createWebhook,
  listWebhooks,
  restoreInstallation,
  testWebhook,
  WebhookName,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { DEFAULT, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type Receiver, startReceiver } from '../webhooks/receiver.fixture.ts'
import { openSecretSealing } from '../webhooks/webhook-key.files.ts'

const SECRET = 'a secret that nobody is told'
const params = { project: DEFAULT }

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())
const opened: ScratchServer[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})
async function started(): Promise<ScratchServer> {
  const server = await startScratchServer()
  opened.push(server)
  return server
}

const make = (client: Client, name: string, more: { secret?: string } = {}) =>
  client.call(createWebhook, {
    params,
    body: { name: WebhookName.parse(name), url: receiver.url, events: ['registered_model.created'], ...more },
  })
const backup = async (client: Client) => Buffer.from(await (await client.open(backupInstallation, {})).arrayBuffer())
const restore = (client: Client, archive: Uint8Array) =>
  client.send(restoreInstallation, { query: { replace: 'true' } }, { body: archive, size: archive.length })

test('a backup has neither the secrets of webhooks nor their key; a restore elsewhere tells which are to be set anew', async () => {
  const [here, there] = [await started(), await started()]
  const signed = await make(here.client, 'signed', { secret: SECRET })
  await make(here.client, 'unsigned')
  const archive = await backup(here.client)
  const key = await readFile(join(here.home, 'webhooks', 'key'))
  for (const kept of [SECRET, key, key.toString('hex'), key.toString('base64')])
    expect(archive.includes(kept)).toBe(false)

  const { lostSecrets } = await restore(there.client, archive)
  expect(lostSecrets).toEqual([{ project: 'default', webhook: signed.id, name: 'signed' }])
  const lost = async () =>
    (await there.client.call(listWebhooks, { params })).webhooks.map(({ name, isSecretLost }) => [name, isSecretLost])
  expect(await lost()).toEqual([
    ['signed', true],
    ['unsigned', false],
  ])
  const one = { ...params, webhook: signed.id }
  const before = receiver.received.length
  expect(await there.client.call(testWebhook, { params: one, body: {} })).toMatchObject({
    success: false,
    error: expect.stringContaining('set it again') as string,
  })
  // Unsigned it would be taken for a stranger's.
  expect(receiver.received).toHaveLength(before)

  await there.client.call(changeWebhook, { params: one, body: { secret: 'another' } })
  expect(await lost()).toContainEqual(['signed', false])
  expect(await there.client.call(testWebhook, { params: one, body: {} })).toMatchObject({ success: true })
  expect(receiver.received.at(-1)?.headers['x-mlflow-signature']).toMatch(/^v1,/)
})

test('where the key is, secrets last: in the same home, and in one that its file was brought to', async () => {
  const here = await started()
  await make(here.client, 'signed', { secret: SECRET })
  expect((await restore(here.client, await backup(here.client))).lostSecrets).toEqual([])
  const home = await mkdtemp(join(tmpdir(), 'stead-key-'))
  await cp(join(here.home, 'webhooks'), join(home, 'webhooks'), { recursive: true })
  const [old, brought] = [await openSecretSealing(here.home), await openSecretSealing(home)]
  expect(brought.open('id', old.seal('id', SECRET))).toBe(SECRET)
  await rm(home, { recursive: true, force: true })
})
