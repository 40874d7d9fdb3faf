import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeClock } from '@stead/chassis'
import { type AuditEntry, canonicalOf, CHAIN_BEGINS, checkChain, INSTALLATION_CHAIN } from '@stead/contracts'
import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlAuditStore } from './audit-rows.sql.ts'
import { openAuditKey } from './audit-key.files.ts'
import { appendAudit, holdLog } from './audit.sql.ts'
import { createAudit } from './audit.ts'
import { actAs } from './author.ts'
import { openCheckpoints } from './checkpoints.files.ts'
import { sha256 } from './hash.ts'

const done = (subject: string, projectId: string | null = 'default') => ({ projectId, act: 'noted', subject })
const stranger = (from: string) => ({ actor: 'stranger', credential: null, from, request: null })

describeOnDatabases('the audit log', (databases) => {
  const homes: string[] = []
  afterEach(async () => {
    for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true })
  })

  async function logOver({ kysely }: Database, home?: string) {
    if (home === undefined) homes.push((home = await mkdtemp(join(tmpdir(), 'stead-audit-'))))
    const store = sqlAuditStore(kysely)
    const broken: string[] = []
    const failures: unknown[] = []
    const clock = fakeClock()
    const checkpoints = await openCheckpoints(home, await openAuditKey(home, undefined))
    const audit = createAudit({
      store,
      checkpoints,
      clock,
      onBroken: (chain) => broken.push(chain),
      onFailure: (error) => failures.push(error),
    })
    const write = (entry: Parameters<typeof appendAudit>[1]) =>
      kysely.transaction().execute((transaction) => appendAudit(transaction, entry))
    /** As somebody does who has the database in their hands. */
    const tamper = (statement: ReturnType<typeof sql>) =>
      kysely.transaction().execute(async (transaction) => {
        await holdLog(transaction)
        await statement.execute(transaction)
      })
    return { home, kysely, store, checkpoints, audit, clock, write, tamper, broken, failures }
  }
  const first = async (store: ReturnType<typeof sqlAuditStore>, chain: string) =>
    (await store.after(chain, 0, 500)).map(({ entry }) => entry!)

  test('many who write at once make one chain for each project, without gap or fork', async () => {
    const { store, write, kysely } = await logOver(await databases.open())
    await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        at % 10 === 9
          ? kysely
              .transaction()
              .execute(async (transaction) => {
                await appendAudit(transaction, done('undone'))
                throw new Error('undone')
              })
              .catch(() => {})
          : write(done(String(at), at % 3 === 0 ? 'default' : at % 3 === 1 ? 'other' : null)),
      ),
    )
    const subjects: string[] = []
    for (const chain of ['default', 'other', INSTALLATION_CHAIN]) {
      const check = checkChain({ chain, sha256, checkpoints: [] })
      for (const { entry, isFaithful } of await store.after(chain, 0, 500)) {
        expect([check.take(entry), isFaithful]).toEqual([undefined, true])
        subjects.push(entry!.subject)
      }
    }
    expect(subjects).toHaveLength(54)
    expect(subjects).not.toContain('undone')
  })

  test('an entry can be neither changed nor taken away', async () => {
    const { kysely, write } = await logOver(await databases.open())
    await write(done('kept'))
    for (const statement of [sql`update audit set actor = 'another'`, sql`delete from audit`, sql`truncate audit`])
      await expect(statement.execute(kysely)).rejects.toThrow('only ever added to')
  })

  test('a list is the newest of those that pass, page by page', async () => {
    const { audit, write } = await logOver(await databases.open())
    for (let at = 1; at <= 12; at++) {
      const who = { actor: at % 2 ? 'ada' : 'ben', credential: null, from: null, request: null }
      const act = at % 3 ? 'deployment.swapped' : 'deployments.odd'
      await actAs(who, () => write({ ...done(at % 4 ? 'weather/8' : 'weather-2'), act }))
    }
    const told = async (filter: object) =>
      (await audit.list({ limit: 100, ...filter }, 'default')).entries.map(({ sequence }) => sequence)
    expect(await told({})).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(await told({ actor: 'ada', act: 'deployment' })).toEqual([11, 7, 5, 1])
    expect(await told({ subject: 'weather', before: 6 })).toEqual([5, 3, 2, 1])
    expect(await told({ outcome: 'denied' })).toEqual([])
    expect(await told({ from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' })).toEqual([])
    const { entries, next } = await audit.list({ limit: 5 }, 'default')
    expect([entries.length, next]).toEqual([5, 8])
    expect(await told({ before: next, limit: 100 })).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test('attempts of strangers that are alike are one entry a minute; those of others are one each', async () => {
    const { audit, store, failures } = await logOver(await databases.open())
    const attempt = { projectId: null, act: 'deployment.swap', subject: 'forecast', reason: 'who is asking?' }
    for (let at = 0; at < 50; at++) actAs(stranger(at % 2 ? '10.0.0.1' : '10.0.0.2'), () => audit.denied(attempt))
    const ada = { actor: 'ada', credential: 'token-1', from: '10.0.0.3', request: 'r' }
    for (let at = 0; at < 3; at++) actAs(ada, () => audit.denied({ ...attempt, projectId: 'default' }))
    await audit.close()
    expect(await first(store, 'default')).toMatchObject(
      Array.from({ length: 3 }, () => ({ outcome: 'denied', actor: 'ada', credential: 'token-1', times: 1 })),
    )
    const strangers = await first(store, INSTALLATION_CHAIN)
    expect(new Map(strangers.map(({ from, times }) => [from, times]))).toEqual(
      new Map([
        ['10.0.0.1', 25],
        ['10.0.0.2', 25],
      ]),
    )
    expect(failures).toEqual([])
  })

  test('a flood from ever other addresses fills neither memory nor log', async () => {
    const { audit, store } = await logOver(await databases.open())
    const attempt = { projectId: null, act: 'session.create', subject: '', reason: 'no' }
    for (let at = 0; at < 5_000; at++) actAs(stranger(`10.0.${at >> 8}.${at & 255}`), () => audit.denied(attempt))
    await audit.close()
    const { sequence } = await store.head(INSTALLATION_CHAIN)
    expect(sequence).toBe(1_001)
    const told = (await audit.list({ limit: 500 })).entries
    expect(Math.max(...told.map(({ times }) => times))).toBe(4_000)
  })

  async function exported(audit: Awaited<ReturnType<typeof logOver>>['audit'], chain?: string) {
    const lines: { kind: string; sequence: number }[] = []
    for await (const line of await audit.export(chain)) lines.push(JSON.parse(line) as never)
    return lines
  }

  test('an export is the key, all entries in order and a checkpoint at the end; an empty log has one, too', async () => {
    const { audit, write } = await logOver(await databases.open())
    expect((await exported(audit, 'default')).map(({ kind }) => kind)).toEqual(['key', 'checkpoint'])
    for (let at = 0; at < 3; at++) await write(done(String(at)))
    const lines = await exported(audit, 'default')
    expect(lines.map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['key', undefined],
      ['entry', 1],
      ['entry', 2],
      ['entry', 3],
      ['checkpoint', 0],
      ['checkpoint', 3],
    ])
  })

  const tamperings: [string, (entries: readonly AuditEntry[]) => ReturnType<typeof sql>, number][] = [
    ['altered', () => sql`update audit set entry = replace(entry, 'noted', 'moved') where sequence = 2`, 2],
    ['found by another name', () => sql`update audit set actor = 'another' where sequence = 2`, 2],
    ['removed', () => sql`delete from audit where sequence = 2`, 2],
    ['cut off at the end', () => sql`delete from audit where sequence > 3`, 4],
    ['emptied', () => sql`delete from audit`, 1],
    ['linked anew', (entries) => relinked(entries), 1],
  ]
  /** As a forger does who knows how entries are linked. */
  const relinked = (entries: readonly AuditEntry[]) => {
    let previous: string = CHAIN_BEGINS
    const rows = entries.map((one) => {
      const told = one.sequence === 1 ? { ...one, actor: 'nobody' } : one
      const entry = canonicalOf({ ...told, previous: undefined, hash: undefined })
      const row = { sequence: one.sequence, actor: told.actor, entry, previous, hash: sha256(`${previous}\n${entry}`) }
      previous = row.hash
      return row
    })
    return sql`update audit set actor = forged.actor, entry = forged.entry, previous = forged.previous, hash = forged.hash
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as forged (sequence bigint, actor text, entry text, previous text, hash text)
      where audit.sequence = forged.sequence`
  }

  test.each(tamperings)('a log that was %s is told at the start of the next server', async (_, statement, sequence) => {
    const database = await databases.open()
    const before = await logOver(database)
    for (let at = 0; at < 5; at++) await before.write(done(String(at)))
    await before.audit.close()
    expect(await before.audit.list({ limit: 10 }, 'default')).toMatchObject({ verified: { sequence: 5 }, broken: null })
    await before.tamper(statement(await first(before.store, 'default')))
    const after = await logOver(database, before.home)
    const ended = new AbortController()
    const running = after.audit.run(ended.signal)
    await expect.poll(() => after.broken, { timeout: 10_000 }).toEqual(['default'])
    expect(await after.audit.list({ limit: 10 }, 'default')).toMatchObject({ broken: { sequence } })
    // What is broken is signed no more.
    await after.write(done('later'))
    await exported(after.audit, 'default')
    expect(after.checkpoints.newest('default')?.sequence).toBe(5)
    ended.abort()
    await running
    expect(after.failures).toEqual([])
  })

  test('a log that is cut off while the server runs is told by the next list', async () => {
    const { audit, write, tamper } = await logOver(await databases.open())
    for (let at = 0; at < 5; at++) await write(done(String(at)))
    expect((await audit.list({ limit: 10 }, 'default')).broken).toBeNull()
    await tamper(sql`delete from audit where sequence = 5`)
    expect((await audit.list({ limit: 10 }, 'default')).broken).toMatchObject({ sequence: 5 })
  })

  test('a checkpoint is set every ten minutes for what grew', async () => {
    const { audit, write, clock, checkpoints } = await logOver(await databases.open())
    const ended = new AbortController()
    const running = audit.run(ended.signal)
    await expect.poll(() => clock.sleepers).toBe(3)
    await write(done('one'))
    await clock.advance(600_000)
    await expect.poll(() => checkpoints.newest('default')?.sequence).toBe(1)
    expect(checkpoints.newest('default')?.at).toBe('2026-01-01T00:10:00.000Z')
    ended.abort()
    await running
  })
})
