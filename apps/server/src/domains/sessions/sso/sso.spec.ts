import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../../scratch-server.fixture.ts'
import { type Browser, openBrowser } from '../browser.fixture.ts'
import { CLIENT, startProvider, type TestProvider, walkThrough } from './provider.fixture.ts'

const OWNER = { name: 'owner', password: 'correct horse battery' }
const BEGIN = '/api/v1/session/sso'

let port: number
let provider: TestProvider
let server: ScratchServer | undefined
beforeAll(async () => {
  port = await freePort()
  provider = await startProvider(`http://127.0.0.1:${port}${BEGIN}/callback`)
})
afterAll(() => provider.close())
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function freePort(): Promise<number> {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const { port: free } = holder.address() as AddressInfo
  await new Promise((resolve) => holder.close(resolve))
  return free
}

async function start(env: Record<string, string> = {}, people: readonly string[] = []) {
  server = await startScratchServer({
    STEAD_PORT: String(port),
    STEAD_OIDC_ISSUER: provider.issuer,
    STEAD_OIDC_CLIENT_ID: CLIENT.id,
    STEAD_OIDC_CLIENT_SECRET: CLIENT.secret,
    STEAD_OIDC_NAME: 'Example',
    ...env,
  })
  const owner = openBrowser(server.url)
  await owner.ask('POST', '/api/v1/people', { ...OWNER, isInstallationOwner: true })
  await owner.ask('POST', '/api/v1/session', OWNER)
  for (const name of people) await owner.ask('POST', '/api/v1/people', { name })
  return { url: server.url, owner }
}

const session = async (browser: Browser) => (await browser.ask('GET', '/api/v1/session')).body
const endOf = ({ address }: { address: string }) => address.replace(/^http:\/\/127\.0\.0\.1:\d+/, '')

test('the sign-in offers it by its name, and who comes back is in, where they wanted to be', async () => {
  const { url } = await start({}, ['ada'])
  const browser = openBrowser(url)
  expect((await session(browser)).ways).toEqual({ password: true, sso: { name: 'Example' } })
  const page = await walkThrough(browser, `${BEGIN}?to=/p/default/models%3Fq=x`, 'account-of-ada')
  expect(endOf(page)).toBe('/p/default/models?q=x')
  expect([...browser.cookies.keys()]).toEqual(['stead_session'])
  expect(await session(browser)).toMatchObject({
    state: 'signed in',
    actor: 'ada',
    profile: { name: 'ada', hasPassword: false, isInstallationOwner: false },
  })
})

test('a person is found by a verified e-mail address, and never by one that nobody has verified', async () => {
  const { url } = await start({}, ['bo@example.org', 'cy@example.org'])
  const bo = openBrowser(url)
  await walkThrough(bo, BEGIN, 'account-of-bo')
  expect(await session(bo)).toMatchObject({ actor: 'bo@example.org' })
  const cy = openBrowser(url)
  const page = await walkThrough(cy, `${BEGIN}?to=/models`, 'account-with-unverified-mail')
  expect(endOf(page)).toBe('/sign-in?refused=sso_unknown&to=%2Fmodels')
  expect(await session(cy)).toMatchObject({ state: 'signed out' })
})

test('a person is tied to the account that came first: another that goes by the name is not them', async () => {
  const { url, owner } = await start({}, ['ada'])
  await walkThrough(openBrowser(url), BEGIN, 'account-of-ada')
  const other = openBrowser(url)
  expect(endOf(await walkThrough(other, BEGIN, 'another-account-of-ada'))).toBe('/sign-in?refused=sso_unknown')
  const again = openBrowser(url)
  await walkThrough(again, BEGIN, 'account-of-ada')
  expect(await session(again)).toMatchObject({ actor: 'ada' })
  await owner.ask('PATCH', '/api/v1/people/ada', { isDisabled: true })
  expect(await session(again)).toMatchObject({ state: 'signed out' })
  const disabled = await walkThrough(openBrowser(url), BEGIN, 'account-of-ada')
  expect(endOf(disabled)).toBe('/sign-in?refused=sso_unknown')
})

test('somebody unknown becomes a person only where that is wanted, and then may nothing yet', async () => {
  const { url } = await start()
  expect(endOf(await walkThrough(openBrowser(url), BEGIN, 'account-of-new'))).toBe('/sign-in?refused=sso_unknown')
  await server?.close()
  const welcoming = await start({ STEAD_OIDC_CREATE: 'true' })
  const browser = openBrowser(welcoming.url)
  await walkThrough(browser, BEGIN, 'account-of-new')
  expect(await session(browser)).toMatchObject({
    actor: 'newcomer',
    projects: {},
    profile: { displayName: 'New Comer', isInstallationOwner: false },
  })
  const { body } = await welcoming.owner.ask('GET', '/api/v1/audit?subject=person%20newcomer')
  const acts = body.entries.map(({ act, actor }: { act: string; actor: string }) => `${act} by ${actor}`)
  expect(acts.toReversed()).toEqual(['person.created by newcomer', 'session.created by newcomer'])
})

describe('what comes back', () => {
  test('counts only in the browser that was sent away, and only once', async () => {
    const { url } = await start({}, ['ada'])
    const browser = openBrowser(url)
    const sent = await browser.ask('GET', BEGIN)
    expect(sent.headers.get('set-cookie')).toMatch(
      /^stead_sso=[\w-]+; Path=\/api\/v1\/session\/sso; Max-Age=600; HttpOnly; SameSite=Lax$/,
    )
    const asked = new URL(sent.headers.get('location')!).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    const state = asked.get('state')!
    const back = `${BEGIN}/callback?code=made-up&state=${state}&iss=${encodeURIComponent(provider.issuer)}`
    const elsewhere = await openBrowser(url).ask('GET', back)
    expect(elsewhere.headers.get('location')).toBe('/sign-in?refused=sso_expired')
    const wrongState = await browser.ask('GET', back.replace(state, 'another-state'))
    expect(wrongState.headers.get('location')).toBe('/sign-in?refused=sso_failed')
    const repeated = await browser.ask('GET', back)
    expect(repeated.headers.get('location')).toBe('/sign-in?refused=sso_expired')
    expect(await session(browser)).toMatchObject({ state: 'signed out' })
  })

  test('says that the provider, or the person there, said no', async () => {
    const { url } = await start()
    const browser = openBrowser(url)
    const sent = await browser.ask('GET', BEGIN)
    const state = new URL(sent.headers.get('location')!).searchParams.get('state')!
    const query = new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer })
    const back = await browser.ask('GET', `${BEGIN}/callback?${query}`)
    expect(back.headers.get('location')).toBe('/sign-in?refused=sign_in_refused')
  })
})

test('nobody is led to another site by a link to the sign-in', async () => {
  const { url } = await start({}, ['ada'])
  const to = new URLSearchParams({ to: '/.//evil.example/' })
  const page = await walkThrough(openBrowser(url), `${BEGIN}?${to}`, 'account-of-ada')
  expect(page.address).toBe(`${url}/`)
})

test('a provider that does not answer is told at the sign-in, and those with a password still come in', async () => {
  const { url } = await start({ STEAD_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}` })
  const browser = openBrowser(url)
  const sent = await browser.ask('GET', `${BEGIN}?to=/models`)
  expect(sent.headers.get('location')).toBe('/sign-in?refused=sso_failed&to=%2Fmodels')
  expect((await browser.ask('POST', '/api/v1/session', OWNER)).status).toBe(200)
})

test('where nobody has set it up there is none', async () => {
  server = await startScratchServer()
  const { body } = await openBrowser(server.url).ask('GET', BEGIN)
  expect(body.error.code).toBe('sso_unavailable')
})
