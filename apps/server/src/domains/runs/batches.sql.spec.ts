import { ProjectName } from '@stead/contracts'
import type { SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { counted } from '../../../../../dev/laws/counts.ts'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlExperimentStore } from '../experiments/experiments.sql.ts'
import { sqlBatchStore } from './batches.sql.ts'
import { type BatchStore, createBatches, type LogCall } from './batches.ts'
import { sqlRunStore } from './runs.sql.ts'

const RUNS = ['a', 'b', 'c'] as const

describeOnDatabases('logging in groups', (databases) => {
  async function begin(): Promise<{ database: Database; projectId: string; store: BatchStore }> {
    const database = await databases.open()
    const { id: projectId } = await database.kysely
      .selectFrom('projects')
      .select('id')
      .where('name', '=', ProjectName.parse('default'))
      .executeTakeFirstOrThrow()
    await sqlExperimentStore(database.kysely).ensureDefault(projectId)
    await sqlRunStore(database.kysely).create(
      RUNS.map((runId) => ({
        projectId,
        experiment: 0,
        runId,
        name: runId,
        user: '',
        startedAt: 0,
        tags: [],
        parent: null,
      })),
    )
    return { database, projectId, store: sqlBatchStore(database.kysely) }
  }

  /** Everything that is kept of runs, in the order of keys. */
  async function kept({ kysely }: Database) {
    const read = async <T>(columns: string, table: string, order: string) =>
      (
        await sql<T>`select run_id, ${sql.raw(columns)} from ${sql.table(table)} join runs on runs.id = run
          order by run_id, ${sql.raw(order)}`.execute(kysely)
      ).rows
    return {
      metrics: await read('key, step, timestamp, value', 'metrics', 'key, step, timestamp, value'),
      latest: await read('key, step, timestamp, value', 'latest_metrics', 'key'),
      params: await read('key, value', 'params', 'key'),
      tags: await read('key, value', 'run_tags', 'key'),
    }
  }

  const key = fc.constantFrom('k1', 'k2', 'ü "quoted" \\')
  const metric = fc.record({
    key: fc.constantFrom('m1', 'm2', 'größe'),
    value: fc.oneof(fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), fc.double()),
    timestamp: fc.integer({ min: 0, max: 2 }),
    step: fc.integer({ min: -1, max: 2 }),
  })
  const pair = fc.record({ key, value: fc.constantFrom('1', '2', 'it\'s {a,b} \\ "c" NULL', '') })
  const call = fc.record({
    runId: fc.constantFrom(...RUNS, 'none'),
    metrics: fc.array(metric, { maxLength: 6 }),
    params: fc.uniqueArray(pair, { maxLength: 2, selector: (one) => one.key }),
    tags: fc.array(pair, { maxLength: 3 }),
  })
  /** Metrics alone take a way of their own. */
  const metricsOnly = call.map((one) => ({ ...one, params: [], tags: [] }))
  const group = (calls: typeof call) => fc.array(calls, { minLength: 1, maxLength: 6 })
  const groups = fc.array(fc.oneof(group(call), group(metricsOnly)), { minLength: 1, maxLength: 4 })

  test('whatever is logged in whatever groups, it is kept as if it had come one by one', async () => {
    await fc.assert(
      fc.asyncProperty(groups, async (all) => {
        const { database, projectId, store } = await begin()
        const model = plainModel()
        for (const group of all) {
          const calls = group.map((one) => ({ ...one, projectId }))
          const outcomes = await store.write(calls)
          expect(outcomes.map((outcome) => 'answer' in outcome)).toEqual(calls.map(model.take))
        }
        expect(await kept(database)).toEqual(model.kept())
      }),
      { numRuns: counted({ test: 10, conformance: 200 }) },
    )
  })

  test('a call that cannot be taken leaves nothing, and those beside it are kept', async () => {
    const { database, projectId, store } = await begin()
    const log = createBatches(store, () => {})
    const value = { key: 'm', value: 1, timestamp: 1, step: 0 }
    const call = (runId: string, params: LogCall['params'] = []) =>
      log({ projectId, runId, metrics: [value], params, tags: [{ key: 't', value: runId }] })
    const outcomes = await Promise.allSettled([
      call('a', [{ key: 'p', value: '1' }]),
      call('none'),
      call('b', [{ key: 'p', value: '1' }]),
      call('b', [{ key: 'p', value: '2' }]),
      log({ projectId: 'another', runId: 'c', metrics: [value], params: [], tags: [] }),
      log({ projectId, runId: 'c', metrics: [{ ...value, model: 'm-none' }], params: [], tags: [] }),
    ])
    expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as SteadError).code : 'kept'))).toEqual([
      'kept',
      'run_not_found',
      'kept',
      'param_fixed',
      'run_not_found',
      'logged_model_not_found',
    ])
    const { metrics, tags } = await kept(database)
    expect([metrics, tags].map((rows) => rows.map((row) => (row as { run_id: string }).run_id))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('what the database cannot take fails alone, whoever came with it', async () => {
    const { database, projectId, store } = await begin()
    const log = createBatches(store, () => {})
    const call = (runId: string, step: number) =>
      log({ projectId, runId, metrics: [{ key: 'm', value: 1, timestamp: 1, step }], params: [], tags: [] })
    // No bigint holds it. Whoever calls has been refused before it comes so far.
    const outcomes = await Promise.allSettled([call('a', 1), call('b', 1e30), call('c', 1), call('a', 2)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect((await kept(database)).metrics).toHaveLength(3)
  })

  test('values of a logged model are its own as well', async () => {
    const { database, projectId, store } = await begin()
    const { id } = await database.kysely.selectFrom('experiments').select('id').executeTakeFirstOrThrow()
    await database.kysely
      .insertInto('logged_models')
      .values({
        project_id: projectId,
        experiment_id: id,
        model_id: 'm-1',
        name: 'm',
        artifact_location: 'mlflow-artifacts:/0/models/m-1/artifacts',
        run_id: 'a',
        created_at: 0,
        updated_at: 0,
      })
      .execute()
    const value = { key: 'm', value: 1, timestamp: 1, step: 0, model: 'm-1', dataset: { name: 'd', digest: 'x' } }
    await store.write([{ projectId, runId: 'a', metrics: [value], params: [], tags: [] }])
    const { rows } = await sql`select model_id, key, value, dataset_name, dataset_digest
      from logged_model_metrics`.execute(database.kysely)
    expect(rows).toEqual([{ model_id: 'm-1', key: 'm', value: 1, dataset_name: 'd', dataset_digest: 'x' }])
    expect((await kept(database)).metrics).toHaveLength(1)
  })

  test('a tag names the run, and its parent as long as it is one that could be', async () => {
    const { database, projectId, store } = await begin()
    const tag = (key: string, value: string) =>
      store.write([{ projectId, runId: 'a', metrics: [], params: [], tags: [{ key, value }] }])
    const run = () =>
      database.kysely.selectFrom('runs').select(['name', 'parent']).where('run_id', '=', 'a').executeTakeFirst()
    await tag('mlflow.parentRunId', 'b')
    await tag('mlflow.runName', 'called')
    expect(await run()).toEqual({ name: 'called', parent: 'b' })
    await tag('mlflow.parentRunId', 'x'.repeat(8000))
    expect(await run()).toEqual({ name: 'called', parent: null })
  })
})

type Point = { run_id: string; key: string; step: number; timestamp: number; value: number }

/** By step, then timestamp, then value: the infinities at the ends, and NaN beyond. */
function byRank(one: Point, other: Point): number {
  const beyond = Number(Number.isNaN(one.value)) - Number(Number.isNaN(other.value))
  return (
    one.step - other.step ||
    one.timestamp - other.timestamp ||
    beyond ||
    Number(one.value > other.value) - Number(one.value < other.value)
  )
}

/** What is to be kept, told as simply as it can be. */
function plainModel() {
  const metrics = new Map<string, Point>()
  const latest = new Map<string, Point>()
  const params = new Map<string, { run_id: string; key: string; value: string }>()
  const tags = new Map<string, { run_id: string; key: string; value: string }>()
  const listed = <T extends { run_id: string; key: string }>(all: Map<string, T>, compare: (a: T, b: T) => number) =>
    [...all.values()].toSorted(
      (a, b) =>
        (a.run_id < b.run_id ? -1 : a.run_id > b.run_id ? 1 : 0) ||
        Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
        compare(a, b),
    )
  return {
    take({ runId, ...call }: LogCall): boolean {
      if (runId === 'none') return false
      const name = (key: string) => `${runId} ${key}`
      if (call.params.some(({ key, value }) => (params.get(name(key))?.value ?? value) !== value)) return false
      for (const { key, value } of call.params) params.set(name(key), { run_id: runId, key, value })
      for (const { key, value } of call.tags) tags.set(name(key), { run_id: runId, key, value })
      for (const { key, step, timestamp, value } of call.metrics) {
        // To PostgreSQL the two zeros are one.
        const point = { run_id: runId, key, step, timestamp, value: value === 0 ? 0 : value }
        metrics.set(`${runId} ${key} ${step} ${timestamp} ${point.value}`, point)
        const before = latest.get(name(key))
        if (!before || byRank(point, before) > 0) latest.set(name(key), point)
      }
      return true
    },
    kept: () => ({
      metrics: listed(metrics, byRank),
      latest: listed(latest, () => 0),
      params: listed(params, () => 0),
      tags: listed(tags, () => 0),
    }),
  }
}
