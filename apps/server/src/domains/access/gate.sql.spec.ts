import { createHash, randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { Tables } from '../../database/tables.ts'
import { SESSION_IDLE_MS } from './gate.ts'
import { sqlGateStore } from './gate.sql.ts'

const hash = (secret: string) => createHash('sha256').update(secret).digest('hex')
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const HOUR = 3_600_000

async function addPerson(
  kysely: Kysely<Tables>,
  name: string,
  more: { is_owner?: boolean; is_disabled?: boolean } = {},
) {
  const id = randomUUID()
  await kysely
    .insertInto('people')
    .values({ id, name, display_name: name, ...more } as never)
    .execute()
  return id
}

async function addToken(kysely: Kysely<Tables>, owner: object, more: object = {}): Promise<string> {
  const secret = randomUUID()
  await kysely
    .insertInto('tokens')
    .values({ id: randomUUID(), hash: hash(secret), hint: 'hint', name: 'test', ...owner, ...more } as never)
    .execute()
  return hash(secret)
}

describeOnDatabases('the store of the gate', (databases) => {
  test('a token tells its person, what they hold in each project, and what it is narrowed to', async () => {
    const { kysely } = await databases.open()
    const person_id = await addPerson(kysely, 'ada')
    await kysely.insertInto('projects').values({ id: 'r', name: 'research' }).execute()
    await kysely
      .insertInto('members')
      .values({ project_id: 'r', person_id, roles: ['viewer', 'unheard of'], denies: ['deployment.*'] })
      .execute()
    const of = { kind: 'person', person_id }
    const store = sqlGateStore(kysely)
    expect(await store.byToken(await addToken(kysely, of, { projects: ['research'], acts: ['model.list'] }))).toEqual({
      kind: 'person',
      id: person_id,
      name: 'ada',
      isInstallationOwner: false,
      isSession: false,
      credential: expect.any(String),
      grants: new Map([['r', { roles: ['viewer'], denies: ['deployment.*'] }]]),
      memberOf: new Map([['research', 'r']]),
      scope: { projects: ['research'], acts: ['model.list'] },
    })
    expect(await store.byToken(hash('another'))).toBeUndefined()
  })

  test('what has expired opens nothing, nor does what belongs to somebody who is disabled', async () => {
    const { kysely } = await databases.open()
    const store = sqlGateStore(kysely)
    const person_id = await addPerson(kysely, 'ada')
    const of = { kind: 'person', person_id }
    expect(await store.byToken(await addToken(kysely, of, { name: 'a', expires_at: inMs(HOUR) }))).toBeDefined()
    expect(await store.byToken(await addToken(kysely, of, { name: 'b', expires_at: inMs(-1) }))).toBeUndefined()
    const gone = await addPerson(kysely, 'gone', { is_disabled: true })
    expect(await store.byToken(await addToken(kysely, { kind: 'person', person_id: gone }))).toBeUndefined()
    expect(await store.byToken(await addToken(kysely, { kind: 'runner' }))).toMatchObject({ kind: 'runner' })
  })

  test('a session ends by its time, and when nobody has used it for long', async () => {
    const { kysely } = await databases.open()
    const store = sqlGateStore(kysely)
    const person_id = await addPerson(kysely, 'ada')
    const session = async (secret: string, seen_at: string, expires_at: string) => {
      const row = { id: randomUUID(), hash: hash(secret), person_id, agent: '', address: '', seen_at, expires_at }
      await kysely.insertInto('sessions').values(row).execute()
      return store.bySession(hash(secret), SESSION_IDLE_MS)
    }
    expect(await session('in use', inMs(-HOUR), inMs(HOUR))).toMatchObject({ name: 'ada', isSession: true })
    expect(await session('over', inMs(-HOUR), inMs(-1))).toBeUndefined()
    expect(await session('left', inMs(-SESSION_IDLE_MS - HOUR), inMs(HOUR))).toBeUndefined()
  })

  test('an installation has an owner once somebody is one', async () => {
    const { kysely } = await databases.open()
    const store = sqlGateStore(kysely)
    await addPerson(kysely, 'ada')
    expect(await store.hasOwner()).toBe(false)
    await addPerson(kysely, 'tomas', { is_owner: true })
    expect(await store.hasOwner()).toBe(true)
  })
})
