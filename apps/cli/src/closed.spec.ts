import { AccountName, createPerson } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../server/src/scratch-server.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Typed } from './fake-terminal.fixture.ts'

const PASSWORD = 'a long enough password'

let server: ScratchServer
let token = ''
beforeAll(async () => {
  server = await startScratchServer()
  await server.client.call(createPerson, {
    body: { name: AccountName.parse('ada'), password: PASSWORD, isInstallationOwner: true },
  })
})
afterAll(() => server.close())

const run = (line: string, typed: Typed = {}) =>
  stead(line.split(' '), { ...typed, env: { STEAD_URL: server.url, ...typed.env } })
const asAda = (line: string) => run(line, { env: { STEAD_TOKEN: token } })

test('whoever has no token gets one by their password, typed or piped, and nothing by a wrong one', async () => {
  const { code, stderr } = await run('models')
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('--as YOU') as string })
  const piped = await run('access tokens create piped --as ada', { input: `${PASSWORD}\n` })
  const typed = await run('access tokens create typed --as ada', {
    answer: PASSWORD,
    // One that has expired is not in the way.
    env: { STEAD_TOKEN: 'stead_pat_expired' },
  })
  for (const made of [piped, typed]) expect(made.stdout).toMatch(/^stead_pat_\S{43}\n$/)
  token = typed.stdout
  expect((await asAda('access whoami')).stdout).toMatch(/^ada, owner of the installation$/m)
  const wrong = await run('access tokens create other --as ada', { input: 'not this one' })
  expect(wrong).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('do not go together') as string })
})

test('the way from an owner to people, members and machines, as the documents tell it', async () => {
  const bob = AccountName.parse('bob')
  const { createClient } = await import('@stead/sdk')
  await createClient({ url: server.url, token: token.trim() }).call(createPerson, { body: { name: bob } })
  expect((await asAda('access members set bob --role operator')).stdout).toBe('bob is operator in default\n')
  expect((await asAda('access members')).stdout).toMatch(/^bob +bob +operator/m)
  await asAda('access accounts create ci --role contributor')
  const made = await asAda('access accounts token create ci nightly')
  const asCi = { env: { STEAD_TOKEN: made.stdout } }
  expect((await run('access whoami', asCi)).stdout).toMatch(/^service:ci$/m)
  const refused = await run('access members set bob --role owner', asCi)
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain('member.set takes the role owner in default; yours: contributor')
  expect(refused.stderr).toContain('stead access roles')
  await asAda('access accounts token revoke ci nightly')
  expect((await run('models', asCi)).stderr).toContain('unknown, expired or revoked')
  expect((await asAda('access join-tokens create rack-2')).stdout).toMatch(/^stead_join_\S{43}\n$/)
  expect((await asAda('access members remove ada')).code).toBe(3)
})
