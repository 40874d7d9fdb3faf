import {
  ACTS,
  createAccount,
  createAccountToken,
  createJoinToken,
  createPerson,
  createProject,
  createToken,
  ENDPOINTS,
  mayInProject,
  ProjectName,
  ROLES,
  setMember,
} from '@stead/contracts'
import type { AccountName, Act, ActRule, Endpoint, ErrorBody, Grants, Role } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

const PASSWORD = 'a long enough password'
const OTHER = ProjectName.parse('other')
const ABSENT = ProjectName.parse('absent')

/** Somebody who asks, and what the table says of them. */
interface Asker {
  readonly who: string
  readonly headers: Record<string, string>
  readonly may: (act: Act) => 'yes' | 'sign in' | 'no' | 'nothing here'
}

let server: ScratchServer
let askers: readonly Asker[] = []
let owner: Client

beforeAll(async () => {
  server = await startScratchServer()
  const local = server.client
  await pushVersion(local, 'weather', 'export {}')
  await local.call(createProject, { body: { name: OTHER } })
  await local.call(createPerson, {
    body: { name: 'tomas' as AccountName, password: PASSWORD, isInstallationOwner: true },
  })
  const ownerToken = await tokenOf('tomas')
  owner = createClient({ url: server.url, token: ownerToken })
  const members = await Promise.all(
    ROLES.map(async (role) => memberIn(role, DEFAULT, { roles: [role], denies: [] }, role)),
  )
  const denied: Grants = { roles: ['owner'], denies: ['deployment.*', 'alias.set'] }
  const account = await accountWith('operator')
  const { secret: joinToken } = await owner.call(createJoinToken, { body: { name: 'machines' } })
  askers = [
    { who: 'a stranger', headers: {}, may: ofStranger },
    { who: 'a runner', headers: bearer(joinToken), may: ofRunner },
    { who: 'an owner of the installation', headers: bearer(ownerToken), may: ofInstallationOwner },
    ...members,
    await memberIn('a member with denials', DEFAULT, denied, 'denied'),
    { who: 'a service account', headers: bearer(account), may: ofMember({ roles: ['operator'], denies: [] }, false) },
    { ...(await memberIn('an owner of another project', OTHER, { roles: ['owner'], denies: [] }, 'outsider')) },
    { who: 'one without any project', headers: bearer(await personWithToken('lonely')), may: ofOutsider },
  ]
})
afterAll(() => server.close())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function tokenOf(name: string): Promise<string> {
  const signed = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: PASSWORD }),
  })
  const cookie = signed.headers.getSetCookie()[0]!.split(';', 1)[0]!
  const made = await fetch(`${server.url}/api/v1/me/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ name: 'test' }),
  })
  return createToken.returns!.parse(await made.json()).secret
}

async function personWithToken(name: string): Promise<string> {
  await owner.call(createPerson, { body: { name: name as AccountName, password: PASSWORD } })
  return tokenOf(name)
}

async function memberIn(who: string, project: ProjectName, grants: Grants, name: string): Promise<Asker> {
  const token = await personWithToken(name)
  await owner.call(setMember, { params: { project, member: name as AccountName }, body: grants as never })
  return { who, headers: bearer(token), may: project === DEFAULT ? ofMember(grants, true) : ofOutsider }
}

async function accountWith(role: Role): Promise<string> {
  const params = { project: DEFAULT }
  await owner.call(createAccount, { params, body: { name: 'ci' as AccountName, roles: [role] } })
  const made = await owner.call(createAccountToken, {
    params: { ...params, account: 'ci' as AccountName },
    body: { name: 'test' },
  })
  return made.secret
}

const ruleOf = (act: Act): ActRule => ACTS[act]

const ofStranger = (act: Act) => {
  const rule = ruleOf(act)
  return 'circle' in rule && rule.circle === 'anyone' ? 'yes' : 'sign in'
}

const ofRunner = (act: Act) => {
  const rule = ruleOf(act)
  if ('roles' in rule) return act === 'artifact.get' ? 'yes' : 'no'
  return rule.circle === 'runner' || rule.circle === 'signed in' || rule.circle === 'anyone' ? 'yes' : 'no'
}

const ofInstallationOwner = (act: Act) => {
  const rule = ruleOf(act)
  return 'roles' in rule ? (mayInProject(act, { roles: ['owner'], denies: [] }) ? 'yes' : 'no') : yesUnlessRunners(rule)
}

const yesUnlessRunners = ({ circle }: { circle: string }) => (circle === 'runner' ? 'no' : 'yes')

const ofMember = (grants: Grants, isPerson: boolean) => (act: Act) => {
  const rule = ruleOf(act)
  if ('roles' in rule) return mayInProject(act, grants) ? 'yes' : 'no'
  if (rule.circle === 'person') return isPerson ? 'yes' : 'no'
  return rule.circle === 'anyone' || rule.circle === 'signed in' ? 'yes' : 'no'
}

const ofOutsider = (act: Act) => {
  const rule = ruleOf(act)
  if ('roles' in rule) return 'nothing here'
  return rule.circle === 'installation owner' || rule.circle === 'runner' ? 'no' : 'yes'
}

/** Names of nothing, so that whoever may do all that there is changes nothing by it. */
const NAMES: Readonly<Record<string, string>> = {
  digest: `sha256:${'0'.repeat(64)}`,
  version: '999',
  member: 'nobody',
  person: 'nobody',
  account: 'nobody',
}

function addressOf({ path }: Endpoint, project: ProjectName): string {
  return path.replaceAll(/:([a-z]+)/g, (_, key: string) => (key === 'project' ? project : (NAMES[key] ?? 'nothing')))
}

async function ask(endpoint: Endpoint, project: ProjectName, headers: Record<string, string>) {
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const gone = new AbortController()
  const response = await fetch(`${server.url}${addressOf(endpoint, project)}`, {
    method: endpoint.method,
    redirect: 'manual',
    signal: gone.signal,
    headers: { ...headers, ...(hasBody ? { 'content-type': bodyTypeOf(endpoint) } : {}) },
    ...(hasBody ? { body: endpoint.streams?.in ? 'x' : '{}' } : {}),
  })
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  const error = response.status >= 400 && isJson ? ((await response.json()) as ErrorBody).error : undefined
  gone.abort()
  return { status: response.status, error }
}

const bodyTypeOf = ({ streams }: Endpoint) => (streams?.in ? 'application/octet-stream' : 'application/json')

describe('every endpoint', () => {
  test.for(Object.entries(ENDPOINTS).map(([name, endpoint]) => ({ name, endpoint })))(
    '$name lets in whom the table of acts names, and nobody else',
    async ({ endpoint }) => {
      for (const { who, headers, may } of askers) {
        // It would end the only credential of those who ask here, or put an empty house in the place of this one.
        if (endpoint.act === 'session.end') continue
        const { status, error } = await ask(endpoint, DEFAULT, headers)
        const told = `${who}: ${status} ${error?.code ?? ''} ${error?.message ?? ''}`
        const expected = may(endpoint.act)
        if (expected === 'sign in') expect(error?.code, told).toBe('unauthenticated')
        else if (expected === 'no') expect(error?.code, told).toBe('forbidden')
        else if (expected === 'nothing here') {
          const absent = await ask(endpoint, ABSENT, headers)
          expect(status, told).toBe(404)
          expect(JSON.parse(JSON.stringify(error).replaceAll(DEFAULT, ABSENT)), told).toEqual(absent.error)
        } else expect(['unauthenticated', 'forbidden', 'project_not_found'], told).not.toContain(error?.code)
      }
    },
  )
})
