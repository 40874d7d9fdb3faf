import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'
import { sampleDeployment } from './samples.fixture.ts'

const { given, run, asked } = fakeInstallation()

const since = '2026-01-02T03:04:05.000Z'
const NO_LIMITS = { rate: null, burst: null, perDay: null, perMonth: null }
const key = (more: object = {}) => ({
  id: 'key-1',
  name: 'live',
  hint: 'stead_key_abcdef',
  deployments: ['forecast'],
  createdAt: since,
  expiresAt: null,
  lastUsedAt: null,
  ...more,
})
const consumer = (more: object = {}) => ({
  name: 'webshop',
  description: 'the shop',
  limits: { ...NO_LIMITS, rate: 20, perDay: 1000 },
  createdAt: since,
  keys: [key()],
  used: { today: 7, thisMonth: 70 },
  ...more,
})

test('consumers are told with their limits, what they used, and their keys by how they begin', async () => {
  await given({ listConsumers: () => ({ consumers: [consumer()] }) })
  const { code, stdout } = await run('consumers')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^webshop +20\/s, 1000 a day +7 +70 +the shop$/m)
  expect(stdout).toMatch(/^webshop +live +stead_key_abcdef… +forecast .* never +never$/m)
})

test('limits are given one by one and lifted by "none"; what is no number is a mistake in the command line', async () => {
  await given({ createConsumer: () => consumer(), changeConsumer: () => consumer({ limits: NO_LIMITS }) })
  await run('consumers create webshop --rate 20 --per-day 1000')
  expect(asked('createConsumer')).toMatchObject({ body: { name: 'webshop', limits: { rate: 20, perDay: 1000 } } })
  const { stdout } = await run('consumers change webshop --rate none')
  expect(asked('changeConsumer')).toMatchObject({ params: { consumer: 'webshop' }, body: { limits: { rate: null } } })
  expect(stdout).toContain('limits: none')
  expect(await run('consumers change webshop --rate often')).toMatchObject({ code: 2 })
  expect(await run('consumers change webshop')).toMatchObject({ code: 2 })
})

test('a new key stands alone on standard output; one is revoked by its name', async () => {
  await given({
    createConsumerKey: () => ({ ...key(), secret: 'stead_key_whole' }),
    listConsumers: () => ({ consumers: [consumer()] }),
    revokeConsumerKey: () => undefined,
  })
  const made = await run('consumers keys create webshop live --deployment forecast --days 30')
  expect(made).toMatchObject({ code: 0, stdout: 'stead_key_whole\n' })
  expect(asked('createConsumerKey')).toMatchObject({ body: { name: 'live', deployments: ['forecast'], days: 30 } })
  expect(await run('consumers keys revoke webshop live')).toMatchObject({ code: 0 })
  expect(asked('revokeConsumerKey')).toMatchObject({ params: { consumer: 'webshop', key: 'key-1' } })
})

test('use is told by day, key, deployment and version', async () => {
  const point = { at: since, key: 'key-1', deployment: 'forecast', version: 3, requests: 5, failed: 1 }
  await given({ listConsumers: () => ({ consumers: [consumer()] }), readUsage: () => ({ points: [point] }) })
  const { stdout } = await run('consumers usage webshop --days 7')
  expect(stdout).toMatch(/^2026-01-02 +live +forecast +3 +5 +1$/m)
  expect(asked('readUsage')).toMatchObject({ query: { days: 7, step: 'day' } })
})

describe('predict where runners ask for keys', () => {
  async function runnerThat(status: number, headers: Record<string, string> = {}) {
    const shown: (string | undefined)[] = []
    const runner = createServer((request, response) => {
      shown.push(request.headers.authorization)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"error":"no"}')
    })
    await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve))
    const rest = `http://127.0.0.1:${(runner.address() as AddressInfo).port}`
    return { rest, shown, close: () => new Promise((resolve) => runner.close(resolve)) }
  }

  test('shows the key of STEAD_KEY, never the token of the server, and says what is missing', async () => {
    const runner = await runnerThat(401, { 'stead-failure': 'unauthenticated' })
    await given({ getDeployment: () => sampleDeployment(runner.rest) })
    const env = { STEAD_TOKEN: 'stead_pat_x' }
    const refused = await run('predict forecast --data {"inputs":[]}', { env })
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('STEAD_KEY')
    await run('predict forecast --data {"inputs":[]}', { env: { ...env, STEAD_KEY: 'stead_key_y\n' } })
    expect(runner.shown).toEqual([undefined, 'Bearer stead_key_y'])
    await runner.close()
  })
})
