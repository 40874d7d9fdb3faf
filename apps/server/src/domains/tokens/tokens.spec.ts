import { createHash } from 'node:crypto'
import { fakeClock } from '@stead/chassis'
import { AccountName, ProjectName, SteadError } from '@stead/contracts'
import type { Act, Event } from '@stead/contracts'
import type { Kysely } from 'kysely'
import { describe, expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { Tables } from '../../database/tables.ts'
import { sqlGateStore } from '../access/gate.sql.ts'
import { addPerson, auditOf } from '../members/people.fixture.ts'
import type { Principal } from '../access/principal.ts'
import { sqlAccountStore } from '../service-accounts/service-accounts.sql.ts'
import { createServiceAccounts } from '../service-accounts/service-accounts.ts'
import { sqlTokenStore } from './tokens.sql.ts'
import { createTokens } from './tokens.ts'

const PROJECT = ProjectName.parse('default')
const LOCAL: Principal = { kind: 'local' }
const ci = AccountName.parse('ci')
const asked = { name: 'laptop', projects: null, acts: null, days: 90 }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function start(kysely: Kysely<Tables>) {
  const told: Event[] = []
  const projects = {
    idOf: async (name: ProjectName) => {
      if (name === 'default' || name === 'apart') return name
      throw new SteadError('project_not_found')
    },
  }
  const clock = fakeClock()
  const tokens = createTokens({ store: sqlTokenStore(kysely), projects, clock })
  const publish = (event: Event) => void told.push(event)
  const accounts = createServiceAccounts({ store: sqlAccountStore(kysely), tokens, projects, publish })
  return { kysely, tokens, accounts, told, clock }
}

describeOnDatabases('tokens', (databases) => {
  const open = async () => start((await databases.open()).kysely)

  test('a token is shown once and kept as a hash; afterwards its beginning tells it apart', async () => {
    const { kysely, tokens, clock } = await open()
    const ada = await addPerson(kysely, 'ada')
    const { secret, ...made } = await tokens.create(asked, ada)
    expect(secret).toMatch(/^stead_pat_[A-Za-z0-9_-]{43}$/)
    expect(made).toMatchObject({ name: 'laptop', hint: secret.slice(0, 16), lastUsedAt: null })
    expect(Date.parse(made.expiresAt ?? '')).toBe(clock.now().getTime() + 90 * 86_400_000)
    expect(await tokens.list(ada)).toEqual([made])
    const { hash } = await kysely.selectFrom('tokens').select('hash').executeTakeFirstOrThrow()
    expect(hash).toBe(sha256(secret))
    const everything = await Promise.all(
      (['tokens', 'audit', 'events'] as const).map((table) => kysely.selectFrom(table).selectAll().execute()),
    )
    expect(JSON.stringify(everything)).not.toContain(secret)
  })

  test('each says by its beginning what it is for, and no two are alike', async () => {
    const { kysely, tokens, accounts } = await open()
    const ada = await addPerson(kysely, 'ada')
    await accounts.create(PROJECT, { name: ci, description: '', roles: ['viewer'], denies: [] }, LOCAL)
    const lasting = { ...asked, days: null }
    const secrets = [
      await tokens.create(lasting, ada),
      await accounts.createToken({ project: PROJECT, account: ci }, lasting, ada),
      await tokens.createJoin(lasting, ada),
    ].map(({ secret }) => secret)
    expect(secrets.map((secret) => secret.replace(/_[^_].{42}$/, '_'))).toEqual([
      expect.stringMatching(/^stead_pat_/),
      expect.stringMatching(/^stead_sat_/),
      expect.stringMatching(/^stead_join_/),
    ])
    expect(new Set(secrets).size).toBe(3)
    const gate = sqlGateStore(kysely)
    const found = await Promise.all(secrets.map((secret) => gate.byToken(sha256(secret))))
    expect(found).toMatchObject([{ kind: 'person', name: 'ada' }, { kind: 'account', name: 'ci' }, { kind: 'runner' }])
  })

  test('a name is used once by an owner, and by another one as well', async () => {
    const { kysely, tokens } = await open()
    const [ada, bob] = [await addPerson(kysely, 'ada'), await addPerson(kysely, 'bob')]
    await tokens.create(asked, ada)
    await expect(tokens.create(asked, ada)).rejects.toMatchObject({ code: 'name_taken', where: 'body.name' })
    await tokens.create(asked, bob)
    await tokens.createJoin(asked, ada)
    await expect(tokens.createJoin(asked, ada)).rejects.toMatchObject({ code: 'name_taken' })
  })

  test('one that is revoked lets nobody in any more, and is nobody else’s to revoke', async () => {
    const { kysely, tokens } = await open()
    const [ada, bob] = [await addPerson(kysely, 'ada'), await addPerson(kysely, 'bob')]
    const { id, secret } = await tokens.create(asked, ada)
    for (const revoke of [() => tokens.revoke(id, bob), () => tokens.revokeJoin(id), () => tokens.revoke('none', ada)])
      await expect(revoke()).rejects.toMatchObject({ code: 'token_not_found' })
    await tokens.revoke(id, ada)
    expect(await sqlGateStore(kysely).byToken(sha256(secret))).toBeUndefined()
    await expect(tokens.revoke(id, ada)).rejects.toMatchObject({ code: 'token_not_found' })
  })

  test('a token that is narrowed makes no others, of whatever kind', async () => {
    const { kysely, tokens, accounts } = await open()
    const ada = await addPerson(kysely, 'ada', { isOwner: true })
    await accounts.create(PROJECT, { name: ci, description: '', roles: ['viewer'], denies: [] }, ada)
    for (const scope of [
      { projects: ['default'], acts: null },
      { projects: null, acts: ['token.create', 'account.change', 'runner.admit'] satisfies Act[] },
    ]) {
      const narrowed = { ...ada, isSession: false, scope }
      for (const make of [
        () => tokens.create(asked, narrowed),
        () => tokens.createJoin(asked, narrowed),
        () => accounts.createToken({ project: PROJECT, account: ci }, asked, narrowed),
      ])
        await expect(make()).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(await tokens.list(ada)).toEqual([])
  })

  test('only projects that one sees can be named, and others are as if they were not there', async () => {
    const { kysely, tokens } = await open()
    const ada = await addPerson(kysely, 'ada')
    const member = { ...ada, grants: new Map([['default', { roles: ['viewer'] as const, denies: [] }]]) }
    const narrow = (...projects: string[]) =>
      tokens.create({ ...asked, projects: projects.map((name) => ProjectName.parse(name)) }, member)
    for (const name of ['apart', 'none'])
      await expect(narrow('default', name)).rejects.toMatchObject({
        code: 'invalid_request',
        where: 'body.projects.1',
        message: `there is no project "${name}"`,
      })
    expect(await narrow('default')).toMatchObject({ projects: ['default'] })
  })

  test('nobody in particular has no tokens, and is told how to become somebody', async () => {
    const { tokens } = await open()
    expect(await tokens.list(LOCAL)).toEqual([])
    await expect(tokens.create(asked, LOCAL)).rejects.toThrow('stead access create-owner')
  })

  test('what is made and revoked is in the audit log: of people and runners in the installation’s, of accounts in the project’s', async () => {
    const { kysely, tokens, accounts } = await open()
    const ada = await addPerson(kysely, 'ada')
    const account = { project: PROJECT, account: ci }
    await accounts.create(PROJECT, { name: ci, description: '', roles: ['viewer'], denies: [] }, ada)
    const { id } = await tokens.create(asked, ada)
    await tokens.revoke(id, ada)
    const join = await tokens.createJoin({ ...asked, days: null }, ada)
    await tokens.revokeJoin(join.id)
    const sat = await accounts.createToken(account, { ...asked, acts: ['model.list'] }, ada)
    await accounts.revokeToken(account, sat.id)
    const told = (await auditOf(kysely)).map(({ chain, act, subject }) => `${chain}: ${String(act)} ${String(subject)}`)
    expect(told.toSorted()).toEqual(
      [
        'default: account.created service:ci',
        'default: token.created token laptop of service:ci',
        'default: token.revoked token laptop of service:ci',
        'installation: token.created token laptop of ada',
        'installation: token.created token laptop of runners',
        'installation: token.revoked token laptop of ada',
        'installation: token.revoked token laptop of runners',
      ].toSorted(),
    )
  })

  describe('service accounts', () => {
    const account = { project: PROJECT, account: ci }
    const fresh = { name: ci, description: 'builds', roles: ['operator', 'viewer'] as const, denies: ['golden.*'] }

    test('are listed by name, with their tokens', async () => {
      const { accounts } = await open()
      expect(await accounts.create(PROJECT, fresh, LOCAL)).toMatchObject({
        name: 'ci',
        description: 'builds',
        roles: ['viewer', 'operator'],
        denies: ['golden.*'],
        tokens: [],
      })
      await accounts.create(PROJECT, { ...fresh, name: AccountName.parse('a') }, LOCAL)
      const { secret: _, ...token } = await accounts.createToken(account, { ...asked, acts: ['model.list'] }, LOCAL)
      expect(await accounts.list(PROJECT)).toMatchObject([
        { name: 'a', tokens: [] },
        { name: 'ci', tokens: [token] },
      ])
      expect(token).toMatchObject({ projects: null, acts: ['model.list'] })
    })

    test('have names that are given once', async () => {
      const { accounts } = await open()
      const made = await Promise.allSettled([1, 2, 3].map(() => accounts.create(PROJECT, fresh, LOCAL)))
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'name_taken' })
    })

    test('are changed in what is named, and what is not stays', async () => {
      const { kysely, accounts, told } = await open()
      await accounts.create(PROJECT, fresh, LOCAL)
      expect(await accounts.change(account, { roles: ['viewer'] }, LOCAL)).toMatchObject({
        description: 'builds',
        roles: ['viewer'],
        denies: ['golden.*'],
      })
      await accounts.change(account, { description: 'builds', roles: ['viewer'] }, LOCAL)
      expect(await accounts.change(account, { description: '', denies: [] }, LOCAL)).toMatchObject({ denies: [] })
      expect(told.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
        'account.created service:ci',
        'account.changed service:ci',
        'account.changed service:ci',
      ])
      expect((await auditOf(kysely)).at(-1)).toMatchObject({
        before: { description: 'builds', roles: ['viewer'], denies: ['golden.*'] },
        after: { description: '', roles: ['viewer'], denies: [] },
      })
    })

    test('end with their tokens, but not while they answer for a deployment', async () => {
      const { kysely, accounts } = await open()
      await accounts.create(PROJECT, fresh, LOCAL)
      const { secret } = await accounts.createToken(account, asked, LOCAL)
      const { id } = await kysely.selectFrom('service_accounts').select('id').executeTakeFirstOrThrow()
      await kysely.insertInto('models').values({ id: 'm', project_id: 'default', name: 'm' }).execute()
      const owned = { project_id: 'default', name: 'forecast', model_id: 'm', generation: 1, owner: `account:${id}` }
      await kysely
        .insertInto('deployments')
        .values({ id: 'd', ...owned })
        .execute()
      expect(await accounts.list(PROJECT)).toMatchObject([{ name: 'ci', deployments: ['forecast'] }])
      await expect(accounts.remove(account, LOCAL)).rejects.toMatchObject({
        code: 'owns_running',
        details: { deployments: ['forecast'] },
      })
      await kysely.deleteFrom('deployments').execute()
      await accounts.remove(account, LOCAL)
      expect(await sqlGateStore(kysely).byToken(sha256(secret))).toBeUndefined()
      expect(await accounts.list(PROJECT)).toEqual([])
    })

    test('that are not there are told so, whatever is asked of them', async () => {
      const { accounts } = await open()
      for (const act of [
        () => accounts.change(account, {}, LOCAL),
        () => accounts.remove(account, LOCAL),
        () => accounts.createToken(account, asked, LOCAL),
        () => accounts.revokeToken(account, 'any'),
      ])
        await expect(act()).rejects.toMatchObject({ code: 'account_not_found' })
      await accounts.create(PROJECT, fresh, LOCAL)
      await expect(accounts.revokeToken(account, 'any')).rejects.toMatchObject({ code: 'token_not_found' })
    })
  })
})
