import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { Tables } from '../../database/tables.ts'
import { createExperimentSearch, type ExperimentQuery, type ExperimentSearch } from './experiment-search.ts'
import { sqlExperimentSearchStore } from './experiment-search.sql.ts'

interface Kept {
  readonly name: string
  readonly lifecycle?: 'active' | 'deleted'
  /** Milliseconds since 1970. */
  readonly made?: number
  readonly tags?: Readonly<Record<string, string>>
  /** Starts of its runs. */
  readonly runs?: readonly number[]
}

async function keep(kysely: Kysely<Tables>, all: readonly Kept[]): Promise<void> {
  await sql`delete from runs`.execute(kysely)
  await sql`delete from experiments`.execute(kysely)
  for (const [number, { name, lifecycle = 'active', made = 0, tags = {}, runs = [] }] of all.entries()) {
    const row = { project_id: 'default', number, name, lifecycle, artifact_location: `mlflow-artifacts:/${number}` }
    const { id } = await kysely
      .insertInto('experiments')
      .values({ ...row, created_at: new Date(made), updated_at: new Date(made + 1) })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const [key, value] of Object.entries(tags))
      await kysely
        .insertInto('experiment_tags')
        .values({ experiment_id: id, project_id: 'default', key, value })
        .execute()
    for (const [at, started_at] of runs.entries())
      await kysely
        .insertInto('runs')
        .values({
          project_id: 'default',
          experiment_id: id,
          run_id: `${number}-${at}`,
          started_at,
          artifact_uri: '',
          status: at === 0 ? 'RUNNING' : 'FINISHED',
        })
        .execute()
  }
}

async function names(
  search: ExperimentSearch,
  query: Omit<ExperimentQuery, 'limit'> & { limit?: number },
): Promise<string[]> {
  const found: string[] = []
  for (let token: string | undefined; ;) {
    const { experiments, nextToken } = await search.searchExperiments('default', { limit: 100, ...query, token })
    found.push(...experiments.map(({ name }) => name))
    token = nextToken
    if (token === undefined) return found
  }
}

describeOnDatabases('the search of experiments', (databases) => {
  const open = async (all: readonly Kept[]) => {
    const { kysely } = await databases.open()
    await keep(kysely, all)
    return createExperimentSearch(sqlExperimentSearchStore(kysely))
  }

  test('finds by name, times and tags, the newest first', async () => {
    const search = await open([
      { name: 'Default', made: 1000 },
      { name: 'iris', made: 2000, tags: { team: 'a', 'mlflow.note.content': 'x' } },
      { name: 'Iris 2', made: 3000, tags: { team: 'b' } },
      { name: 'gone', made: 4000, lifecycle: 'deleted' },
    ])
    const found = (filter: string) => names(search, { filter })
    expect(await found('')).toEqual(['Iris 2', 'iris', 'Default'])
    expect(await found("name like 'iris%'")).toEqual(['iris'])
    expect(await found("attributes.name ILIKE 'iris%'")).toEqual(['Iris 2', 'iris'])
    expect(await found("tags.team != 'a'")).toEqual(['Iris 2'])
    expect(await found('tags.team is null')).toEqual(['Default'])
    expect(await found("not tags.team = 'a' and creation_time <= 3000")).toEqual(['Iris 2', 'Default'])
    expect(await found("tag.mlflow.note.content = 'x' or last_update_time > 3000.5")).toEqual(['Iris 2', 'iris'])
    expect(await names(search, { lifecycle: 'deleted' })).toEqual(['gone'])
    expect(await names(search, { lifecycle: 'all', orderBy: ['name'] })).toEqual(['Default', 'Iris 2', 'gone', 'iris'])
    expect(await names(search, { search: 'IRIS', orderBy: ['experiment_id DESC'] })).toEqual(['Iris 2', 'iris'])
    expect(await search.countExperiments('default', { filter: "name ilike '%i%'" })).toBe(2)
    expect(await names(search, { filter: '', search: '%' })).toEqual([])
  })

  test('tells of each what its runs come to, those with the latest first', async () => {
    const search = await open([
      { name: 'idle', made: 9000 },
      { name: 'old', runs: [5, 7] },
      { name: 'far', runs: [Number.MAX_SAFE_INTEGER] },
    ])
    const first = await search.summarizeExperiments('default', { limit: 2, orderBy: 'latest runs' })
    expect(first.experiments).toMatchObject([
      { id: 2, name: 'far', runs: 1, running: 1, lastRunAt: '9999-12-31T23:59:59.999Z' },
      { id: 1, name: 'old', runs: 2, running: 1, lastRunAt: '1970-01-01T00:00:00.007Z', tags: {} },
    ])
    const { experiments, nextToken } = await search.summarizeExperiments('default', {
      limit: 2,
      orderBy: 'latest runs',
      token: first.nextToken,
    })
    expect(experiments).toMatchObject([{ id: 0, name: 'idle', runs: 0, running: 0, lastRunAt: null }])
    expect(nextToken).toBeUndefined()
  })

  test('shows every experiment once, in order, whatever the size of the pages', async () => {
    const { kysely } = await databases.open()
    const search = createExperimentSearch(sqlExperimentSearchStore(kysely))
    const some = fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(some, fc.integer({ min: 1, max: 3 }), fc.boolean(), async (made, limit, descending) => {
        const all = made.map((time, number) => ({ name: `e${number}`, made: time, number }))
        await keep(kysely, all)
        const sign = descending ? -1 : 1
        const expected = all.toSorted((a, b) => sign * (a.made - b.made) || a.number - b.number).map(({ name }) => name)
        expect(await names(search, { limit, orderBy: [`creation_time ${descending ? 'DESC' : 'ASC'}`] })).toEqual(
          expected,
        )
      }),
      { numRuns: 10 },
    )
  })
})
