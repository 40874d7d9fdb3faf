import { ProjectName } from '@stead/contracts'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlExperimentStore } from '../experiments/experiments.sql.ts'
import { sqlBatchStore } from './batches.sql.ts'
import { sqlForkStore } from './forking.sql.ts'
import { sqlPurgeStore } from './purging.sql.ts'
import { createPurging } from './purging.ts'
import { sqlRunStore } from './runs.sql.ts'

const RUNS = ['gone', 'kept']

describeOnDatabases('what remains of purged runs', (databases) => {
  async function begin() {
    const database = await databases.open()
    const { kysely } = database
    const { id: projectId } = await kysely.selectFrom('projects').select('id').executeTakeFirstOrThrow()
    await sqlExperimentStore(kysely).ensureDefault(projectId)
    const run = { projectId, experiment: 0, name: '', user: '', startedAt: 0, tags: [], parent: null }
    await sqlRunStore(kysely).create(RUNS.map((runId) => ({ ...run, runId })))
    const metrics = Array.from({ length: 6_000 }, (_, step) => ({ key: 'm', value: step, timestamp: step, step }))
    await sqlBatchStore(kysely).write(RUNS.map((runId) => ({ projectId, runId, metrics, params: [], tags: [] })))
    return { database, projectId }
  }

  /** A server that is started after another was ended. */
  function nextServer({ kysely }: Database, projectId: string) {
    const removed: string[] = []
    const purging = createPurging({
      store: sqlPurgeStore(kysely),
      projectId: async () => projectId,
      removeFiles: async (_, uri) => void removed.push(uri),
      onChanged: () => {},
      publish: () => {},
    })
    return { purging, removed }
  }

  const values = async ({ kysely }: Database) =>
    (
      await kysely
        .selectFrom('metrics')
        .select((count) => count.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
    ).count
  const notes = ({ kysely }: Database) => kysely.selectFrom('purged_runs').select('run').execute()

  test('is removed by the next server, where the one that purged was ended on the way', async () => {
    const { database, projectId } = await begin()
    await sqlPurgeStore(database.kysely).detach(projectId, ['gone'], 'local')
    expect(await sqlRunStore(database.kysely).info(projectId, 'gone')).toBeUndefined()
    expect(await values(database)).toBe(12_000)
    const { purging, removed } = nextServer(database, projectId)
    await purging.resume()
    expect([await values(database), await notes(database)]).toEqual([6_000, []])
    expect(removed).toEqual(['mlflow-artifacts:/0/gone/artifacts'])
  })

  test('is nothing after a purge that went through', async () => {
    const { database, projectId } = await begin()
    const { purging } = nextServer(database, projectId)
    expect(await purging.purgeRuns(ProjectName.parse('default'), ['gone'], 'local')).toBe(1)
    expect([await values(database), await notes(database)]).toEqual([6_000, []])
    await expect(purging.purgeRuns(ProjectName.parse('default'), ['kept', 'gone'], 'local')).rejects.toMatchObject({
      code: 'run_not_found',
    })
    expect(await values(database)).toBe(6_000)
  })

  test('is what a fork leaves that was not finished', async () => {
    const { database, projectId } = await begin()
    const from = await sqlRunStore(database.kysely).info(projectId, 'kept')
    const forks = sqlForkStore(database.kysely)
    const artifactUri = 'mlflow-artifacts:/0/half/artifacts'
    const fork = { projectId, from: from!, runId: 'half', artifactUri, name: '', user: '', startedAt: 0, step: 99 }
    await forks.copyMetrics(fork, await forks.begin(fork))
    expect(await values(database)).toBe(12_100)
    const { purging, removed } = nextServer(database, projectId)
    await purging.resume()
    expect([await values(database), removed]).toEqual([12_000, [artifactUri]])
  })
})
