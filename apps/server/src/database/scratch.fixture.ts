import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { layDatabase } from '../../../../dev/laws/template.ts'
import { leaveOut } from '../../../../dev/services/left-out.ts'
import { startPostgres, type TestPostgres } from '../../../../dev/services/postgres.ts'
import { type Database, type DatabaseConfig, type DatabaseOptions, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

/** Databases for one suite. All that it opens is closed and removed again. */
export interface ScratchDatabases {
  readonly kind: DatabaseConfig['kind']
  /** Migrated, and empty but for the default project; the same database for every test of the suite, emptied for each.
   *  For tests that neither close it nor change its schema. */
  open(): Promise<Database>
  /** As `open`, but the test's own, which on PGlite takes a second. */
  openOwn(options?: DatabaseOptions): Promise<Database>
  /** Where an empty database is, or will be: for those who open it themselves. */
  unmigrated(): Promise<DatabaseConfig>
}

export interface EmbeddedScratch extends ScratchDatabases {
  /** A migrated home for those who open it themselves. */
  home(): Promise<string>
}

/** Runs a suite on the embedded database and on a real PostgreSQL; where there is none, the suite is named as left out. */
export function describeOnDatabases(title: string, suite: (databases: ScratchDatabases) => void): void {
  describe(`${title}, on PGlite`, () => suite(embeddedScratch()))
  describe(`${title}, on PostgreSQL`, () => suite(postgresScratch(title)))
}

/** Call it where a suite is described: it cleans up by hooks. */
export function embeddedScratch(): EmbeddedScratch {
  const clean = cleanUps()
  const directory = async (steps: Steps) => {
    const home = await mkdtemp(join(tmpdir(), 'stead-db-'))
    steps.push(() => rm(home, { recursive: true, force: true }))
    return home
  }
  const migratedHome = async (steps: Steps) => {
    const home = await directory(steps)
    await layDatabase(home)
    return home
  }
  const openIn = async (steps: Steps, options?: DatabaseOptions) => {
    const database = await openDatabase({ kind: 'embedded', home: await migratedHome(steps) }, options)
    steps.push(() => database.close())
    return database
  }
  return {
    kind: 'embedded',
    home: () => migratedHome(clean.afterTest),
    unmigrated: async () => ({ kind: 'embedded', home: await directory(clean.afterTest) }),
    openOwn: (options) => openIn(clean.afterTest, options),
    open: shared(() => openIn(clean.afterSuite)),
  }
}

function postgresScratch(title: string): ScratchDatabases {
  let server: TestPostgres | undefined
  let missing = ''
  beforeAll(async () => {
    const started = await startPostgres()
    if ('missing' in started) leaveOut(`${title}, on PostgreSQL`, (missing = started.missing))
    else server = started
  })
  beforeEach((test) => test.skip(server === undefined, missing))
  afterAll(() => server?.stop())
  const clean = cleanUps() // its hooks run before the one above: last declared, first run
  const unmigrated = async () => {
    if (server === undefined) throw new Error('Databases are opened inside of tests.')
    return { kind: 'postgres', url: await server.createDatabase() } as const
  }
  const openIn = async (steps: Steps, options?: DatabaseOptions) => {
    const database = await openDatabase(await unmigrated(), options)
    steps.push(() => database.close())
    await migrate(database.kysely)
    return database
  }
  return {
    kind: 'postgres',
    unmigrated,
    openOwn: (options) => openIn(clean.afterTest, options),
    open: shared(() => openIn(clean.afterSuite)),
  }
}

function shared(open: () => Promise<Database>): () => Promise<Database> {
  let opened: Promise<Database> | undefined
  return async () => {
    const database = await (opened ??= open())
    await empty(database)
    return database
  }
}

/** As after the first migration. */
async function empty({ kysely }: Database): Promise<void> {
  const tables = (await kysely.introspection.getTables())
    .map(({ name }) => name)
    .filter((name) => name !== 'migrations')
  await kysely.transaction().execute(async (transaction) => {
    await sql`set local stead.replaces_audit = 'yes'`.execute(transaction)
    await sql`truncate ${sql.join(tables.map((name) => sql.table(name)))} restart identity cascade`.execute(transaction)
  })
  await kysely.insertInto('projects').values({ id: 'default', name: 'default' }).execute()
}

type Steps = Array<() => Promise<void>>

function cleanUps(): { afterTest: Steps; afterSuite: Steps } {
  const steps = { afterTest: [] as Steps, afterSuite: [] as Steps }
  const runAll = async (list: Steps) => {
    for (const step of list.splice(0).toReversed()) await step()
  }
  afterEach(() => runAll(steps.afterTest))
  afterAll(() => runAll(steps.afterSuite))
  return steps
}
