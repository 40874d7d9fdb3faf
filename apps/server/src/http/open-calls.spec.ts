import {
  changePerson,
  createPerson,
  createProject,
  createToken,
  listTokens,
  ProjectName,
  removeMember,
  revokeToken,
  setMember,
  streamEvents,
} from '@stead/contracts'
import type { AccountName } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, type ScratchServer, startScratchServer } from '../scratch-server.fixture.ts'

const PASSWORD = 'a long enough password'
let server: ScratchServer
let owner: string
beforeAll(async () => {
  server = await startScratchServer()
  const body = { name: 'tomas' as AccountName, password: PASSWORD, isInstallationOwner: true }
  await server.client.call(createPerson, { body })
  owner = await tokenFor(await signedIn('tomas'))
})
afterAll(() => server.close())

const asOwner = () => createClient({ url: server.url, token: owner })

/** The cookie of a new session. */
async function signedIn(name: string): Promise<string> {
  const answer = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: PASSWORD }),
  })
  expect(answer.status).toBe(200)
  return answer.headers.getSetCookie()[0]!.split(';', 1)[0]!
}

async function tokenFor(cookie: string): Promise<string> {
  const made = await fetch(`${server.url}/api/v1/me/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ name: crypto.randomUUID() }),
  })
  return createToken.returns!.parse(await made.json()).secret
}

let people = 0
async function newMember(): Promise<{ name: AccountName; cookie: string }> {
  const name = `person-${++people}` as AccountName
  await asOwner().call(createPerson, { body: { name, password: PASSWORD } })
  const params = { project: DEFAULT, member: name }
  await asOwner().call(setMember, { params, body: { roles: ['viewer'] } })
  return { name, cookie: await signedIn(name) }
}

/** An open event stream; `ended` resolves once the server has cut it. */
async function listen(headers: Record<string, string>, url = server.url) {
  const gone = new AbortController()
  const stream = await fetch(`${url}${streamEvents.path}?project=default`, { headers, signal: gone.signal })
  expect(stream.status).toBe(200)
  const reader = stream.body!.getReader()
  const ended = (async () => {
    try {
      while (!(await reader.read()).done);
    } catch {
      // Cut in the middle of a chunk.
    }
  })()
  return { ended, hangUp: () => gone.abort() }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('an open stream is cut when its token is revoked, and the token opens nothing any more', async () => {
  const { cookie } = await newMember()
  const token = await tokenFor(cookie)
  const client = createClient({ url: server.url, token })
  const stream = await listen(bearer(token))
  const { tokens } = await client.call(listTokens, {})
  await client.call(revokeToken, { params: { token: tokens.find(({ hint }) => token.startsWith(hint))!.id } })
  await stream.ended
  await expect(client.call(listTokens, {})).rejects.toMatchObject({ code: 'unauthenticated' })
})

test.for([
  [
    'their person is taken out of the project',
    (member: AccountName) => asOwner().call(removeMember, { params: { project: DEFAULT, member } }),
  ],
  [
    'their person is disabled',
    (person: AccountName) => asOwner().call(changePerson, { params: { person }, body: { isDisabled: true } }),
  ],
] as const)('open streams are cut when %s', async ([, end]) => {
  const { name, cookie } = await newMember()
  const streams = [await listen({ cookie }), await listen(bearer(await tokenFor(cookie)))]
  await end(name)
  await Promise.all(streams.map(({ ended }) => ended))
})

test('an open stream is cut when its session is signed out, and those of other sessions go on', async () => {
  const { name, cookie } = await newMember()
  const other = await listen({ cookie: await signedIn(name) })
  const stream = await listen({ cookie })
  const out = await fetch(`${server.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } })
  expect(out.status).toBe(204)
  await stream.ended
  const still = await Promise.race([other.ended.then(() => 'cut'), new Promise((go) => setTimeout(go, 1_500, 'open'))])
  expect(still).toBe('open')
  other.hangUp()
})

test('what was open while nobody was configured is cut when somebody owns the installation', async () => {
  const other = await startScratchServer()
  try {
    const stream = await listen({}, other.url)
    const body = { name: 'tomas' as AccountName, password: PASSWORD, isInstallationOwner: true }
    await other.client.call(createPerson, { body })
    await stream.ended
  } finally {
    await other.close()
  }
})

test('an owner of the installation hears of a project that was made after they began to listen', async () => {
  const gone = new AbortController()
  const stream = await fetch(`${server.url}${streamEvents.path}`, { headers: bearer(owner), signal: gone.signal })
  await asOwner().call(createProject, { body: { name: ProjectName.parse('newborn') } })
  let heard = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream.body!) {
    heard += decoder.decode(chunk, { stream: true })
    if (/project\.created[^]*\n\n/.test(heard)) break
  }
  expect(heard).toContain('"subject":"newborn"')
  gone.abort()
})

test('a stream of a project that one may not see is refused as one of a project that is not there', async () => {
  const { cookie } = await newMember()
  const ask = async (project: string) => {
    const answer = await fetch(`${server.url}${streamEvents.path}?project=${project}`, { headers: { cookie } })
    return [answer.status, (await answer.text()).replaceAll(project, '…')]
  }
  await fetch(`${server.url}/api/v1/projects`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(owner) },
    body: JSON.stringify({ name: ProjectName.parse('hidden') }),
  })
  expect(await ask('hidden')).toEqual(await ask('absent'))
})
