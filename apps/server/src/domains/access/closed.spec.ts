import { setTimeout as pause } from 'node:timers/promises'
import {
  AccountName,
  createAccount,
  createAccountToken,
  createJoinToken,
  createPerson,
  createProject,
  createToken,
  deleteAccount,
  DeploymentName,
  listAccounts,
  listMembers,
  listModels,
  listTokens,
  ProjectName,
  removeMember,
  revokeAccountToken,
  revokeToken,
  setDeploymentOwner,
  setMember,
  streamEvents,
} from '@stead/contracts'
import type { Act, CallOf, Role } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'

const PASSWORD = 'a long enough password'
const OTHER = ProjectName.parse('other')
/** Within this time a right that was taken must have ended. */
const TAKEN_WITHIN_MS = 2_000

let server: ScratchServer
let owner: Client
let people = 0

beforeAll(async () => {
  server = await startScratchServer()
  await server.client.call(createProject, { body: { name: OTHER } })
  await server.client.call(createPerson, {
    body: { name: AccountName.parse('eve'), password: PASSWORD, isInstallationOwner: true },
  })
  owner = await clientOf('eve')
})
afterAll(() => server.close())

const withToken = (token: string) => createClient({ url: server.url, token })

/** Signs in as people do, and makes a token. */
async function clientOf(name: string, more: Partial<CallOf<typeof createToken>['body']> = {}): Promise<Client> {
  const post = (path: string, body: object, headers: object = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const signedIn = await post('/api/v1/session', { name, password: PASSWORD })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const made = await post('/api/v1/me/tokens', { name: `test ${++people}`, ...more }, { cookie })
  return withToken(((await made.json()) as { secret: string }).secret)
}

/** A new person who is a member of the default project. */
async function member(...roles: Role[]): Promise<{ name: AccountName; client: Client }> {
  const name = AccountName.parse(`person-${++people}`)
  await owner.call(createPerson, { body: { name, password: PASSWORD } })
  await owner.call(setMember, { params: { project: DEFAULT, member: name }, body: { roles } })
  return { name, client: await clientOf(name) }
}

const reads = (client: Client) => client.call(listModels, { params: { project: DEFAULT }, query: {} })

/** Resolves once the stream is open. `ended` resolves when it is cut. */
async function openStream(client: Client): Promise<{ ended: Promise<'cut'> }> {
  const response = await client.open(streamEvents, { query: {} })
  const reader = response.body?.getReader()
  const drain = async () => {
    while (!(await reader?.read())?.done);
  }
  return {
    ended: drain().then(
      () => 'cut',
      () => 'cut',
    ),
  }
}
const inTime = ({ ended }: { ended: Promise<'cut'> }) => Promise.race([ended, pause(TAKEN_WITHIN_MS, 'open')])

test('an account with roles acts under its own name, in its project and nowhere else', async () => {
  const account = AccountName.parse('ci')
  const params = { project: DEFAULT, account }
  await owner.call(createAccount, { params, body: { name: account, roles: ['contributor'] } })
  const { secret } = await owner.call(createAccountToken, { params, body: { name: 'nightly' } })
  const ci = withToken(secret)
  await pushVersion(ci, 'built', 'export {}')
  const elsewhere = { params: { project: OTHER }, query: {} }
  await expect(ci.call(listModels, elsewhere)).rejects.toMatchObject({ code: 'project_not_found' })
  await expect(ci.call(createToken, { body: { name: 'mine' } })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ci.call(createAccountToken, { params, body: { name: 'more' } })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await owner.call(deleteAccount, { params })
  await expect(reads(ci)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('what a member may do is another thing from their next request on', async () => {
  const { name, client } = await member('viewer')
  const list = () => client.call(listAccounts, { params: { project: DEFAULT } })
  const params = { project: DEFAULT, member: name }
  await expect(pushVersion(client, 'mine', 'export {}')).rejects.toMatchObject({ code: 'forbidden' })
  await owner.call(setMember, { params, body: { roles: ['contributor'], denies: ['account.*'] } })
  await pushVersion(client, 'mine', 'export {}')
  await expect(list()).rejects.toMatchObject({ code: 'forbidden' })
  await owner.call(removeMember, { params })
  await expect(list()).rejects.toMatchObject({ code: 'project_not_found' })
})

test('a member who may not say who else may is told so, and nothing is changed', async () => {
  const { name, client } = await member('operator', 'reviewer')
  const body = { roles: ['owner' as const] }
  const change = client.call(setMember, { params: { project: DEFAULT, member: name }, body })
  await expect(change).rejects.toMatchObject({ code: 'forbidden', status: 403 })
  const { members } = await owner.call(listMembers, { params: { project: DEFAULT } })
  expect(members.find((one) => one.name === name)?.roles).toEqual(['operator', 'reviewer'])
})

test('a token that is narrowed to acts makes no token, though its owner might', async () => {
  const acts: Act[] = ['token.create', 'token.list', 'account.create', 'account.change', 'runner.admit']
  const narrowed = await clientOf('eve', { acts })
  await narrowed.call(listTokens, {})
  const params = { project: DEFAULT, account: AccountName.parse('narrow') }
  await narrowed.call(createAccount, { params, body: { name: params.account, roles: ['viewer'] } })
  for (const make of [
    () => narrowed.call(createToken, { body: { name: 'wide' } }),
    () => narrowed.call(createJoinToken, { body: { name: 'wide' } }),
    () => narrowed.call(createAccountToken, { params, body: { name: 'wide' } }),
  ])
    await expect(make()).rejects.toMatchObject({ code: 'forbidden' })
})

describe('a right that is taken back', () => {
  test('ends the streams of a token that is revoked', async () => {
    const { client } = await member('viewer')
    const { tokens } = await client.call(listTokens, {})
    const stream = await openStream(client)
    // Longer than it takes until it is asked again whether they still may.
    expect(await Promise.race([stream.ended, pause(1_200, 'open')])).toBe('open')
    await client.call(revokeToken, { params: { token: tokens[0]?.id ?? '' } })
    expect(await inTime(stream)).toBe('cut')
    await expect(reads(client)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('ends the streams of a service account whose token is revoked', async () => {
    const params = { project: DEFAULT, account: AccountName.parse('watcher') }
    await owner.call(createAccount, { params, body: { name: params.account, roles: ['viewer'] } })
    const { id, secret } = await owner.call(createAccountToken, { params, body: { name: 'only' } })
    const stream = await openStream(withToken(secret))
    await owner.call(revokeAccountToken, { params: { ...params, token: id } })
    expect(await inTime(stream)).toBe('cut')
  })

  test('ends the streams of somebody who is taken out of the project', async () => {
    const { name, client } = await member('viewer')
    const stream = await openStream(client)
    await owner.call(removeMember, { params: { project: DEFAULT, member: name } })
    expect(await inTime(stream)).toBe('cut')
  })
})

describe('with a runner that joined', () => {
  let runner: FakeRunner
  beforeAll(async () => {
    const { secret } = await owner.call(createJoinToken, { body: { name: 'rack' } })
    runner = await startFakeRunner(withToken(secret), 'runner-0')
    await pushVersion(owner, 'sum', 'export {}')
  })
  afterAll(() => runner.fallSilent())

  test('whoever makes a deployment answers for it, until it is handed over', async () => {
    const [ada, bob] = [await member('operator'), await member('operator')]
    await deploy(ada.client, 'forecast', 'sum')
    const deployment = DeploymentName.parse('forecast')
    const answering = async () => {
      const { members } = await owner.call(listMembers, { params: { project: DEFAULT } })
      return members.filter(({ deployments }) => deployments.includes(deployment)).map(({ name }) => name)
    }
    expect(await answering()).toEqual([ada.name])
    const leave = () => owner.call(removeMember, { params: { project: DEFAULT, member: ada.name } })
    await expect(leave()).rejects.toMatchObject({ code: 'owns_running', details: { deployments: ['forecast'] } })
    const handOver = (by: Client, to: string) =>
      by.call(setDeploymentOwner, { params: { project: DEFAULT, deployment }, body: { owner: to } })
    await expect(handOver(ada.client, bob.name)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await handOver(owner, bob.name)).toEqual({ owner: bob.name })
    expect(await answering()).toEqual([bob.name])
    await leave()
  })
})
