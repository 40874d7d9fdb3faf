import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { embeddedScratch } from './scratch.fixture.ts'
import { sweep } from './upkeep.ts'

/** Writes events for ever and prints the number of each once it is acknowledged. */
const WRITER = `
  const { openDatabase } = await import('${new URL('./database.ts', import.meta.url).href}')
  const { migrate } = await import('${new URL('./migrate.ts', import.meta.url).href}')
  const { kysely } = await openDatabase({ kind: 'embedded', home: process.argv[1] })
  await migrate(kysely)
  const event = { project_id: 'default', kind: 'noted', subject: 'x', actor: 'x', document: {} }
  for (;;) {
    const { sequence } = await kysely.insertInto('events').values(event).returning('sequence').executeTakeFirstOrThrow()
    process.stdout.write(sequence + '\\n')
  }`

const startWriter = (home: string) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', WRITER, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

describe('a killed process', () => {
  const databases = embeddedScratch()

  test('loses nothing that was acknowledged, and the database opens again each time', async () => {
    const home = await databases.home()
    const acknowledged = new Set<number>()
    for (const target of [40, 150, 400]) {
      const heard = await killAfter(startWriter(home), target)
      for (const sequence of heard) acknowledged.add(sequence)
    }
    const stored = await storedSequences(home)
    expect(acknowledged.size).toBeGreaterThanOrEqual(590)
    expect([...acknowledged].filter((sequence) => !stored.has(sequence))).toEqual([])
  })

  test('leaves no half-made database behind when it dies creating one', async () => {
    const config = await databases.unmigrated()
    const home = config.kind === 'embedded' ? config.home : ''
    const writer = startWriter(home)
    while ((await readdir(home)).length === 0) await pause(10)
    await pause(300)
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    expect(await readdir(home)).not.toContain('database')
    expect((await storedSequences(home)).size).toBe(0)
    expect(await readdir(home)).toEqual(['database'])
  })
})

async function killAfter(writer: ChildProcess, target: number): Promise<number[]> {
  if (writer.stdout === null) throw new Error('The writer has no output.')
  const heard: number[] = []
  for await (const line of createInterface({ input: writer.stdout })) {
    heard.push(Number(line))
    if (heard.length === target) writer.kill('SIGKILL')
  }
  return heard
}

async function storedSequences(home: string): Promise<Set<number>> {
  const database = await openDatabase({ kind: 'embedded', home })
  await migrate(database.kysely)
  const rows = await database.kysely.selectFrom('events').select('sequence').execute()
  await database.close()
  return new Set(rows.map(({ sequence }) => sequence))
}

describe('the one session', () => {
  const databases = embeddedScratch()

  test('serves those who wait in the order they came', async () => {
    const { kysely } = await databases.open()
    const names = Array.from({ length: 30 }, (_, index) => `p${index}`)
    await Promise.all(names.map((name) => noteEvent(kysely, name)))
    const rows = await kysely.selectFrom('events').select('subject').orderBy('sequence').execute()
    expect(rows.map(({ subject }) => subject)).toEqual(names)
  })

  test('tells a transaction that waits for a query outside of itself, instead of waiting for ever', async () => {
    const sessions = await openEmbedded({ home: await databases.home() }, 30)
    const held = await sessions.acquire()
    await expect(sessions.acquire()).rejects.toThrow('in a transaction')
    held.release()
    held.release() // a second release frees nobody else's turn
    const again = await sessions.acquire()
    await expect(sessions.acquire()).rejects.toThrow('in a transaction')
    expect((await again.query('select 1 as one', [])).rows).toEqual([{ one: 1 }])
    again.release()
    await sessions.end()
  })

  test('tells of a table as it is, also when it has changed since a statement was first asked', async () => {
    const { kysely } = await databases.open()
    const all = () => sql`select * from changing`.execute(kysely).then(({ rows }) => rows)
    await sql`create table changing as select 1 as one`.execute(kysely)
    for (let time = 0; time < 10; time++) expect(await all()).toEqual([{ one: 1 }])
    await sql`alter table changing add column two int`.execute(kysely)
    expect(await all()).toEqual([{ one: 1, two: null }])
  })

  test('is swept where much has changed, and left alone where nothing has', async () => {
    const sessions = await openEmbedded({ home: await databases.home() })
    const session = await sessions.acquire()
    await session.query('create table counted as select one from generate_series(1, 5000) as one', [])
    await session.query('create table alone as select 1 as one', [])
    await session.query('delete from counted where one > 4000', [])
    session.release()
    expect(await sweep(sessions)).toEqual(['counted'])
    expect(await sweep(sessions)).toEqual([])
    const again = await sessions.acquire()
    const { rows } = await again.query(`select reltuples::int as rows from pg_class where relname = 'counted'`, [])
    expect(rows).toEqual([{ rows: 4000 }])
    again.release()
    await sessions.end()
  })

  test('does not stall this thread while the database works', async () => {
    const { kysely } = await databases.open()
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    await sql`select count(*) from generate_series(1, 3000000)`.execute(kysely)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(2)
  })
})

async function noteEvent(kysely: Database['kysely'], subject: string): Promise<void> {
  const event = { project_id: 'default', kind: 'noted', actor: 'test', document: {}, subject }
  await kysely.insertInto('events').values(event).execute()
}

test('a home where no database can be made is reported', async () => {
  await expect(openDatabase({ kind: 'embedded', home: '/dev/null' })).rejects.toThrow()
})
