import { ConsumerName, DeploymentName } from '@stead/contracts'
import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlConsumerStore } from './consumers.sql.ts'
import { sqlUsageStore } from './usage.sql.ts'

const LIMITS = { rate: 2.5, burst: null, perDay: 10, perMonth: null }
const shop = ConsumerName.parse('shop')
const change = { projectId: 'default', consumer: shop, actor: 'ada' }
const key = (name: string) => ({
  name,
  hash: name.padEnd(64, '0'),
  hint: 'stead_key_abcdef',
  deployments: null,
  expiresAt: null,
})

describeOnDatabases('the consumers of a database', (databases) => {
  let database: Database
  beforeEach(async () => {
    database = await databases.open()
  })
  const store = () => sqlConsumerStore(database.kysely)
  const made = () => store().create('default', { name: shop, description: 'the shop', limits: LIMITS }, 'ada')
  const audited = async () =>
    (await database.kysely.selectFrom('audit').select(['act', 'subject', 'entry']).orderBy('sequence').execute()).map(
      ({ entry, ...row }) => ({ ...row, entry }),
    )

  test('a consumer is made once, and every change of it is in the audit log and in the events', async () => {
    expect(await made()).toMatchObject({ kind: 'consumer.created', subject: 'consumer shop', actor: 'ada' })
    expect(await made()).toBe('name_taken')
    const limits = { ...LIMITS, perDay: 20 }
    expect(await store().change(change, ({ description }) => ({ description, limits }))).toMatchObject({
      kind: 'consumer.changed',
    })
    const added = await store().addKey(change, key('live'))
    expect(added).toMatchObject({ key: { name: 'live', lastUsedAt: null } })
    expect(await store().list('default')).toMatchObject([{ name: 'shop', limits, keys: [{ name: 'live' }] }])
    const { key: made1 } = added as { key: { id: string } }
    expect(await store().removeKey(change, made1.id)).toMatchObject({ kind: 'consumer.key-revoked' })
    expect(await store().removeKey(change, made1.id)).toBe('key_gone')
    expect(await store().remove(change)).toMatchObject({ kind: 'consumer.deleted' })
    expect(await store().remove(change)).toBe('gone')
    const entries = await audited()
    expect(entries.map(({ act, subject }) => `${act} ${subject}`)).toEqual([
      'consumer.created consumer shop',
      'consumer.changed consumer shop',
      'consumer.key-created consumer shop/live',
      'consumer.key-revoked consumer shop/live',
      'consumer.deleted consumer shop',
    ])
    for (const { entry } of entries) expect(entry).not.toContain(key('live').hash)
  })

  test('a change that is refused leaves nothing behind', async () => {
    await made()
    await expect(
      store().change(change, () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await store().addKey(change, { ...key('a'), deployments: [DeploymentName.parse('nowhere')] })).toEqual({
      missing: ['nowhere'],
    })
    await store().addKey(change, key('a'))
    expect(await store().addKey(change, { ...key('a'), hash: '1'.repeat(64) })).toBe('name_taken')
    expect(await audited()).toHaveLength(2)
    expect(await store().list()).toMatchObject([{ keys: [{ name: 'a' }] }])
  })

  test('use adds up by hour, and stays when its consumer is gone', async () => {
    await made()
    const id = (await store().find('default', shop))?.id ?? ''
    const { key: own } = (await store().addKey(change, key('live'))) as { key: { id: string } }
    const usage = sqlUsageStore(database.kysely)
    const at = (hour: string, requests: number, failed: number) => ({
      projectId: 'default',
      consumerId: id,
      key: own.id,
      deployment: 'sums',
      version: 1,
      hour: Date.parse(hour),
      requests,
      failed,
    })
    const now = new Date('2026-02-10T11:30:00Z')
    await usage.add([at('2026-02-10T10:00:00Z', 2, 1)], [{ key: own.id, at: now }])
    await usage.add([at('2026-02-10T11:00:00Z', 1, 0), at('2026-02-10T10:00:00Z', 3, 0)], [])
    await usage.add([at('2026-01-31T23:00:00Z', 9, 9)], [])
    expect((await store().list())[0]?.keys[0]?.lastUsedAt).toBe(now.toISOString())
    await store().remove(change)
    expect(await usage.read(id, new Date('2026-02-01T00:00:00Z'), 'hour')).toMatchObject([
      { at: '2026-02-10T10:00:00.000Z', requests: 5, failed: 1 },
      { at: '2026-02-10T11:00:00.000Z', requests: 1, failed: 0 },
    ])
    expect(await usage.read(id, new Date('2026-01-01T00:00:00Z'), 'day')).toMatchObject([
      { at: '2026-01-31T00:00:00.000Z', requests: 9, failed: 9 },
      { at: '2026-02-10T00:00:00.000Z', requests: 6, failed: 1 },
    ])
    expect(await usage.sums(new Date('2026-02-10T00:00:00Z'), new Date('2026-02-01T00:00:00Z'))).toEqual([
      { consumerId: id, today: 6, thisMonth: 6 },
    ])
  })

  test('monitors are the tokens of owners that say so, for as long as these are owners', async () => {
    const people = [
      { id: 'owner', name: 'owner', is_owner: true, is_disabled: false },
      { id: 'former', name: 'former', is_owner: false, is_disabled: false },
      { id: 'gone', name: 'gone', is_owner: true, is_disabled: true },
    ]
    for (const person of people)
      await database.kysely
        .insertInto('people')
        .values({ ...person, display_name: person.name })
        .execute()
    const token = (id: string, person: string, acts: string[] | null, projects: string[] | null = null) =>
      database.kysely
        .insertInto('tokens')
        .values({ id, kind: 'person', hash: id, hint: '', name: id, person_id: person, acts, projects })
        .execute()
    await token('monitor', 'owner', ['event.stream', 'installation.metrics'])
    await token('all', 'owner', null)
    await token('other', 'owner', ['installation.status'])
    await token('narrow', 'owner', ['installation.metrics'], ['default'])
    for (const person of ['former', 'gone']) await token(person, person, ['installation.metrics'])
    expect(await store().monitors()).toEqual([{ hash: 'monitor', expiresAt: null }])
  })
})
