import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@stead/chassis'
import { listProjects } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { configFrom } from '../../config.ts'
import { openDatabase } from '../../database/database.ts'
import { migrate } from '../../database/migrate.ts'
import { readServerEnvironment } from '../../env.ts'
import { startServer } from '../../start.ts'
import { createOwner } from '../people/create-owner.sql.ts'
import { openBrowser } from '../sessions/browser.fixture.ts'

const PASSWORDS = {
  owner: 'the-password-of-the-owner',
  wrong: 'a-password-that-is-wrong',
  first: 'the-first-password-of-ben',
  second: 'the-second-password-of-ben',
  changed: 'the-changed-password-of-the-owner',
}

/** Gives every endpoint that takes or makes a secret one, and returns all of them. */
async function handSecretsAround(url: string): Promise<string[]> {
  const browser = openBrowser(url)
  const signIn = (name: string, password: string) => browser.ask('POST', '/api/v1/session', { name, password })
  expect((await signIn('ada', PASSWORDS.wrong)).status).toBe(401)
  expect((await signIn(PASSWORDS.wrong, PASSWORDS.owner)).status).toBe(401)
  expect((await signIn('ada', PASSWORDS.owner)).status).toBe(200)
  const session = browser.cookies.get('stead_session')!
  const ask = async (method: string, address: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await browser.ask(method, `/api/v1${address}`, body, headers)
    expect(answer.status, answer.text).toBeLessThan(300)
    return (answer.body as { secret?: string }).secret
  }
  const project = '/projects/default'
  await ask('POST', '/people', { name: 'ben', password: PASSWORDS.first })
  await ask('PATCH', '/people/ben', { password: PASSWORDS.second })
  await ask('POST', `${project}/service-accounts`, { name: 'ci', roles: ['viewer'] })
  await ask('POST', `${project}/consumers`, { name: 'shop' })
  const made = [
    await ask('POST', '/me/tokens', { name: 'mine' }, { 'idempotency-key': 'once' }),
    await ask('POST', `${project}/service-accounts/ci/tokens`, { name: 'its' }, { 'idempotency-key': 'once' }),
    await ask('POST', `${project}/consumers/shop/keys`, { name: 'its' }, { 'idempotency-key': 'once' }),
    await ask('POST', '/join-tokens', { name: 'runners' }, { 'idempotency-key': 'once' }),
  ].map((secret) => secret!)
  for (const token of made) {
    await createClient({ url, token })
      .call(listProjects, {})
      .catch(() => {})
    await createClient({ url, token: `${token}x` })
      .call(listProjects, {})
      .catch(() => {})
    await fetch(`${url}/api/v1/projects?token=${token}`)
    await fetch(`${url}/api/v1/projects/${token}`)
  }
  await ask('PATCH', '/me', { password: { current: PASSWORDS.owner, next: PASSWORDS.changed } })
  return [session, ...made]
}

test('no password, token or session is in the audit log, the events, the rest of the database or the output', async () => {
  const home = await mkdtemp(join(tmpdir(), 'stead-secrets-'))
  try {
    const config = configFrom(readServerEnvironment({ STEAD_HOME: home, STEAD_PORT: '0' }))
    const before = await openDatabase({ kind: 'embedded', home })
    await migrate(before.kysely)
    await createOwner(before.kysely, { name: 'ada', password: PASSWORDS.owner })
    await before.close()
    let output = ''
    const log = createLog({ name: 'server', level: 'trace', format: 'json', write: (line) => void (output += line) })
    const server = await startServer(config, { log })
    const made = await handSecretsAround(server.url).finally(() => server.close())

    const after = await openDatabase({ kind: 'embedded', home })
    const tables = (await after.kysely.introspection.getTables()).map(({ name }) => name)
    const kept = new Map<string, string>([['output', output]])
    for (const table of tables) {
      const { rows } = await sql<{
        row: string
      }>`select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(after.kysely)
      kept.set(table, rows.map(({ row }) => row).join('\n'))
    }
    await after.close()
    expect(kept.get('audit')).toContain('"act":"token.')
    expect(kept.get('audit')).toContain('session.create')
    // The last part of a token is a secret by itself.
    const secrets = [...Object.values(PASSWORDS), ...made.map((secret) => secret.slice(-24))]
    const told = [...kept].flatMap(([place, text]) =>
      secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
    )
    expect(told).toEqual([])
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}, 60_000)
