import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@stead/chassis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../dev/services/certificate.ts'
import { layDatabase } from '../../../dev/laws/template.ts'
import { configFrom } from './config.ts'
import { readServerEnvironment } from './env.ts'
import { startScratchServer } from './scratch-server.fixture.ts'
import { addOwner, startServer } from './start.ts'

const OWNER = { name: 'ada', password: 'correct horse battery' }
const log = createLog({ name: 'server', level: 'silent' })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-secure-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const configOf = (env: Readonly<Record<string, string>>) =>
  configFrom(readServerEnvironment({ STEAD_PORT: '0', STEAD_LOG: 'silent', ...env }))
async function newHome(): Promise<string> {
  const home = await mkdtemp(join(folder, 'home-'))
  await layDatabase(home)
  return home
}
const createOwner = (home: string) =>
  addOwner(configOf({ STEAD_HOME: home }), { name: OWNER.name, log, readPassword: async () => OWNER.password })

describe('a server that others can reach', () => {
  test.for<Record<string, string>>([
    { STEAD_HOST: '0.0.0.0' },
    { STEAD_HOST: '::' },
    { STEAD_HOST: '10.0.0.5' },
    { STEAD_HOST: 'stead.example.org' },
    { STEAD_PUBLIC_URL: 'https://stead.example.org' },
  ])('%j does not start before it has an owner, and says how to make one', async (env) => {
    const config = configOf({ STEAD_HOME: await newHome(), ...env })
    await expect(startServer(config, { log })).rejects.toThrow(
      /no owner exists.*stead access create-owner NAME.*127\.0\.0\.1/,
    )
  })

  test.for(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('is not one that listens on %s', (host) => {
    expect(configOf({ STEAD_HOST: host }).isExposed).toBe(false)
  })

  test('starts once it has an owner, and then asks everybody for credentials', async () => {
    const home = await newHome()
    expect(await createOwner(home)).toMatchObject({ name: 'ada', isInstallationOwner: true })
    const server = await startServer(configOf({ STEAD_HOME: home, STEAD_HOST: '0.0.0.0' }), { log })
    expect((await fetch(`${server.url}/api/v1/projects`)).status).toBe(401)
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
    expect((await fetch(`${server.url}/api/v1/health`)).status).toBe(200)
    await expect(createOwner(home)).rejects.toThrow(/in use by .* Stop it first/)
    await server.close()
  })

  test('is open again to nobody: who owns it stays known over a restart', async () => {
    const home = await newHome()
    await createOwner(home)
    for (let start = 0; start < 2; start++) {
      const server = await startServer(configOf({ STEAD_HOME: home }), { log })
      const session = (await (await fetch(`${server.url}/api/v1/session`)).json()) as { state: string }
      expect(session.state).toBe('signed out')
      await server.close()
    }
  })
})

describe('TLS', () => {
  const ask = (url: string, ca: string, path: string, body?: object) =>
    new Promise<{ status: number | undefined; headers: Record<string, string | string[] | undefined> }>(
      (resolve, reject) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' }
        const asking = request(
          `${url}${path}`,
          { ca, method: body === undefined ? 'GET' : 'POST', headers },
          (answer) => {
            answer.resume().once('end', () => resolve({ status: answer.statusCode, headers: answer.headers }))
          },
        )
        asking.once('error', reject).end(body && JSON.stringify(body))
      },
    )
  async function keep(files: Readonly<Record<string, string>>): Promise<string[]> {
    return Promise.all(
      Object.entries(files).map(async ([name, text]) => {
        await writeFile(join(folder, name), text)
        return join(folder, name)
      }),
    )
  }

  test('with a certificate and its key the server speaks HTTPS alone, and its cookies stay on it', async () => {
    const made = makeCertificate()
    const [cert = '', key = ''] = await keep({ 'cert.pem': made.cert, 'key.pem': made.key })
    const home = await newHome()
    await createOwner(home)
    const config = configOf({ STEAD_HOME: home, STEAD_TLS_CERT: cert, STEAD_TLS_KEY: key })
    const server = await startServer(config, { log })
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`)
    const health = await ask(server.url, made.cert, '/api/v1/health')
    expect(health.status).toBe(200)
    expect(health.headers['strict-transport-security']).toBe('max-age=31536000')
    const signedIn = await ask(server.url, made.cert, '/api/v1/session', OWNER)
    expect(String(signedIn.headers['set-cookie'])).toMatch(/^stead_session=.*; HttpOnly; SameSite=Lax; Secure$/)
    await expect(fetch(`http://127.0.0.1:${server.port}/api/v1/health`)).rejects.toThrow()
    await server.close()
  })

  test('files that are missing, unreadable, or no pair, stop the start and are named', async () => {
    const made = makeCertificate()
    const other = makeCertificate()
    const [cert = '', key = '', foreign = '', text = ''] = await keep({
      'a.pem': made.cert,
      'b.pem': made.key,
      'c.pem': other.key,
      'd.pem': 'no PEM',
    })
    expect(() => configOf({ STEAD_TLS_CERT: cert })).toThrow('STEAD_TLS_CERT is set, but STEAD_TLS_KEY is not')
    expect(() => configOf({ STEAD_TLS_KEY: key })).toThrow('STEAD_TLS_KEY is set, but STEAD_TLS_CERT is not')
    const start = async (pair: { STEAD_TLS_CERT: string; STEAD_TLS_KEY: string }) =>
      startServer(configOf({ STEAD_HOME: await newHome(), ...pair }), { log })
    await expect(start({ STEAD_TLS_CERT: '/nowhere.pem', STEAD_TLS_KEY: key })).rejects.toThrow('STEAD_TLS_CERT names')
    await expect(start({ STEAD_TLS_CERT: cert, STEAD_TLS_KEY: folder })).rejects.toThrow('STEAD_TLS_KEY names')
    for (const pair of [
      { STEAD_TLS_CERT: cert, STEAD_TLS_KEY: foreign },
      { STEAD_TLS_CERT: text, STEAD_TLS_KEY: key },
    ])
      await expect(start(pair)).rejects.toThrow('are no certificate and its key')
  })
})

describe('what contradicts itself is refused', () => {
  const refusal = (env: Readonly<Record<string, string>>) => () => configOf(env)

  test('single sign-on takes an issuer and a client, and the issuer TLS', () => {
    expect(refusal({ STEAD_OIDC_ISSUER: 'https://id.example' })).toThrow('STEAD_OIDC_CLIENT_ID as well')
    expect(refusal({ STEAD_OIDC_CREATE: 'false' })).toThrow('STEAD_OIDC_CREATE is set')
    expect(refusal({ STEAD_OIDC_ISSUER: 'http://id.example', STEAD_OIDC_CLIENT_ID: 'stead' })).toThrow('https://')
    const { sso } = configOf({ STEAD_OIDC_ISSUER: 'https://id.example', STEAD_OIDC_CLIENT_ID: 'stead' })
    expect(sso).toMatchObject({ name: 'id.example', createsPeople: false })
  })

  test('the public address is an origin, and one of the names that the server goes by', () => {
    expect(refusal({ STEAD_PUBLIC_URL: 'https://stead.example.org/stead' })).toThrow('STEAD_PUBLIC_URL must be')
    expect(refusal({ STEAD_PUBLIC_URL: 'https://a:b@stead.example.org' })).toThrow('STEAD_PUBLIC_URL must be')
    const config = configOf({ STEAD_PUBLIC_URL: 'https://stead.example.org', STEAD_ALLOWED_HOSTS: 'other' })
    expect(config).toMatchObject({
      allowedHosts: ['other', 'stead.example.org', '127.0.0.1'],
      isSecure: true,
      isExposed: true,
    })
  })

  test('a public address that is this machine’s own changes nothing', async () => {
    const server = await startScratchServer({ STEAD_PUBLIC_URL: 'http://localhost:7070' })
    expect((await fetch(`${server.url}/api/v1/projects`)).status).toBe(200)
    await server.close()
  })
})
