import { ROLES, SteadError } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'
import { ROLE_NAMES } from './grants.ts'

const { given, run, asked, calls } = fakeInstallation()

const since = '2026-01-02T03:04:05.000Z'
const member = (more: object = {}) => ({
  name: 'ada',
  displayName: 'Ada L.',
  roles: ['operator'],
  denies: [],
  isInherited: false,
  since,
  deployments: [],
  ...more,
})
const token = (more: object = {}) => ({
  id: 'token-1',
  name: 'laptop',
  hint: 'stead_pat_abcdef',
  projects: null,
  acts: null,
  createdAt: since,
  expiresAt: '2099-01-01T00:00:00.000Z',
  lastUsedAt: null,
  ...more,
})
const account = (more: object = {}) => ({
  name: 'ci',
  description: 'builds',
  roles: ['contributor'],
  denies: [],
  createdAt: since,
  deployments: ['forecast'],
  tokens: [token({ name: 'nightly' })],
  ...more,
})

test('the roles that can be given are those of the contracts', () => {
  expect(ROLE_NAMES).toEqual(ROLES)
})

test('what each role may do is told without a server', async () => {
  const { code, stdout } = await run('access roles')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^IN A PROJECT +viewer +contributor +operator +reviewer +owner +auditor$/m)
  expect(stdout).toMatch(/^deployment\.swap +yes +yes$/m)
  expect(stdout).toMatch(/^person\.create +installation owner$/m)
  expect(JSON.parse((await run('access roles --json')).stdout)).toMatchObject({ acts: { 'project.get': {} } })
})

describe('whoami', () => {
  const session = (more: object) => ({
    state: 'signed in',
    actor: 'ada',
    profile: { name: 'ada', displayName: 'Ada L.', isInstallationOwner: true, hasPassword: true },
    projects: { energy: { roles: ['operator'], denies: ['deployment.delete'] } },
    ways: { password: true, sso: null },
    ...more,
  })

  test('tells the name, and the roles in each project', async () => {
    await given({ readSession: () => session({}) })
    const { stdout } = await run('access whoami')
    expect(stdout).toMatch(/^ada \(Ada L\.\), owner of the installation$/m)
    expect(stdout).toMatch(/^energy +operator +deployment\.delete$/m)
  })

  test('tells where nobody is asked, and where somebody is wanted', async () => {
    const nobody = { actor: null, profile: null, projects: {} }
    await given({ readSession: () => session({ ...nobody, state: 'open', actor: 'local' }) })
    expect((await run('access whoami')).stdout).toContain('may do everything')
    await given({ readSession: () => session({ ...nobody, state: 'signed out' }) })
    expect((await run('access whoami')).stdout).toContain('STEAD_TOKEN')
  })
})

describe('members', () => {
  test('are listed with what they hold and answer for', async () => {
    const eve = member({ name: 'eve', displayName: 'Eve', roles: ['owner'], isInherited: true })
    await given({ listMembers: () => ({ members: [member({ deployments: ['forecast'] }), eve] }) })
    const { stdout } = await run('access members --project energy')
    expect(stdout).toMatch(/^ada +Ada L\. +operator +forecast +\d+ d ago$/m)
    expect(stdout).toMatch(/^eve +Eve +owner \(of the installation\)/m)
    expect(asked('listMembers')?.params).toEqual({ project: 'energy' })
  })

  test('are set with roles and denials', async () => {
    await given({ setMember: ({ body }) => member(body) })
    const { stdout } = await run('access members set ada --role operator --role reviewer --deny deployment.delete')
    expect(stdout).toBe('ada is operator and reviewer in default, without deployment.delete\n')
    expect(asked('setMember')).toMatchObject({
      params: { project: 'default', member: 'ada' },
      body: { roles: ['operator', 'reviewer'], denies: ['deployment.delete'] },
    })
  })

  test('are removed, or it is told which deployments stand against it', async () => {
    await given({ removeMember: () => undefined })
    expect((await run('access members remove ada')).stdout).toBe('ada is no member of default any more\n')
    await given({
      removeMember: () => {
        throw new SteadError('owns_running', '"ada" answers for a, b', { details: { deployments: ['a', 'b'] } })
      },
    })
    const { code, stderr } = await run('access members remove ada')
    expect(code).toBe(3)
    expect(stderr).toContain('"ada" answers for a, b')
    expect(stderr).toContain('stead access hand-over DEPLOYMENT NAME')
  })

  test.each([
    ['access members set ada', '--role is missing'],
    ['access members set ada --role operater', 'Did you mean operator?'],
    ['access members set ada --role operator --deny deployment.fly', 'denies.0: denial: an act'],
    ['access members set Ada --role operator', 'name: 1 to 100 lower-case'],
    ['access membres', 'Did you mean "members"?'],
    ['access accounts change ci', 'nothing to change is given'],
    ['access accounts change ci --deny golden.add --deny-nothing', 'contradict'],
    ['access tokens create laptop --days 3 --no-expiry', 'either --days or --no-expiry'],
    ['access tokens create laptop --act deployment.fly', 'acts.0'],
    ['access tokens create laptop --as ada', 'the password is empty'],
  ])('%s is not understood, and it is told why', async (line, hint) => {
    const { code, stderr } = await run(line)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(hint) as string })
  })
})

test('a deployment is handed over to a member or a service account', async () => {
  await given({ setDeploymentOwner: ({ body }) => body })
  expect((await run('access hand-over forecast service:ci')).stdout).toBe('service:ci answers for forecast\n')
  expect(asked('setDeploymentOwner')).toMatchObject({
    params: { deployment: 'forecast' },
    body: { owner: 'service:ci' },
  })
})

describe('service accounts', () => {
  test('are listed with their tokens', async () => {
    await given({ listAccounts: () => ({ accounts: [account()] }) })
    const { stdout } = await run('access accounts')
    expect(stdout).toMatch(/^ci +contributor +forecast +\d+ d ago +builds$/m)
    expect(stdout).toMatch(/^ci +nightly +stead_pat_abcdef… +all +\d+ d ago +2099-01-01 +never$/m)
  })

  test('are made, changed in what is given, and deleted', async () => {
    await given({
      createAccount: ({ body }) => account(body),
      changeAccount: ({ body }) => account(body),
      deleteAccount: () => undefined,
    })
    expect((await run('access accounts create ci --role contributor')).stdout).toContain('token create ci NAME')
    await run('access accounts change ci --deny-nothing')
    expect(asked('createAccount')?.body).toEqual({ name: 'ci', roles: ['contributor'], denies: [], description: '' })
    expect(asked('changeAccount')?.body).toEqual({ denies: [] })
    expect((await run('access accounts delete ci')).stdout).toContain('is deleted')
  })

  test('get tokens, whose secret alone is on stdout, and lose them by name', async () => {
    const secret = 'stead_sat_secret'
    await given({
      listAccounts: () => ({ accounts: [account()] }),
      createAccountToken: ({ body }) => token({ ...body, secret }),
      revokeAccountToken: () => undefined,
    })
    const made = await run('access accounts token create ci nightly --act version.create --no-expiry')
    expect(made.stdout).toBe(`${secret}\n`)
    expect(made.stderr).toContain('the only time')
    expect(asked('createAccountToken')?.body).toEqual({ name: 'nightly', acts: ['version.create'], days: null })
    await run('access accounts token revoke ci nightly')
    expect(asked('revokeAccountToken')?.params).toMatchObject({ account: 'ci', token: 'token-1' })
  })
})

describe('tokens', () => {
  test('are listed by what they are for and how long they last', async () => {
    const tokens = [
      token(),
      token({ name: 'old', projects: ['energy'], acts: ['model.list'], expiresAt: since, lastUsedAt: since }),
      token({ name: 'always', expiresAt: null }),
    ]
    await given({ listTokens: () => ({ tokens }) })
    const { stdout } = await run('access tokens')
    expect(stdout).toMatch(/^laptop .* all .* 2099-01-01 +never$/m)
    expect(stdout).toMatch(/^old .* energy model\.list .* expired +\d+ d ago$/m)
    expect(stdout).toMatch(/^always .* never +never$/m)
  })

  test('are made as asked for, and revoked by name or id', async () => {
    await given({
      createToken: ({ body }) => token({ ...body, secret: 'stead_pat_secret' }),
      listTokens: () => ({ tokens: [token()] }),
      revokeToken: () => undefined,
    })
    expect((await run('access tokens create laptop')).stdout).toBe('stead_pat_secret\n')
    expect(asked('createToken')?.body).toEqual({ name: 'laptop', projects: null, acts: null, days: 90 })
    for (const given of ['laptop', 'token-1', 'other']) await run(`access tokens revoke ${given}`)
    const revoked = calls()
      .filter(({ name }) => name === 'revokeToken')
      .map(({ request }) => request.params)
    expect(revoked).toEqual([{ token: 'token-1' }, { token: 'token-1' }, { token: 'other' }])
  })

  test('of runners are made, listed and revoked like them', async () => {
    const { projects: _, acts: __, ...join } = token({ name: 'rack-2', hint: 'stead_join_abcde' })
    await given({
      createJoinToken: () => ({ ...join, secret: 'stead_join_secret' }),
      listJoinTokens: () => ({ tokens: [join] }),
      revokeJoinToken: () => undefined,
    })
    expect((await run('access join-tokens create rack-2 --days 7')).stdout).toBe('stead_join_secret\n')
    expect((await run('access join-tokens')).stdout).toMatch(
      /^rack-2 +stead_join_abcde… +\d+ d ago +2099-01-01 +never$/m,
    )
    await run('access join-tokens revoke rack-2')
    expect(asked('revokeJoinToken')?.params).toEqual({ token: 'token-1' })
  })
})

describe('a platform that asks for credentials', () => {
  test('is told how to show some', async () => {
    await given({
      listModels: () => {
        throw new SteadError('unauthenticated')
      },
    })
    const { code, stderr } = await run('models')
    expect(code).toBe(3)
    expect(stderr).toContain('STEAD_TOKEN')
    expect(stderr).toContain('stead access tokens create NAME --as YOU')
  })

  test('tells which role it would take', async () => {
    await given({
      listModels: () => {
        throw new SteadError('forbidden', 'model.list takes the role viewer in default; yours: none')
      },
    })
    const { code, stderr } = await run('models')
    expect(code).toBe(3)
    expect(stderr).toContain('takes the role viewer')
    expect(stderr).toContain('stead access roles')
  })

  test('gets the token of STEAD_TOKEN without the line end of its file, and nothing that is none', async () => {
    await given({ listModels: () => ({ models: [], next: null, total: 0 }) })
    await run('models', { env: { STEAD_TOKEN: 'stead_pat_x\n' } })
    expect(calls()[0]?.headers.authorization).toBe('Bearer stead_pat_x')
    const { code, stderr } = await run('models', { env: { STEAD_TOKEN: 'two words' } })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('STEAD_TOKEN is no token') as string })
  })
})
