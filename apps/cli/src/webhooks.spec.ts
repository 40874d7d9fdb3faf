import { WEBHOOK_EVENTS } from '@stead/contracts'
import { expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'

const { given, run, asked } = fakeInstallation()

const since = '2026-01-02T03:04:05.000Z'
const webhook = (more: object = {}) => ({
  id: 'hook-1',
  name: 'chat',
  description: '',
  url: 'https://example.org/hook',
  events: ['model_version.created', 'registered_model.created'],
  status: 'ACTIVE',
  hasSecret: true,
  createdAt: since,
  updatedAt: since,
  ...more,
})
const attempt = { at: since, status: 200, took: 12, error: null, answer: 'thanks' }
const last = {
  id: 'delivery-1',
  event: 'model_version.created',
  state: 'delivered',
  attempts: 1,
  nextAt: null,
  attempt,
}
const listed = (more: object = {}) => webhook({ last: null, isSecretLost: false, ...more })
const listWebhooks = () => ({
  webhooks: [listed({ last }), listed({ id: 'hook-2', name: 'ci', status: 'DISABLED', isSecretLost: true })],
})
const delivery = (more: object = {}) => ({
  id: 'delivery-1',
  event: 'model_version.created',
  sequence: 7,
  state: 'pending',
  attempts: 2,
  nextAt: '2026-01-02T03:14:05.000Z',
  log: [
    { ...attempt, status: null, error: 'the connection was refused', answer: '' },
    { ...attempt, status: 503 },
  ],
  body: '{}',
  createdAt: since,
  ...more,
})
const MAKE = 'webhooks create chat --to https://example.org/hook --events'

test('webhooks are told with their state, whether they are signed, and where they go', async () => {
  await given({ listWebhooks })
  const { code, stdout } = await run('webhooks')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^chat +active +yes +2 +https:\/\/example\.org\/hook +answered 200 after 12 ms, .* ago +hook-1$/m,
  )
  expect(stdout).toMatch(/^ci +disabled +secret lost .* nothing yet +hook-2$/m)
  await given({ listWebhooks: () => ({ webhooks: [] }) })
  expect((await run('webhooks')).stderr).toContain('stead webhooks create')
})

test('a webhook is made of an address and events; its secret comes from standard input and never from the line', async () => {
  await given({ createWebhook: () => webhook() })
  const made = await run(`${MAKE} model_version.created,registered_model.created --secret-stdin`, {
    input: 'open sesame\nmore\n',
  })
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('signed, as hook-1') as string })
  expect(asked('createWebhook')?.body).toEqual({
    name: 'chat',
    description: '',
    url: 'https://example.org/hook',
    events: ['model_version.created', 'registered_model.created'],
    status: 'ACTIVE',
    secret: 'open sesame',
  })
  expect(await run(`${MAKE} all --secret-stdin`, { input: '\n' })).toMatchObject({ code: 2 })
  expect(await run(`${MAKE} all --secret hidden`)).toMatchObject({ code: 2 })
})

test('at a terminal the secret is asked for, where nothing is typed there is none', async () => {
  await given({ createWebhook: () => webhook() })
  await run(`${MAKE} all --disabled`, { answer: 'typed' })
  expect(asked('createWebhook')?.body).toMatchObject({ secret: 'typed', status: 'DISABLED', events: WEBHOOK_EVENTS })
  await run(`${MAKE} all`, { answer: '' })
  expect(asked('createWebhook')?.body).not.toHaveProperty('secret')
  await run(`${MAKE} all --no-secret`, { answer: 'typed' })
  expect(asked('createWebhook')?.body).not.toHaveProperty('secret')
})

test('an event that is none is a mistake in the line, and those there are are named', async () => {
  await given({})
  const refused = await run(`${MAKE} model.made`)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('model_version_alias.created')
})

test('what is not named stays as it is; one is found by its name or its id', async () => {
  await given({ listWebhooks, changeWebhook: () => webhook({ status: 'DISABLED' }) })
  expect((await run('webhooks change chat --disable')).stdout).toContain('chat is disabled')
  expect(asked('changeWebhook')).toMatchObject({ params: { webhook: 'hook-1' }, body: { status: 'DISABLED' } })
  await run('webhooks change hook-2 --no-secret')
  expect(asked('changeWebhook')).toMatchObject({ params: { webhook: 'hook-2' }, body: { secret: null } })
  await run('webhooks change chat --new-secret', { answer: 'another' })
  expect(asked('changeWebhook')?.body).toEqual({ secret: 'another' })
  expect(await run('webhooks change chat')).toMatchObject({ code: 2 })
  expect(await run('webhooks change chat --enable --disable')).toMatchObject({ code: 2 })
  expect(await run('webhooks change chat --new-secret')).toMatchObject({ code: 2 })
})

test('a name that nobody or more than one has is refused with the ids', async () => {
  await given({ listWebhooks: () => ({ webhooks: [listed(), listed({ id: 'hook-2' })] }) })
  const twice = await run('webhooks delete chat --yes')
  expect(twice.code).toBe(1)
  expect(twice.stderr).toContain('hook-1, hook-2')
  expect((await run('webhooks delete other --yes')).stderr).toContain('stead webhooks')
})

test('one is deleted after a yes', async () => {
  await given({ listWebhooks, deleteWebhook: () => undefined })
  expect(await run('webhooks delete chat')).toMatchObject({ code: 2 })
  expect(await run('webhooks delete chat', { answer: 'no' })).toMatchObject({ code: 1 })
  expect(asked('deleteWebhook')).toBeUndefined()
  expect(await run('webhooks delete chat', { answer: 'yes' })).toMatchObject({ code: 0 })
  expect(await run('webhooks delete ci --yes --json')).toMatchObject({ code: 0 })
  expect(asked('deleteWebhook')).toMatchObject({ params: { webhook: 'hook-2' } })
})

test('a trial tells what was answered, and leaves with 1 where it did not arrive', async () => {
  await given({ listWebhooks, testWebhook: () => ({ ...attempt, success: true }) })
  const { code, stdout } = await run('webhooks test chat --event registered_model.created')
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'webhook chat answered 200 after 12 ms\nthanks\n' })
  expect(asked('testWebhook')?.body).toEqual({ event: 'registered_model.created' })
  await given({ listWebhooks, testWebhook: () => ({ ...attempt, status: 410, answer: 'moved', success: false }) })
  const failed = await run('webhooks test chat')
  expect(failed.code).toBe(1)
  expect(failed.stderr).toMatch(/answered 410 after 12 ms[^]*moved/)
})

test('deliveries are told with their tries, page by page up to the limit', async () => {
  const pages = [
    { deliveries: [delivery()], next: 'more' },
    { deliveries: [delivery({ id: 'delivery-2', state: 'delivered', nextAt: null, log: [attempt] })], next: 'yet' },
  ]
  await given({ listWebhooks, listDeliveries: ({ query }) => pages[query.after === undefined ? 0 : 1] })
  const { stdout } = await run('webhooks deliveries chat --limit 2')
  expect(stdout).toMatch(
    /^model_version\.created +pending +2 +answered 503 after 12 ms .* 2026-01-02 03:14:05 +delivery-1$/m,
  )
  expect(stdout).toMatch(/delivered +2 +answered 200/)
  expect(asked('listDeliveries')).toMatchObject({ query: { after: 'more', limit: 1 } })
  const document = JSON.parse((await run('webhooks deliveries chat --limit 1 --json')).stdout) as object
  expect(document).toMatchObject({ webhook: 'hook-1', deliveries: [{ id: 'delivery-1', body: '{}' }] })
})

test('what a delivery said is sent once more under an id of its own', async () => {
  await given({ listWebhooks, redeliver: () => delivery({ id: 'delivery-9', sequence: null }) })
  expect((await run('webhooks redeliver chat delivery-1')).stdout).toContain('delivery-9')
  expect(asked('redeliver')).toMatchObject({ params: { webhook: 'hook-1', delivery: 'delivery-1' } })
})
