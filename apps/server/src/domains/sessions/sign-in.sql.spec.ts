import { createHash, randomUUID } from 'node:crypto'
import { AccountName } from '@stead/contracts'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { auditOf } from '../members/people.fixture.ts'
import { createOwner } from '../people/create-owner.sql.ts'
import { createPasswordHashing } from '../people/password-hashing.ts'
import { sqlPeopleStore } from '../people/people.sql.ts'
import { sqlSessionStore } from './sessions.sql.ts'
import { sqlSsoStore } from './sso/sso.sql.ts'

const PASSWORD = 'correct horse battery'
const ADA = AccountName.parse('ada')
const IDLE_MS = 7 * 86_400_000
const ACCOUNT = { issuer: 'https://id.example', subject: 's-1', preferredUsername: 'ada' }
const CLAIMS = { ...ACCOUNT, email: undefined, displayName: undefined }

describeOnDatabases('accounts', (databases) => {
  const people = async () => {
    const database = await databases.open()
    return { database, store: sqlPeopleStore(database.kysely), sessions: sqlSessionStore(database.kysely) }
  }
  const begin = ({ kysely }: Database, person: { id: string; name: string; passwordHash: string | null }, more = {}) =>
    sqlSessionStore(kysely).begin(person, { ...newSession(), ...more }, IDLE_MS)
  const newSession = () => ({
    hash: createHash('sha256').update(randomUUID()).digest('hex'),
    agent: 'a browser',
    address: '10.0.0.1',
    expiresAt: new Date(Date.now() + 86_400_000),
    way: 'password' as const,
  })

  test('an owner is made once, whoever makes them at the same time, and is in the audit log', async () => {
    const { database } = await people()
    const made = await Promise.allSettled(
      [1, 2, 3].map(() => createOwner(database.kysely, { name: 'ada', password: PASSWORD })),
    )
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of made)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' })
    expect(await auditOf(database.kysely)).toEqual([
      expect.objectContaining({ chain: 'installation', act: 'person.created', actor: 'stead', subject: 'person ada' }),
    ])
  })

  test('a name or a password that will not do makes nobody', async () => {
    const { database, store } = await people()
    for (const [name, password, where] of [
      ['Ada', PASSWORD, 'name'],
      ['ada', 'too short', 'password'],
    ] as const)
      await expect(createOwner(database.kysely, { name, password })).rejects.toMatchObject({
        code: 'invalid_request',
        where,
      })
    expect(await store.list()).toEqual([])
  })

  test('what refuses a change undoes all of it', async () => {
    const { database, store } = await people()
    await createOwner(database.kysely, { name: ADA, password: PASSWORD })
    const refuse = () => {
      throw new Error('no')
    }
    await expect(store.change(ADA, { displayName: 'Other' }, refuse)).rejects.toThrow('no')
    await expect(store.remove(ADA, refuse)).rejects.toThrow('no')
    expect(await store.list()).toMatchObject([{ name: ADA, displayName: ADA }])
    expect(await auditOf(database.kysely)).toHaveLength(1)
  })

  test('a session does not begin for a password that has been changed, or a person disabled, meanwhile', async () => {
    const { database, store, sessions } = await people()
    await createOwner(database.kysely, { name: ADA, password: PASSWORD })
    const known = await sessions.find(ADA)
    if (!known) throw new Error('she is there')
    await store.change(ADA, { passwordHash: 'another hash' }, () => {})
    expect(await begin(database, known)).toBe(false)
    const changed = await sessions.find(ADA)
    if (!changed) throw new Error('she is there')
    expect(await begin(database, changed)).toBe(true)
    await store.change(ADA, { isDisabled: true }, () => {})
    expect(await begin(database, changed)).toBe(false)
    expect(await sessions.list(changed.id, IDLE_MS)).toEqual([])
    expect(await sessions.find(ADA)).toBeUndefined()
  })

  test('sessions that are over or were long unused are not listed, and go with the next sign-in', async () => {
    const { database, sessions } = await people()
    await createOwner(database.kysely, { name: ADA, password: PASSWORD })
    const ada = (await sessions.find(ADA))!
    await begin(database, ada, { expiresAt: new Date(Date.now() - 1_000) })
    await begin(database, ada, { agent: 'long unused' })
    await database.kysely
      .updateTable('sessions')
      .set({ seen_at: new Date(Date.now() - IDLE_MS - 60_000) })
      .where('agent', '=', 'long unused')
      .execute()
    expect(await sessions.list(ada.id, IDLE_MS)).toEqual([])
    await begin(database, ada, { agent: 'here' })
    const left = await database.kysely.selectFrom('sessions').select('agent').execute()
    expect(left).toEqual([{ agent: 'here' }])
  })

  test('a person who comes by single sign-on many times at once for the first time is one person', async () => {
    const { database, store } = await people()
    const sso = sqlSsoStore(database.kysely)
    const found = await Promise.all(Array.from({ length: 5 }, () => sso.personOf(CLAIMS, true)))
    const again = await sso.personOf({ ...CLAIMS, preferredUsername: 'renamed' }, true)
    expect(new Set([...found.filter(Boolean), again].map((person) => person?.id)).size).toBe(1)
    expect(await store.list()).toMatchObject([{ name: ADA, hasPassword: false }])
  })

  test('names that nobody here can have make nobody', async () => {
    const { database, store } = await people()
    const sso = sqlSsoStore(database.kysely)
    for (const preferredUsername of [undefined, '', '<script>', 'a/b', '-'])
      expect(await sso.personOf({ ...CLAIMS, preferredUsername }, true)).toBeUndefined()
    expect(await store.list()).toEqual([])
  })
})

test('passwords are kept as Argon2id, at what OWASP asks for, and each hash is another', async () => {
  const hashing = createPasswordHashing()
  const [one, other] = [await hashing.hash(PASSWORD), await hashing.hash(PASSWORD)]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(one).not.toBe(other)
  expect(await hashing.fits(PASSWORD, one)).toBe(true)
  expect(await hashing.fits(`${PASSWORD} `, one)).toBe(false)
  expect(await hashing.fits(PASSWORD, null)).toBe(false)
})

test('hundreds of passwords at once do not pile up: those beyond the bound are told to come back', async () => {
  const hashing = createPasswordHashing()
  const kept = await hashing.hash(PASSWORD)
  const checked = await Promise.allSettled(Array.from({ length: 100 }, () => hashing.fits(PASSWORD, kept)))
  const refused = checked.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  for (const outcome of checked)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'too_many_attempts' })
    else expect(outcome.value).toBe(true)
  expect(await hashing.fits(PASSWORD, kept)).toBe(true)
})
