import { fakeClock } from '@stead/chassis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type Browser, openBrowser } from './browser.fixture.ts'

const PASSWORD = 'correct horse battery'
const OWNER = { name: 'ada', password: PASSWORD }

let server: ScratchServer
let owner: Browser
beforeAll(async () => {
  server = await startScratchServer()
  owner = openBrowser(server.url)
  await owner.ask('POST', '/api/v1/people', { ...OWNER, isInstallationOwner: true })
  await owner.ask('POST', '/api/v1/session', OWNER)
})
afterAll(() => server.close())

const session = (browser: Browser) => browser.ask('GET', '/api/v1/session')
async function signedIn(name = OWNER.name, password = PASSWORD): Promise<Browser> {
  const browser = openBrowser(server.url)
  const answer = await browser.ask('POST', '/api/v1/session', { name, password })
  expect(answer.body).toMatchObject({ state: 'signed in', actor: name })
  return browser
}
async function person(name: string, more: object = {}): Promise<void> {
  const made = await owner.ask('POST', '/api/v1/people', { name, password: PASSWORD, ...more })
  expect(made.status).toBe(201)
}

test('while nobody is configured this machine’s user may do everything, and no way in is needed', async () => {
  const open = await startScratchServer()
  const { body } = await openBrowser(open.url).ask('GET', '/api/v1/session')
  expect(body).toEqual({
    state: 'open',
    actor: 'local',
    profile: null,
    projects: { default: { roles: ['owner'], denies: [] } },
    ways: { password: true, sso: null },
  })
  await open.close()
})

test('strangers are told how to sign in, and nothing else', async () => {
  const { body } = await session(openBrowser(server.url))
  expect(body).toEqual({
    state: 'signed out',
    actor: null,
    profile: null,
    projects: {},
    ways: { password: true, sso: null },
  })
})

test('who signs in gets a session in a cookie that scripts cannot read, and is told who they are', async () => {
  const browser = openBrowser(server.url)
  const answer = await browser.ask('POST', '/api/v1/session', OWNER)
  expect(answer.headers.get('set-cookie')).toMatch(
    /^stead_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
  )
  expect(answer.body).toEqual({
    state: 'signed in',
    actor: 'ada',
    profile: { name: 'ada', displayName: 'ada', isInstallationOwner: true, hasPassword: true },
    projects: { default: { roles: ['owner'], denies: [] } },
    ways: { password: true, sso: null },
  })
  expect((await session(browser)).body).toEqual(answer.body)
  expect((await browser.ask('GET', '/api/v1/people')).status).toBe(200)
})

test('a wrong password, an unknown name and a disabled person are refused in the same words', async () => {
  await person('gone')
  await owner.ask('PATCH', '/api/v1/people/gone', { isDisabled: true })
  const stranger = openBrowser(server.url)
  const refusals = [
    await stranger.ask('POST', '/api/v1/session', { name: 'ada', password: 'not the password' }),
    await stranger.ask('POST', '/api/v1/session', { name: 'nobody at all', password: PASSWORD }),
    await stranger.ask('POST', '/api/v1/session', { name: 'gone', password: PASSWORD }),
  ]
  for (const { status, text } of refusals) {
    expect(status).toBe(401)
    expect(text).toBe(refusals[0]?.text)
  }
  expect(refusals[0]?.body.error.code).toBe('sign_in_refused')
  expect(stranger.cookies.size).toBe(0)
})

test('guessing takes longer and longer, for the name whoever asks, and is told how long', async () => {
  await person('guessed')
  const stranger = openBrowser(server.url)
  const guess = () => stranger.ask('POST', '/api/v1/session', { name: 'guessed', password: 'a guess, a guess' })
  for (let tries = 0; tries < 5; tries++) expect((await guess()).status).toBe(401)
  const told = await guess()
  expect(told.status).toBe(429)
  expect(told.body.error.code).toBe('too_many_attempts')
  expect(told.headers.get('retry-after')).toBe('1')
  await expect
    .poll(
      async () =>
        (await openBrowser(server.url).ask('POST', '/api/v1/session', { name: 'guessed', password: PASSWORD })).status,
    )
    .toBe(200)
})

test('a session ends where it is signed out, at once and for its copies as well', async () => {
  const browser = await signedIn()
  const copy = `stead_session=${browser.cookies.get('stead_session')}`
  const out = await browser.ask('DELETE', '/api/v1/session')
  expect(out.status).toBe(204)
  expect(browser.cookies.size).toBe(0)
  const { body } = await openBrowser(server.url).ask('GET', '/api/v1/session', undefined, { cookie: copy })
  expect(body.state).toBe('signed out')
})

test('whoever signs in anew in a browser leaves no session of before behind', async () => {
  await person('eve')
  const browser = await signedIn('eve')
  const before = `stead_session=${browser.cookies.get('stead_session')}`
  await browser.ask('POST', '/api/v1/session', OWNER)
  expect((await session(browser)).body.actor).toBe('ada')
  const { body } = await openBrowser(server.url).ask('GET', '/api/v1/session', undefined, { cookie: before })
  expect(body.state).toBe('signed out')
})

test('people see where they are signed in, end one of it, and no other person’s', async () => {
  await person('bo')
  const one = await signedIn('bo')
  const other = await signedIn('bo')
  const { body } = await one.ask('GET', '/api/v1/me/sessions')
  expect(body.sessions).toHaveLength(2)
  const elsewhere = body.sessions.find(({ isThis }: { isThis: boolean }) => !isThis)
  expect(elsewhere).toMatchObject({ agent: 'node', from: '127.0.0.1' })
  expect((await owner.ask('DELETE', `/api/v1/me/sessions/${elsewhere.id}`)).body.error.code).toBe('session_not_found')
  expect((await one.ask('DELETE', `/api/v1/me/sessions/${elsewhere.id}`)).status).toBe(204)
  expect((await session(other)).body.state).toBe('signed out')
  expect((await session(one)).body.state).toBe('signed in')
})

test('a new password takes the old one, ends the other sessions, and is the one that counts', async () => {
  await person('cy')
  const here = await signedIn('cy')
  const there = await signedIn('cy')
  const change = (current: string) =>
    here.ask('PATCH', '/api/v1/me', { displayName: 'Cy Young', password: { current, next: 'another long password' } })
  expect((await change('not the password')).body.error).toMatchObject({
    code: 'password_wrong',
    where: 'body.password.current',
  })
  expect((await session(here)).body.profile.displayName).toBe('cy')
  expect((await change(PASSWORD)).body).toMatchObject({ name: 'cy', displayName: 'Cy Young', hasPassword: true })
  expect((await session(here)).body.profile.displayName).toBe('Cy Young')
  expect((await session(there)).body.state).toBe('signed out')
  const old = await there.ask('POST', '/api/v1/session', { name: 'cy', password: PASSWORD })
  expect(old.body.error.code).toBe('sign_in_refused')
  await signedIn('cy', 'another long password')
})

test('a short password is refused, and nothing of a password is in the answer', async () => {
  const answer = await owner.ask('PATCH', '/api/v1/me', { password: { current: PASSWORD, next: 'hunter2' } })
  expect(answer.body.error).toMatchObject({ code: 'invalid_request', where: 'body.password.next' })
  expect(answer.text).not.toMatch(/hunter2|correct horse/)
})

test('the characters of a password count, not how the keyboard spells them', async () => {
  await person('anais', { password: 'caf\u00e9 caf\u00e9 caf\u00e9' })
  await signedIn('anais', 'cafe\u0301 cafe\u0301 cafe\u0301')
})

test('what happened is in the audit log of the installation, without a secret', async () => {
  await person('dee')
  const browser = await signedIn('dee')
  const secret = browser.cookies.get('stead_session')!
  await browser.ask('DELETE', '/api/v1/session')
  await openBrowser(server.url).ask('POST', '/api/v1/session', { name: 'dee', password: 'a password of hers' })
  await openBrowser(server.url).ask('POST', '/api/v1/session', { name: 'my password by mistake', password: 'x' })
  const log = await owner.ask('GET', '/api/v1/audit?subject=person%20dee')
  const told = log.body.entries.map(({ act, actor }: { act: string; actor: string }) => `${act} by ${actor}`)
  expect(told.toReversed()).toEqual(['person.created by ada', 'session.created by dee', 'session.ended by dee'])
  const whole = (await owner.ask('GET', '/api/v1/audit')).text
  expect(whole).not.toMatch(/a password of hers|by mistake|argon2/)
  expect(whole).not.toContain(secret)
})

test('refused sign-ins are in the audit log, those that are alike within a minute in one entry', async () => {
  const clock = fakeClock(new Date())
  const guarded = await startScratchServer({}, clock)
  const ada = openBrowser(guarded.url)
  await ada.ask('POST', '/api/v1/people', { ...OWNER, isInstallationOwner: true })
  await ada.ask('POST', '/api/v1/session', OWNER)
  for (const name of ['ada', 'ada', 'my password by mistake', 'ada'])
    await openBrowser(guarded.url).ask('POST', '/api/v1/session', { name, password: 'a guess' })
  await clock.advance(60_000)
  const denied = async () =>
    ((await ada.ask('GET', '/api/v1/audit?outcome=denied')).body.entries as Record<string, unknown>[]).map(
      ({ act, actor, subject, times }) => ({ act, actor, subject, times }),
    )
  const refused = { act: 'session.create', actor: 'stranger' }
  await expect.poll(denied).toEqual([
    { ...refused, subject: 'nobody', times: 1 },
    { ...refused, subject: 'person ada', times: 3 },
  ])
  await guarded.close()
})
