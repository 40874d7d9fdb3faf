import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@stead/chassis'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  type Delivery,
  listAudit,
  listDeliveries,
  listWebhooks,
  redeliver,
  setAlias,
  testWebhook,
  WebhookName,
} from '@stead/contracts'
import type { AliasName, ModelName, VersionNumber, WebhookEvent } from '@stead/contracts'
import { type Client, createClient } from '@stead/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { layDatabase } from '../../../../../dev/laws/template.ts'
import { configFrom } from '../../config.ts'
import { readServerEnvironment } from '../../env.ts'
import { describeOverWire, type MlflowWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { startServer } from '../../start.ts'
import { type Receiver, startReceiver } from './receiver.fixture.ts'

const PARAMS = { project: DEFAULT }
const SECRET = 'a-secret-that-nobody-is-told'

let receiver: Receiver
beforeAll(async () => void (receiver = await startReceiver()))
afterAll(() => receiver.close())

const make = (client: Client, events: WebhookEvent[], more: object = {}) =>
  client.call(createWebhook, {
    params: PARAMS,
    body: { name: WebhookName.parse('hook'), url: receiver.url, events, secret: SECRET, ...more },
  })
const deliveriesOf = async (client: Client, webhook: string) =>
  (await client.call(listDeliveries, { params: { ...PARAMS, webhook }, query: {} })).deliveries

/** Waits for a state that comes by itself. */
async function settled(
  client: Client,
  webhook: string,
  isSo: (deliveries: Delivery[]) => boolean,
): Promise<Delivery[]> {
  for (;;) {
    const deliveries = await deliveriesOf(client, webhook)
    if (isSo(deliveries)) return deliveries
    await new Promise((soon) => setTimeout(soon, 50))
  }
}

describeOverWire('webhooks', (wire) => {
  const made: string[] = []
  const begin = async (events: WebhookEvent[], more: object = {}) => {
    const webhook = await make(wire.server.client, events, more)
    made.push(webhook.id)
    return { webhook, before: receiver.received.length }
  }
  afterEach(async () => {
    for (const webhook of made.splice(0))
      await wire.server.client.call(deleteWebhook, { params: { ...PARAMS, webhook } }).catch(() => {})
  })
  const bodies = (from: number) => receiver.received.slice(from).map(({ body }) => JSON.parse(body) as object)

  test('are told of what comes after them, in order and signed', async () => {
    await wire.post('registered-models/create', { name: 'earlier' })
    const { before } = await begin(['registered_model.created', 'model_version.created', 'model_version_tag.set'])
    const tags = [{ key: 'team', value: 'ü' }]
    await wire.post('registered-models/create', { name: 'told', tags, description: 'of weather' })
    const version = { name: 'told', source: 's3://bucket/x', run_id: 'r1', description: 'first' }
    await wire.post('model-versions/create', version)
    await wire.post('model-versions/set-tag', { name: 'told', version: '1', key: 'k', value: 'v' })
    await receiver.until(before + 3)
    expect(bodies(before)).toEqual([
      told('registered_model', 'created', { name: 'told', tags: { team: 'ü' }, description: 'of weather' }),
      told('model_version', 'created', {
        name: 'told',
        version: '1',
        source: 's3://bucket/x',
        run_id: 'r1',
        tags: expect.any(Object) as object,
        description: 'first',
      }),
      told('model_version_tag', 'set', { name: 'told', version: '1', key: 'k', value: 'v' }),
    ])
    for (const { headers, body } of receiver.received.slice(before)) {
      const signed = `${String(headers['x-mlflow-delivery-id'])}.${String(headers['x-mlflow-timestamp'])}.${body}`
      const signature = createHmac('sha256', SECRET).update(signed).digest('base64')
      expect(headers['x-mlflow-signature']).toBe(`v1,${signature}`)
      expect(Math.abs(Number(headers['x-mlflow-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
    }
  })

  test('are told of models and versions that were pushed and of aliases, like of those that MLflow made', async () => {
    const { before, webhook } = await begin([
      'registered_model.created',
      'model_version.created',
      'model_version_alias.created',
    ])
    await pushVersion(wire.server.client, 'pushed', 'export {}')
    await pushVersion(wire.server.client, 'pushed', 'export const again = 1')
    const alias = { ...PARAMS, model: 'pushed' as ModelName, alias: 'champion' as AliasName }
    await wire.server.client.call(setAlias, { params: alias, body: { version: 1 as VersionNumber } })
    await receiver.until(before + 4)
    const version = (number: string): unknown =>
      expect.objectContaining({
        entity: 'model_version',
        data: expect.objectContaining({ name: 'pushed', version: number }) as object,
      })
    expect(bodies(before)).toEqual([
      told('registered_model', 'created', { name: 'pushed', tags: {}, description: '' }),
      version('1'),
      version('2'),
      told('model_version_alias', 'created', { name: 'pushed', alias: 'champion', version: '1' }),
    ])
    const [newest] = await settled(wire.server.client, webhook.id, (all) =>
      all.every(({ state }) => state === 'delivered'),
    )
    expect(newest).toMatchObject({ attempts: 1, nextAt: null, log: [{ status: 200, answer: 'thanks', error: null }] })
  })

  test('are told of prompts in words of their own', async () => {
    const { before } = await begin(['prompt.created', 'prompt_version.created', 'registered_model.created'])
    const prompt = { key: 'mlflow.prompt.is_prompt', value: 'true' }
    await wire.post('registered-models/create', { name: 'greet', tags: [prompt] })
    const tags = [prompt, { key: 'mlflow.prompt.text', value: 'Hello {{name}}' }]
    await wire.post('model-versions/create', { name: 'greet', source: 'dummy-source', tags })
    await receiver.until(before + 2)
    expect(bodies(before)).toMatchObject([
      { entity: 'prompt', action: 'created', data: { name: 'greet' } },
      { entity: 'prompt_version', action: 'created', data: { version: '1', template: 'Hello {{name}}' } },
    ])
  })

  test('are told again while the receiver is busy, under the same id, and not once it says no', async () => {
    const { webhook, before } = await begin(['registered_model.created'])
    receiver.answer([503, { 'retry-after': '0' }], [429], [200])
    await wire.post('registered-models/create', { name: 'again' })
    const [busy] = await settled(wire.server.client, webhook.id, ([one]) => one?.state === 'delivered')
    expect(busy).toMatchObject({ attempts: 3, log: [{ status: 503 }, { status: 429 }, { status: 200 }] })
    const ids = receiver.received.slice(before).map(({ headers }) => headers['x-mlflow-delivery-id'])
    expect(ids).toEqual([busy!.id, busy!.id, busy!.id])
    receiver.answer([410])
    await wire.post('registered-models/create', { name: 'refused' })
    const [refused] = await settled(wire.server.client, webhook.id, (all) => all[0]?.state === 'failed')
    expect(refused).toMatchObject({ attempts: 1, log: [{ status: 410 }] })
    const { webhooks } = await wire.server.client.call(listWebhooks, { params: PARAMS })
    expect(webhooks.find(({ id }) => id === webhook.id)?.last).toEqual({
      id: refused!.id,
      event: 'registered_model.created',
      state: 'failed',
      attempts: 1,
      nextAt: null,
      attempt: refused!.log[0],
    })
    const again = { ...PARAMS, webhook: webhook.id, delivery: refused!.id }
    const { id } = await wire.server.client.call(redeliver, { params: again })
    await settled(wire.server.client, webhook.id, (all) =>
      all.some((one) => one.id === id && one.state === 'delivered'),
    )
    expect(receiver.received.at(-1)!.body).toBe(refused!.body)
  })

  test('are not told while they are disabled, and redirects are not followed', async () => {
    const { webhook } = await begin(['registered_model.created'], { status: 'DISABLED' })
    await wire.post('registered-models/create', { name: 'unheard' })
    const params = { ...PARAMS, webhook: webhook.id }
    await wire.server.client.call(changeWebhook, { params, body: { status: 'ACTIVE' } })
    receiver.answer([302, { location: 'https://169.254.169.254/' }])
    await wire.post('registered-models/create', { name: 'moved' })
    const [moved] = await settled(wire.server.client, webhook.id, (all) => all.some(({ state }) => state === 'failed'))
    expect(moved).toMatchObject({ log: [{ status: 302 }] })
  })

  test('are tried with an example of each event', async () => {
    const { webhook, before } = await begin(['registered_model.created'])
    const params = { ...PARAMS, webhook: webhook.id }
    expect(await wire.server.client.call(testWebhook, { params, body: {} })).toMatchObject({
      success: true,
      status: 200,
    })
    receiver.answer([500])
    const failed = await wire.post(`webhooks/${webhook.id}/test`, {
      event: { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
    })
    expect(failed.body).toEqual({ result: { success: false, response_status: 500, response_body: 'thanks' } })
    expect(bodies(before)).toMatchObject([{ entity: 'registered_model' }, { entity: 'model_version_alias' }])
    expect(await deliveriesOf(wire.server.client, webhook.id)).toEqual([])
  })

  test('never give their secret back, to nobody and in no record', async () => {
    const { webhook } = await begin(['registered_model.created'], { url: `${receiver.url}/path-that-is-secret` })
    const { client } = wire.server
    await client.call(changeWebhook, { params: { ...PARAMS, webhook: webhook.id }, body: { secret: `${SECRET}-new` } })
    const told = [
      webhook,
      await client.call(listWebhooks, { params: PARAMS }),
      (await wire.get('webhooks')).body,
      (await wire.get(`webhooks/${webhook.id}`)).body,
    ]
    expect(JSON.stringify(told)).not.toContain(SECRET)
    const { entries } = await client.call(listAudit, { params: PARAMS, query: { act: 'webhook' } })
    expect(entries.map(({ act }) => act)).toEqual(expect.arrayContaining(['webhook.created', 'webhook.changed']))
    expect(JSON.stringify(entries)).not.toContain('secret-')
    expect(JSON.stringify(entries)).not.toContain('path-that-is-secret')
    const key = join(wire.server.home, 'webhooks', 'key')
    expect([(await readFile(key)).length, (await stat(key)).mode & 0o777]).toEqual([32, 0o600])
  })
})

const told = (entity: string, action: string, data: object) => ({
  entity,
  action,
  timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
  data,
})

describeOverWire('webhooks on the wire of MLflow', (wire: MlflowWire) => {
  const event = { entity: 'REGISTERED_MODEL', action: 'CREATED' }
  const asked = (more: object = {}) => ({ name: 'w', url: receiver.url, events: [event], ...more })

  test('are made, listed by pages, changed and deleted', async () => {
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) {
      const { body } = await wire.post('webhooks', asked({ name, description: 'd', secret: 's' }))
      expect(body.webhook).toMatchObject({
        name,
        description: 'd',
        url: receiver.url,
        events: [event],
        status: 'ACTIVE',
      })
      expect(body.webhook).not.toHaveProperty('secret')
      ids.push((body.webhook as { webhook_id: string }).webhook_id)
    }
    const first = await wire.get('webhooks', { max_results: 2 })
    const page_token = String(first.body.next_page_token)
    const second = await wire.get('webhooks', { max_results: 2, page_token })
    const all = [...(first.body.webhooks as object[]), ...(second.body.webhooks as object[])]
    expect(all.map((one) => (one as { name: string }).name)).toEqual(['three', 'two', 'one'])
    expect(second.body).not.toHaveProperty('next_page_token')
    const changed = await wire.send('PATCH', `webhooks/${ids[0]}`, { status: 'DISABLED', events: [] })
    expect(changed.body.webhook).toMatchObject({ name: 'one', status: 'DISABLED', events: [event] })
    for (const id of ids) expect((await wire.send('DELETE', `webhooks/${id}`, {})).body).toEqual({})
    expect((await wire.get('webhooks')).body).toEqual({})
    expect(await wire.get(`webhooks/${ids[0]}`)).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Webhook with ID ${ids[0]} not found.` },
    })
  })

  test.each([
    ['no name', { name: undefined }, "Missing value for required parameter 'name'"],
    ['no events', { events: [] }, "Missing value for required parameter 'events'"],
    ['a name with blanks', { name: 'a b' }, "Webhook name 'a b' is invalid."],
    [
      'an event that does not happen',
      { events: [{ ...event, action: 'UPDATED' }] },
      "Invalid action 'updated' for entity",
    ],
    ['no address', { url: 'nothing' }, 'Invalid webhook URL'],
    ['a file', { url: 'file:///etc/passwd' }, "Invalid webhook URL scheme: 'file'. Allowed schemes are: https."],
    ['plain HTTP', { url: 'http://1.1.1.1/' }, "Invalid webhook URL scheme: 'http'. Allowed schemes are: https."],
    ['a private machine', { url: 'https://10.0.0.1/' }, 'must not resolve to a non-public IP address'],
    ['the metadata of a cloud', { url: 'https://169.254.169.254/' }, 'must not resolve to a non-public IP address'],
    ['a machine by its number', { url: 'https://2852039166/' }, 'must not resolve to a non-public IP address'],
    ['IPv6 around IPv4', { url: 'https://[::ffff:10.0.0.1]/' }, 'must not resolve to a non-public IP address'],
    ['credentials', { url: 'https://me:pass@1.1.1.1/' }, 'must not hold credentials'],
    ['a state that nobody knows', { status: 'DELETED' }, "parameter 'status'"],
    ['a secret of any length', { secret: 'x'.repeat(1001) }, "parameter 'secret'"],
  ])('are refused with %s', async (_what, more, says) => {
    const { status, body } = await wire.post('webhooks', asked(more))
    expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
    expect(body.message).toContain(says)
  })
})

describe('a webhook', () => {
  test('reaches this machine only while nobody else reaches the server', async () => {
    const exposed = await startScratchServer({ STEAD_ALLOWED_HOSTS: 'stead.example.org' })
    await expect(make(exposed.client, ['prompt.created'])).rejects.toMatchObject({ code: 'webhook_refused' })
    await exposed.close()
  })

  test('is told after a restart of what happened before, and nothing twice that arrived', async () => {
    const home = await mkdtemp(join(tmpdir(), 'stead-hooks-'))
    await layDatabase(home)
    const open = async (): Promise<Pick<ScratchServer, 'close'> & { client: Client }> => {
      const config = configFrom(readServerEnvironment({ STEAD_HOME: home, STEAD_PORT: '0', STEAD_LOG: 'silent' }))
      const server = await startServer(config, { log: createLog({ name: 'server', level: 'silent' }) })
      return { close: () => server.close(), client: createClient({ url: server.url }) }
    }
    const before = receiver.received.length
    let server = await open()
    const { id } = await make(server.client, ['model_version.created'])
    await pushVersion(server.client, 'a', 'export {}')
    await settled(server.client, id, (all) => all[0]?.state === 'delivered')
    receiver.answer([503, { 'retry-after': '2' }])
    await pushVersion(server.client, 'b', 'export {}')
    await settled(server.client, id, (all) => all[0]?.attempts === 1)
    // Nobody has turned this one into a delivery when the server ends.
    await pushVersion(server.client, 'c', 'export {}')
    await server.close()
    server = await open()
    await settled(server.client, id, (all) => all.length === 3 && all.every(({ state }) => state === 'delivered'))
    await server.close()
    await rm(home, { recursive: true, force: true })
    const names = receiver.received
      .slice(before)
      .map(({ body }) => (JSON.parse(body) as { data: { name: string } }).data.name)
    expect(names.toSorted()).toEqual(['a', 'b', 'b', 'c'])
  })
})
