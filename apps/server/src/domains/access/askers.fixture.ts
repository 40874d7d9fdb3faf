import {
  ACTS,
  createAccount,
  createAccountToken,
  createJoinToken,
  createPerson,
  createProject,
  createToken,
  mayInProject,
  ProjectName,
  ROLES,
  setMember,
} from '@stead/contracts'
import type { AccountName, Act, ActRule, Grants, Role } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

const PASSWORD = 'a long enough password'
const OTHER = ProjectName.parse('other')
export const ABSENT = ProjectName.parse('absent')

/** Somebody who asks, and what the table says of them. */
export interface Asker {
  readonly who: string
  readonly headers: Record<string, string>
  readonly may: (act: Act) => 'yes' | 'sign in' | 'no' | 'nothing here'
}

/** A closed installation with everybody in it who could ask for something. */
export interface ClosedServer {
  readonly server: ScratchServer
  readonly askers: readonly Asker[]
}

export async function startClosedServer(): Promise<ClosedServer> {
  const server = await startScratchServer()
  const local = server.client
  await pushVersion(local, 'weather', 'export {}')
  await local.call(createProject, { body: { name: OTHER } })
  await local.call(createPerson, {
    body: { name: 'tomas' as AccountName, password: PASSWORD, isInstallationOwner: true },
  })
  const ownerToken = await tokenOf(server, 'tomas')
  const house = { server, owner: createClient({ url: server.url, token: ownerToken }) }
  const members = await Promise.all(
    ROLES.map(async (role) => memberIn(house, role, DEFAULT, { roles: [role], denies: [] }, role)),
  )
  const denied: Grants = { roles: ['owner'], denies: ['deployment.*', 'alias.set', 'run.*'] }
  const account = await accountWith(house, 'operator')
  const { secret: joinToken } = await house.owner.call(createJoinToken, { body: { name: 'machines' } })
  const lonely = await personWithToken(house, 'lonely')
  const askers = [
    { who: 'a stranger', headers: {}, may: ofStranger },
    { who: 'a runner', headers: bearer(joinToken), may: ofRunner },
    { who: 'an owner of the installation', headers: bearer(ownerToken), may: ofInstallationOwner },
    ...members,
    await memberIn(house, 'a member with denials', DEFAULT, denied, 'denied'),
    { who: 'a service account', headers: bearer(account), may: ofMember({ roles: ['operator'], denies: [] }, false) },
    await memberIn(house, 'an owner of another project', OTHER, { roles: ['owner'], denies: [] }, 'outsider'),
    { who: 'one without any project', headers: bearer(lonely), may: ofOutsider },
  ]
  return { server, askers }
}

interface House {
  readonly server: ScratchServer
  readonly owner: Client
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function tokenOf(server: ScratchServer, name: string): Promise<string> {
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

async function personWithToken({ server, owner }: House, name: string): Promise<string> {
  await owner.call(createPerson, { body: { name: name as AccountName, password: PASSWORD } })
  return tokenOf(server, name)
}

async function memberIn(house: House, who: string, project: ProjectName, grants: Grants, name: string): Promise<Asker> {
  const token = await personWithToken(house, name)
  await house.owner.call(setMember, { params: { project, member: name as AccountName }, body: grants as never })
  return { who, headers: bearer(token), may: project === DEFAULT ? ofMember(grants, true) : ofOutsider }
}

async function accountWith({ owner }: House, role: Role): Promise<string> {
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
