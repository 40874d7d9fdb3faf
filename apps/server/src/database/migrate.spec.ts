import { readFile, writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { type Migration, MIGRATIONS, migrate } from './migrate.ts'
import { dumpSchema } from './schema-dump.ts'
import { describeOnDatabases } from './scratch.fixture.ts'

const SCHEMA = new URL('./schema.sql', import.meta.url)
const addTable: Migration = {
  name: '9001-more',
  statements: ['create table more (id text)', "insert into more values ('one')"],
}

describeOnDatabases('migrations', (databases) => {
  const using = async <T>(work: (database: Database) => Promise<T>) => {
    const database = await openDatabase(await databases.unmigrated())
    return work(database).finally(() => database.close())
  }

  test('they bring an empty database to the schema that is checked in, and then have nothing left to do', () =>
    using(async ({ kysely }) => {
      expect(await migrate(kysely)).toEqual(MIGRATIONS.map(({ name }) => name))
      const schema = await dumpSchema(kysely)
      if (process.env.UPDATE_SCHEMA === '1') await writeFile(SCHEMA, schema)
      expect(schema).toBe(await readFile(SCHEMA, 'utf8'))
      expect(await migrate(kysely)).toEqual([])
      const projects = await kysely.selectFrom('projects').select(['id', 'name']).execute()
      expect(projects).toEqual([{ id: 'default', name: 'default' }])
    }))

  test('they keep what a database already holds', async () => {
    const { kysely } = await databases.openOwn()
    await kysely
      .insertInto('settings')
      .values({ key: 'installation', value: { id: 'x' } })
      .execute()
    expect(await migrate(kysely, [...MIGRATIONS, addTable])).toEqual(['9001-more'])
    expect(await kysely.selectFrom('settings').selectAll().execute()).toEqual([
      { key: 'installation', value: { id: 'x' } },
    ])
  })

  test('a database of before there were people keeps its models and deployments, in the default project', () =>
    using(async ({ kysely }) => {
      const before = MIGRATIONS.slice(
        0,
        MIGRATIONS.findIndex(({ name }) => name === '0003-access'),
      )
      await migrate(kysely, before)
      const project_id = 'default'
      await sql`insert into models (id, project_id, name) values ('m', ${project_id}, 'weather')`.execute(kysely)
      await sql`insert into deployments (id, project_id, name, model_id, generation)
        values ('d', ${project_id}, 'forecast', 'm', 1)`.execute(kysely)
      expect(await migrate(kysely)).toEqual(MIGRATIONS.slice(before.length).map(({ name }) => name))
      const deployments = await kysely.selectFrom('deployments').select(['name', 'project_id', 'owner']).execute()
      expect(deployments).toEqual([{ name: 'forecast', project_id, owner: null }])
      for (const table of ['people', 'tokens', 'members', 'audit'] as const)
        expect(await kysely.selectFrom(table).selectAll().execute(), table).toEqual([])
    }))

  test('servers that start together take each step once', async () => {
    const { kysely } = await databases.openOwn()
    // Long enough a step for the others to arrive while it is being taken.
    const slow: Migration = { ...addTable, statements: ['select pg_sleep(0.2)', ...addTable.statements] }
    const taken = await Promise.all([1, 2, 3, 4].map(() => migrate(kysely, [...MIGRATIONS, slow])))
    expect(taken.flat()).toEqual(['9001-more'])
    expect((await sql`select id from more`.execute(kysely)).rows).toHaveLength(1)
  })

  test('a step that fails leaves nothing of itself behind', async () => {
    const { kysely } = await databases.openOwn()
    const before = await dumpSchema(kysely)
    const broken: Migration = { name: '9002-broken', statements: ['create table half (id text)', 'select 1 / 0'] }
    await expect(migrate(kysely, [...MIGRATIONS, broken])).rejects.toThrow('division by zero')
    expect(await dumpSchema(kysely)).toBe(before)
    expect(await migrate(kysely)).toEqual([])
  })

  test('a database that a newer Stead has written is refused by name', async () => {
    const { kysely } = await databases.openOwn()
    await migrate(kysely, [...MIGRATIONS, addTable])
    await expect(migrate(kysely)).rejects.toThrow('newer Stead: this one does not know 9001-more')
  })
})

test('migrations are numbered without gaps, in order', () => {
  const numbers = MIGRATIONS.map(({ name }) => Number(/^(\d{4})-[a-z-]+$/.exec(name)?.[1]))
  expect(numbers).toEqual(MIGRATIONS.map((_, index) => index + 1))
})
