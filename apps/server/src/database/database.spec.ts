import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from './database.ts'
import type { SlowStatement } from './dialect.ts'
import { isCheckViolation, isForeignKeyViolation, isUniqueViolation, sqlFailure } from './failures.ts'
import { describeOnDatabases } from './scratch.fixture.ts'

const project = (name: string) => ({ id: name, name })
const event = (document: object) => ({ project_id: 'default', kind: 'noted', subject: 'test', actor: 'test', document })
const DIGEST = `sha256:${'ab'.repeat(32)}`

describeOnDatabases('a database', (databases) => {
  test('values come back as the types the tables declare', async () => {
    const { kysely } = await databases.open()
    const at = new Date('2026-01-02T03:04:05.678Z')
    const artifact = { project_id: 'default', digest: DIGEST, size: Number.MAX_SAFE_INTEGER, created_at: at }
    await kysely.insertInto('artifacts').values(artifact).execute()
    const stored = await kysely.selectFrom('artifacts').selectAll().executeTakeFirstOrThrow()
    expect(stored).toEqual({ ...artifact, created_at: '2026-01-02T03:04:05.678Z' })
    const counted = await kysely
      .selectFrom('artifacts')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('size').as('sum')])
      .executeTakeFirstOrThrow()
    expect(counted).toEqual({ count: 1, sum: Number.MAX_SAFE_INTEGER })
    const { rows } = await sql`select true as yes, null as nothing, 1.5::float8 as half, 'a' as letter`.execute(kysely)
    expect(rows).toEqual([{ yes: true, nothing: null, half: 1.5, letter: 'a' }])
  })

  test('a moment the database fills in can be looked up by what was read', async () => {
    const { kysely } = await databases.open()
    await kysely.insertInto('runners').values({ name: 'one', document: {} }).execute()
    const { seen_at } = await kysely.selectFrom('runners').select('seen_at').executeTakeFirstOrThrow()
    expect(seen_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(await kysely.selectFrom('runners').select('name').where('seen_at', '=', seen_at).execute()).toHaveLength(1)
  })

  test('every JSON document, object or array, comes back equal', async () => {
    const { kysely } = await databases.open()
    // jsonb knows neither U+0000 nor -0, and lone surrogates are no text.
    const json = fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(json), fc.dictionary(fc.string({ unit: 'grapheme' }), json)),
        async (document) => {
          fc.pre(!JSON.stringify(document).includes('\\u0000'))
          const { sequence } = await kysely
            .insertInto('events')
            .values(event(document))
            .returning('sequence')
            .executeTakeFirstOrThrow()
          const stored = await kysely
            .selectFrom('events')
            .select('document')
            .where('sequence', '=', sequence)
            .executeTakeFirstOrThrow()
          expect(JSON.parse(JSON.stringify(stored.document))).toEqual(JSON.parse(JSON.stringify(document)))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('an integer that a number cannot hold fails the query instead of losing digits', async () => {
    const { kysely } = await databases.open()
    await expect(sql`select 9007199254740993::bigint as n`.execute(kysely)).rejects.toThrow('9007199254740993')
    const { rows } = await sql`select 9007199254740991::bigint as n`.execute(kysely)
    expect(rows).toEqual([{ n: 9007199254740991 }])
  })

  test('a refused statement names its SQLSTATE, its constraint and its table', async () => {
    const { kysely } = await databases.open()
    const attempt = kysely.insertInto('projects').values({ id: 'other', name: 'default' }).execute()
    const error: unknown = await attempt.catch((reason: unknown) => reason)
    expect(sqlFailure(error)).toMatchObject({ code: '23505', constraint: 'projects_name_unique', table: 'projects' })
    expect(isUniqueViolation(error, 'projects_name_unique')).toBe(true)
    expect(isUniqueViolation(error, 'projects_pk')).toBe(false)
    expect(isForeignKeyViolation(error)).toBe(false)
    const wrong = { project_id: 'default', digest: 'md5:no', size: 1 }
    expect(await refused(kysely.insertInto('artifacts').values(wrong).execute(), isCheckViolation)).toBe(true)
  })

  test('a statement that comes often answers each time as at first, also after it was refused', async () => {
    const { kysely } = await databases.open()
    const bytes = Buffer.from([0, 1, 255])
    const values = [1, 'two', null, true, Number.NaN, '', 'ü "quoted" \\', -0.5, 1e21]
    for (let time = 0; time < 12; time++) {
      const name = `p${time}`
      expect(await kysely.insertInto('projects').values(project(name)).returning('name').execute()).toEqual([{ name }])
      const again = kysely.insertInto('projects').values(project(name)).returning('name').execute()
      await expect(again).rejects.toSatisfy((error) => isUniqueViolation(error))
      const { rows } = await sql`select ${values[time % values.length]}::text as text, ${bytes}::bytea as bytes,
        ${time}::int / ${time === 9 ? 0 : 1}::int as whole`
        .execute(kysely)
        .catch((error: unknown) => ({ rows: [sqlFailure(error)?.code] }))
      const text = values[time % values.length] ?? null
      const whole =
        time === 9 ? '22012' : expect.objectContaining({ text: text === null ? null : String(text), whole: time })
      expect(rows).toEqual([whole])
      if (time !== 9) expect(Buffer.from((rows[0] as { bytes: Uint8Array }).bytes)).toEqual(bytes)
    }
  })

  test('the number of changed rows is told', async () => {
    const { kysely } = await databases.open()
    await kysely
      .insertInto('projects')
      .values([project('a'), project('b')])
      .execute()
    const { numDeletedRows } = await kysely
      .deleteFrom('projects')
      .where('id', 'in', ['a', 'b', 'c'])
      .executeTakeFirstOrThrow()
    expect(numDeletedRows).toBe(2n)
  })

  test('a query issued beside an open transaction is not part of it, and does not fall with it', async () => {
    const { kysely } = await databases.open()
    const gate = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    const transaction = kysely.transaction().execute(async (inside) => {
      await inside.insertInto('projects').values(project('inside')).execute()
      opened.resolve()
      await gate.promise
      throw new Error('changed my mind')
    })
    await opened.promise
    const beside = kysely.insertInto('projects').values(project('beside')).execute()
    setTimeout(() => gate.resolve(), 20)
    await expect(transaction).rejects.toThrow('changed my mind')
    await beside
    expect(await projectNames(kysely)).toEqual(['beside', 'default'])
  })

  test('transactions side by side neither mix nor lose anything', async () => {
    const { kysely } = await databases.open()
    const turns = Array.from({ length: 24 }, (_, turn) =>
      kysely
        .transaction()
        .execute(async (inside) => {
          await inside
            .insertInto('projects')
            .values(project(`a${turn}`))
            .execute()
          await inside
            .insertInto('projects')
            .values(project(`b${turn}`))
            .execute()
          if (turn % 3 === 0) throw new Error('rolled back')
        })
        .catch(() => undefined),
    )
    await Promise.all(turns)
    const kept = Array.from({ length: 24 }, (_, turn) => turn).filter((turn) => turn % 3 !== 0)
    const expected = ['default', ...kept.flatMap((turn) => [`a${turn}`, `b${turn}`])]
    expect(await projectNames(kysely)).toEqual(expected.toSorted())
  })

  test('a transaction that goes on after a failed statement does not pretend to have committed', async () => {
    const { kysely } = await databases.open()
    const attempt = kysely.transaction().execute(async (inside) => {
      await inside.insertInto('projects').values(project('lost')).execute()
      await sql`select 1 / 0`.execute(inside).catch(() => undefined)
    })
    await expect(attempt).rejects.toThrow()
    expect(await projectNames(kysely)).toEqual(['default'])
  })

  test('going back to a savepoint keeps what came before it', async () => {
    const { kysely } = await databases.open()
    const transaction = await kysely.startTransaction().execute()
    await transaction.insertInto('projects').values(project('before')).execute()
    const saved = await transaction.savepoint('here').execute()
    await saved.insertInto('projects').values(project('after')).execute()
    await saved.rollbackToSavepoint('here').execute()
    await transaction.commit().execute()
    expect(await projectNames(kysely)).toEqual(['before', 'default'])
  })

  test('a version held by a generation cannot be deleted, nor can its model', async () => {
    const { kysely } = await databases.open()
    await seedHeldVersion(kysely)
    expect(await refused(kysely.deleteFrom('versions').execute(), isForeignKeyViolation)).toBe(true)
    expect(await refused(kysely.deleteFrom('models').execute(), isForeignKeyViolation)).toBe(true)
    await kysely.deleteFrom('deployments').execute()
    await kysely.deleteFrom('models').execute()
    expect(await kysely.selectFrom('versions').select('id').execute()).toEqual([])
    expect(await kysely.selectFrom('aliases').select('alias').execute()).toEqual([])
  })

  test('only statements over their budget are reported', async () => {
    const slow: SlowStatement[] = []
    const impatient = await databases.openOwn({ budget: 0, onSlow: (statement) => void slow.push(statement) })
    await impatient.kysely.selectFrom('settings').selectAll().execute()
    expect(slow.at(-1)?.sql).toContain('"settings"')
    expect(slow.at(-1)?.milliseconds).toBeGreaterThan(0)
    const patient = await databases.openOwn({ budget: 60_000, onSlow: (statement) => void slow.push(statement) })
    const reported = slow.length
    await patient.kysely.selectFrom('settings').selectAll().execute()
    expect(slow).toHaveLength(reported)
  })

  test('closing waits for the statements under way, and nothing works afterwards', async () => {
    const database = await databases.openOwn()
    const underWay = database.kysely.insertInto('projects').values(project('last')).returning('name').execute()
    await sql`select 1`.execute(database.kysely)
    const closing = database.close()
    expect(await underWay).toEqual([{ name: 'last' }])
    await closing
    await expect(sql`select 1`.execute(database.kysely)).rejects.toThrow()
  })

  test('it knows its size', async () => {
    expect(await (await databases.open()).size()).toBeGreaterThan(1_000_000)
  })
})

async function refused(attempt: Promise<unknown>, because: (error: unknown) => boolean): Promise<boolean> {
  return attempt.then(() => false, because)
}

async function projectNames(kysely: Database['kysely']): Promise<string[]> {
  const rows = await kysely.selectFrom('projects').select('name').execute()
  return rows.map(({ name }) => name).toSorted()
}

async function seedHeldVersion(kysely: Database['kysely']): Promise<void> {
  const of = { project_id: 'default' }
  await kysely
    .insertInto('models')
    .values({ ...of, id: 'm', name: 'forecast' })
    .execute()
  const contents = { digest: DIGEST, runtime: 'onnx', signature: {}, files: [], size: 0, provenance: {} }
  await kysely
    .insertInto('versions')
    .values({ ...of, ...contents, id: 'v', model_id: 'm', number: 1 })
    .execute()
  await kysely
    .insertInto('aliases')
    .values({ ...of, model_id: 'm', alias: 'champion', version_number: 1 })
    .execute()
  await kysely
    .insertInto('deployments')
    .values({ ...of, id: 'd', name: 'live', model_id: 'm', generation: 1 })
    .execute()
  const generation = { deployment_id: 'd', generation: 1 }
  const change = { kind: 'deploy', document: {}, actor: 'test', stages: [] }
  await kysely
    .insertInto('generations')
    .values({ ...of, ...generation, ...change })
    .execute()
  await kysely
    .insertInto('generation_versions')
    .values({ ...of, ...generation, version_id: 'v' })
    .execute()
}
