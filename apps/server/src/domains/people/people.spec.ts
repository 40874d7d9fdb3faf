import { createClient } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { startFakeRunner } from '../runners/fake-runner.fixture.ts'
import { type Browser, openBrowser } from '../sessions/browser.fixture.ts'

const PASSWORD = 'correct horse battery'

let server: ScratchServer
let owner: Browser
beforeAll(async () => {
  server = await startScratchServer()
  owner = openBrowser(server.url)
  await add('ada', { isInstallationOwner: true })
  await owner.ask('POST', '/api/v1/session', { name: 'ada', password: PASSWORD })
})
afterAll(() => server.close())

const add = (name: string, more: object = {}) =>
  owner.ask('POST', '/api/v1/people', { name, password: PASSWORD, ...more })
const change = (name: string, by: object, asking = owner) => asking.ask('PATCH', `/api/v1/people/${name}`, by)
const remove = (name: string, asking = owner) => asking.ask('DELETE', `/api/v1/people/${name}`)
const listed = async () => (await owner.ask('GET', '/api/v1/people')).body.people as { name: string }[]
async function signedIn(name: string, password = PASSWORD): Promise<Browser> {
  const browser = openBrowser(server.url)
  expect((await browser.ask('POST', '/api/v1/session', { name, password })).status).toBe(200)
  return browser
}
const state = async (browser: Browser) => (await browser.ask('GET', '/api/v1/session')).body.state

test('people are added, listed in the order of their names, and their names are given once', async () => {
  expect((await add('bo', { displayName: 'Bo B.' })).body).toEqual({
    name: 'bo',
    displayName: 'Bo B.',
    isInstallationOwner: false,
    hasPassword: true,
    createdAt: expect.any(String),
    seenAt: null,
    isDisabled: false,
  })
  expect((await add('bo')).body.error).toMatchObject({ code: 'name_taken', where: 'body.name' })
  const [ada, bo] = await listed()
  expect(ada).toMatchObject({ name: 'ada', isInstallationOwner: true, seenAt: expect.any(String) })
  expect(bo).toMatchObject({ name: 'bo' })
})

test('an installation cannot be closed by an owner who has no way in', async () => {
  const open = await startScratchServer()
  const local = openBrowser(open.url)
  const refused = await local.ask('POST', '/api/v1/people', { name: 'ada', isInstallationOwner: true })
  expect(refused.body.error).toMatchObject({ code: 'invalid_request', where: 'body.password' })
  await local.ask('POST', '/api/v1/people', { name: 'bo' })
  const promoted = await local.ask('PATCH', '/api/v1/people/bo', { isInstallationOwner: true })
  expect(promoted.body.error.code).toBe('invalid_request')
  expect(await state(local)).toBe('open')
  await open.close()
})

test('the last owner stays: they are neither demoted, nor disabled, nor removed', async () => {
  for (const refused of [
    await change('ada', { isInstallationOwner: false }),
    await change('ada', { isDisabled: true }),
    await remove('ada'),
  ])
    expect(refused.body.error).toMatchObject({ code: 'last_owner', message: expect.stringContaining('ada') })
})

test('nobody locks themselves out; another owner may do it', async () => {
  await add('second', { isInstallationOwner: true })
  const second = await signedIn('second')
  for (const refused of [
    await change('second', { isInstallationOwner: false }, second),
    await change('second', { isDisabled: true }, second),
    await remove('second', second),
  ])
    expect(refused.body.error.code).toBe('locks_out')
  expect((await change('second', { isInstallationOwner: false })).body.isInstallationOwner).toBe(false)
  expect((await second.ask('GET', '/api/v1/people')).body.error.code).toBe('forbidden')
  expect((await remove('second')).status).toBe(204)
})

test('two owners who demote each other at once leave one of them', async () => {
  for (let round = 0; round < 5; round++) {
    const names = [`one-${round}`, `two-${round}`]
    for (const name of names) await add(name, { isInstallationOwner: true })
    const [one, two] = [await signedIn(names[0]!), await signedIn(names[1]!)]
    await Promise.all([
      change(names[1]!, { isInstallationOwner: false }, one),
      change(names[0]!, { isInstallationOwner: false }, two),
      change('ada', { isInstallationOwner: false }, one),
    ])
    const left = (await Promise.all([one, two, owner].map((asking) => asking.ask('GET', '/api/v1/people')))).filter(
      ({ status }) => status === 200,
    )
    expect(left.length).toBeGreaterThan(0)
    const people = left[0]!.body.people as { name: string; isInstallationOwner: boolean }[]
    expect(people.filter(({ isInstallationOwner }) => isInstallationOwner).length).toBeGreaterThan(0)
    // Ada has to be an owner again for the next round.
    const mender = people.some(({ name, isInstallationOwner }) => name === names[0] && isInstallationOwner) ? one : two
    await change('ada', { isInstallationOwner: true }, mender)
    for (const name of names) await remove(name)
  }
})

test('who is disabled is out at once, sessions and tokens alike, and who is enabled signs in anew', async () => {
  await add('cy')
  const cy = await signedIn('cy')
  const made = await cy.ask('POST', '/api/v1/me/tokens', { name: 'script' })
  const { secret } = made.body
  const byToken = () =>
    openBrowser(server.url).ask('GET', '/api/v1/projects', undefined, { authorization: `Bearer ${secret}` })
  expect((await byToken()).status).toBe(200)
  expect((await change('cy', { isDisabled: true })).body.isDisabled).toBe(true)
  expect(await state(cy)).toBe('signed out')
  expect((await byToken()).status).toBe(401)
  await change('cy', { isDisabled: false })
  expect(await state(cy)).toBe('signed out')
  await signedIn('cy')
})

test('a password that an owner sets counts at once and ends the sessions of the person', async () => {
  await add('dee')
  const dee = await signedIn('dee')
  await change('dee', { password: 'a new long password' })
  expect(await state(dee)).toBe('signed out')
  await signedIn('dee', 'a new long password')
  const own = await change('ada', { password: 'a new long password' })
  expect(own.body.error).toMatchObject({ code: 'invalid_request', where: 'body.password' })
})

test('whoever answers for deployments is not removed before these are handed over', async () => {
  const token = async (asking: Browser, path: string) =>
    String((await asking.ask('POST', path, { name: 'test' })).body.secret)
  const runner = await startFakeRunner(
    createClient({ url: server.url, token: await token(owner, '/api/v1/join-tokens') }),
    'r1',
  )
  await pushVersion(createClient({ url: server.url, token: await token(owner, '/api/v1/me/tokens') }), 'w', 'export {}')
  await add('eve')
  await owner.ask('PUT', '/api/v1/projects/default/members/eve', { roles: ['operator'], denies: [] })
  const eve = await signedIn('eve')
  await deploy(createClient({ url: server.url, token: await token(eve, '/api/v1/me/tokens') }), 'forecast', 'w')
  const refused = await remove('eve')
  expect(refused.body.error).toMatchObject({
    code: 'owns_running',
    message: '"eve" answers for forecast',
    details: { deployments: ['forecast'] },
  })
  expect((await change('eve', { isDisabled: true })).status).toBe(200)
  await owner.ask('PUT', '/api/v1/projects/default/deployments/forecast/owner', { owner: 'ada' })
  expect((await remove('eve')).status).toBe(204)
  await runner.fallSilent()
})

test('the last owner of a project is not removed before somebody else owns it', async () => {
  await add('gil')
  await add('hal')
  const member = (name: string, role: string) =>
    owner.ask('PUT', `/api/v1/projects/default/members/${name}`, { roles: [role] })
  await member('gil', 'owner')
  await member('hal', 'viewer')
  expect((await remove('gil')).body.error).toMatchObject({
    code: 'last_owner',
    message: '"gil" is the last owner of the project default',
    details: { projects: ['default'] },
  })
  await member('hal', 'owner')
  expect((await remove('gil')).status).toBe(204)
})

test('of whom is removed it stays told what they could do, in every project', async () => {
  await add('ida')
  expect((await owner.ask('POST', '/api/v1/projects', { name: 'energy' })).status).toBe(201)
  const join = (project: string, grants: object) =>
    owner.ask('PUT', `/api/v1/projects/${project}/members/ida`, { denies: [], ...grants })
  await join('energy', { roles: ['viewer'] })
  await join('default', { roles: ['operator'], denies: ['deployment.delete'] })
  expect((await remove('ida')).status).toBe(204)
  const { body } = await owner.ask('GET', '/api/v1/audit?subject=person%20ida&act=person.deleted')
  expect(body.entries).toMatchObject([
    {
      actor: 'ada',
      before: {
        displayName: 'ida',
        memberships: {
          default: { roles: ['operator'], denies: ['deployment.delete'] },
          energy: { roles: ['viewer'], denies: [] },
        },
      },
    },
  ])
})

test('who is removed is gone with sessions and tokens, and what they did stays told', async () => {
  await add('fay')
  const fay = await signedIn('fay')
  expect((await remove('fay')).status).toBe(204)
  expect(await state(fay)).toBe('signed out')
  expect((await remove('fay')).body.error.code).toBe('person_not_found')
  expect((await change('fay', { isDisabled: true })).body.error.code).toBe('person_not_found')
  const { body } = await owner.ask('GET', '/api/v1/audit?subject=person%20fay')
  const acts = body.entries.map(({ act, actor }: { act: string; actor: string }) => `${act} by ${actor}`)
  expect(acts.toReversed()).toEqual(['person.created by ada', 'session.created by fay', 'person.deleted by ada'])
})
