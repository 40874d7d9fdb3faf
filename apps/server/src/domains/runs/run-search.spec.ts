import { SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { anyFilter, printField, printFilter } from '../filters/filter.fixture.ts'
import { RUNS } from '../filters/kinds.ts'
import { anyRun, inOrder, keepRuns, type KeptRun, KEYS, NUMBERS, passes, TEXTS } from './found-runs.fixture.ts'
import { createRunSearch, type RunQuery, type RunSearch } from './run-search.ts'
import { sqlRunSearchStore } from './run-search.sql.ts'

const anyRuns = fc.uniqueArray(anyRun, { minLength: 1, maxLength: 12, selector: ({ run_id }) => run_id })
const anyOrder = fc.array(
  fc.record({
    field: fc.oneof(
      fc.record({ of: fc.constantFrom('metric' as const, 'param' as const, 'tag' as const), key: KEYS }),
      fc.record({ of: fc.constant('attribute' as const), key: fc.constantFrom(...Object.keys(RUNS.attribute.named)) }),
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 2 },
)
const experiments: number[][] = [[1], [1, 2], [2, 7]]
const anyQuery = fc.record({
  filter: fc.option(anyFilter(RUNS, KEYS, TEXTS, NUMBERS), { nil: undefined }),
  order: anyOrder,
  experiments: fc.constantFrom(...experiments),
  lifecycle: fc.constantFrom('active' as const, 'deleted' as const, 'all' as const),
  limit: fc.integer({ min: 1, max: 5 }),
})

const run = (number: number, more: Partial<KeptRun> = {}): KeptRun => ({
  run_id: number.toString(16).padStart(32, '0'),
  experiment: 1,
  name: `run ${number}`,
  user_name: 'ada',
  status: 'FINISHED',
  started_at: number,
  ended_at: null,
  lifecycle: 'active',
  metrics: {},
  params: {},
  tags: {},
  datasets: [],
  ...more,
})

async function allPages(search: RunSearch, query: RunQuery): Promise<string[]> {
  const ids: string[] = []
  for (let token: string | undefined; ;) {
    const { runs, nextToken } = await search.searchRuns('default', { ...query, token })
    ids.push(...runs.map(({ id }) => id))
    if (nextToken === undefined) return ids
    expect(runs.length).toBe(query.limit)
    token = nextToken
  }
}

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => 'found',
    (error: unknown) => error,
  )

describeOnDatabases('the search of runs', (databases) => {
  test(
    'finds, sorts, pages and counts as a plain reading of every run does, whichever way it takes',
    { timeout: 300_000 },
    async () => {
      const { kysely } = await databases.open()
      const ways = [
        sqlRunSearchStore(kysely),
        sqlRunSearchStore(kysely, { few: 0, look: [1, 4] }), // never by an index over values, and step by step
        sqlRunSearchStore(kysely, { few: 1_000, look: [1, 4] }), // by an index over values after the first step
      ].map(createRunSearch)
      await fc.assert(
        fc.asyncProperty(anyRuns, fc.array(anyQuery, { minLength: 20, maxLength: 20 }), async (runs, queries) => {
          await keepRuns(kysely, runs)
          for (const { filter, order, experiments, lifecycle, limit } of queries) {
            const text = filter && printFilter(RUNS, filter)
            const orderBy = order.map(
              ({ field, descending }) => `${printField(RUNS, field)}${descending ? ' DESC' : ''}`,
            )
            const meant = runs.filter(
              (one) => experiments.includes(one.experiment) && (lifecycle === 'all' || one.lifecycle === lifecycle),
            )
            const expected = inOrder(
              meant.filter((one) => passes(one, filter)),
              order,
            ).map(({ run_id }) => run_id)
            for (const search of ways) {
              const asked = { experiments, filter: text, lifecycle }
              expect(await allPages(search, { ...asked, orderBy, limit }), `${text} by ${orderBy.join()}`).toEqual(
                expected,
              )
              expect(await search.countRuns('default', asked)).toBe(expected.length)
            }
          }
        }),
        { numRuns: 12 },
      )
    },
  )

  test('tells a run as it is on the wire, NaN and infinities as texts, and empty lists not at all', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    const metrics = { loss: 0.1, nan: NaN, up: Infinity, down: -Infinity }
    const datasets = [{ name: 'iris', digest: 'd1', context: 'training' }]
    await keepRuns(kysely, [
      run(2, { metrics, params: { 'a "b"': 'ü\n' }, tags: { t: '' }, datasets, ended_at: 5, name: '"' }),
      run(1, { lifecycle: 'deleted' }),
    ])
    await sql`insert into run_models (run, model_id, direction, step) select id, 'm-1', 'output', 7 from runs where started_at = 2`.execute(
      kysely,
    )
    const { texts, nextToken } = await search.searchRunTexts('default', { experiments: [1], lifecycle: 'all' })
    const info = { user_id: 'ada', status: 'FINISHED', experiment_id: '1' }
    const [id2, id1] = [run(2).run_id, run(1).run_id]
    expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        info: {
          ...info,
          run_uuid: id2,
          run_id: id2,
          run_name: '"',
          start_time: 2,
          end_time: 5,
          artifact_uri: `mlflow-artifacts:/1/${id2}/artifacts`,
          lifecycle_stage: 'active',
        },
        data: {
          metrics: expect.arrayContaining([
            { key: 'loss', value: 0.1, timestamp: 17, step: 3 },
            { key: 'nan', value: 'NaN', timestamp: 17, step: 3 },
            { key: 'up', value: 'Infinity', timestamp: 17, step: 3 },
            { key: 'down', value: '-Infinity', timestamp: 17, step: 3 },
          ]),
          params: [{ key: 'a "b"', value: 'ü\n' }],
          tags: [{ key: 't', value: '' }],
        },
        inputs: {
          dataset_inputs: [
            {
              tags: [{ key: 'mlflow.data.context', value: 'training' }],
              dataset: { name: 'iris', digest: 'd1', source_type: 'local', source: '{}' },
            },
          ],
        },
        outputs: { model_outputs: [{ model_id: 'm-1', step: 7 }] },
      },
      {
        info: {
          ...info,
          run_uuid: id1,
          run_id: id1,
          run_name: 'run 1',
          start_time: 1,
          artifact_uri: `mlflow-artifacts:/1/${id1}/artifacts`,
          lifecycle_stage: 'deleted',
        },
        data: {},
        inputs: {},
        outputs: {},
      },
    ])
    expect(nextToken).toBeUndefined()
  })

  test('tells the columns that were asked for, and no others', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    await keepRuns(kysely, [run(1, { metrics: { a: 1, 'b.c': 2 }, params: { a: 'x', b: 'y' }, tags: { t: 'u' } })])
    const told = async (columns: RunQuery['columns']) => {
      const { runs } = await search.searchRuns('default', { experiments: [1], columns })
      return runs.map(({ metrics, params, tags }) => ({ metrics, params, tags }))
    }
    expect(await told(['metrics.b.c', 'params.a', 'params.a'])).toEqual([
      { metrics: { 'b.c': { value: 2, step: 3, timestamp: 17 } }, params: { a: 'x' }, tags: {} },
    ])
    expect(await told('none')).toEqual([{ metrics: {}, params: {}, tags: {} }])
    expect(await told([])).toEqual([{ metrics: {}, params: {}, tags: {} }])
    expect(await refused(told(['start_time']))).toMatchObject({ code: 'invalid_request', where: 'columns' })
  })

  test('shows each run that was there all along exactly once, whatever is written between pages', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    const kept = Array.from({ length: 30 }, (_, at) => run(at + 10, { metrics: { m: at % 7 } }))
    await keepRuns(kysely, kept)
    const { id } = await kysely.selectFrom('experiments').select('id').where('number', '=', 1).executeTakeFirstOrThrow()
    const seen: string[] = []
    let token: string | undefined
    for (let more = 1000; ; more++) {
      const page = await search.searchRuns('default', {
        experiments: [1],
        orderBy: ['metrics.m DESC'],
        limit: 4,
        token,
      })
      seen.push(...page.runs.map((one) => one.id))
      token = page.nextToken
      if (token === undefined) break
      await kysely
        .insertInto('runs')
        .values({ project_id: 'default', experiment_id: id, run_id: `new${more}`, artifact_uri: '', started_at: more })
        .execute()
      await kysely
        .deleteFrom('runs')
        .where('run_id', '=', `new${more - 3}`)
        .execute()
    }
    const old = seen.filter((one) => !one.startsWith('new'))
    expect(old.toSorted()).toEqual(kept.map(({ run_id }) => run_id).toSorted())
  })

  test('groups runs by what they have, with what their finite metrics come to', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    await keepRuns(kysely, [
      run(1, { params: { algo: 'svm' }, metrics: { auc: 1 } }),
      run(2, { params: { algo: 'svm' }, metrics: { auc: 2 } }),
      run(3, { params: { algo: 'svm' }, metrics: { auc: NaN } }),
      run(4, { params: { algo: 'tree' }, metrics: { auc: 5 }, status: 'FAILED' }),
      run(5, { metrics: { other: 1 } }),
      run(6, { params: { algo: 'svm' }, lifecycle: 'deleted' }),
    ])
    const asked = { experiments: [1], by: ['params.algo', 'status'], metrics: ['auc'] }
    const nothing = { count: 0, mean: null, deviation: null, min: null, max: null }
    expect(await search.groupRuns('default', asked)).toEqual({
      groups: [
        {
          values: ['svm', 'FINISHED'],
          runs: 3,
          metrics: { auc: { count: 2, mean: 1.5, deviation: Math.SQRT1_2, min: 1, max: 2 } },
        },
        { values: ['tree', 'FAILED'], runs: 1, metrics: { auc: { ...nothing, count: 1, mean: 5, min: 5, max: 5 } } },
        { values: [null, 'FINISHED'], runs: 1, metrics: { auc: nothing } },
      ],
      total: 3,
    })
    const filtered = await search.groupRuns('default', { ...asked, filter: 'metrics.auc > 1', metrics: [], limit: 1 })
    expect(filtered).toEqual({ groups: [{ values: ['svm', 'FINISHED'], runs: 1, metrics: {} }], total: 2 })
    expect(
      await refused(Promise.resolve().then(() => search.groupRuns('default', { ...asked, by: ['metrics.auc'] }))),
    ).toMatchObject({ code: 'invalid_request' })
  })

  test('lists the keys that runs have, and the values of one', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    await keepRuns(kysely, [
      run(1, { params: { a: 'x', b: 'Yes' }, metrics: { m: 1 } }),
      run(2, { params: { b: 'yes' } }),
      run(3, { experiment: 2, params: { b: 'yes', c: '' }, tags: { t: 'u' } }),
    ])
    expect(await search.runColumns('default', [1])).toEqual({
      metrics: [{ key: 'm', runs: 1 }],
      params: [
        { key: 'b', runs: 2 },
        { key: 'a', runs: 1 },
      ],
      tags: [],
    })
    expect((await search.runColumns('default', [1, 2])).params[0]).toEqual({ key: 'b', runs: 3 })
    expect(await search.columnValues('default', 1, 'params.b', 'YE')).toEqual([
      { value: 'Yes', runs: 1 },
      { value: 'yes', runs: 1 },
    ])
    expect(await search.columnValues('default', 1, 'user_id', '')).toEqual([{ value: 'ada', runs: 2 }])
  })

  test('refuses a token that it has not given for this order, and forged ones, before the database sees them', async () => {
    const { kysely } = await databases.open()
    const search = createRunSearch(sqlRunSearchStore(kysely))
    await keepRuns(kysely, [run(1), run(2), run(3)])
    const { nextToken } = await search.searchRuns('default', { experiments: [1], limit: 1 })
    const forge = (values: unknown[], part = 0) => {
      const written = JSON.parse(Buffer.from(nextToken ?? '', 'base64url').toString()) as object
      return Buffer.from(JSON.stringify({ ...written, p: part, v: values })).toString('base64url')
    }
    const asked = (token: string | undefined, orderBy: string[] = []) =>
      refused(search.searchRuns('default', { experiments: [1], limit: 1, token, orderBy }))
    for (const token of [
      forge(['x', 'y']),
      forge(['1']),
      forge(['1', 'y', 'z']),
      forge(['99999999999999999999', 'y']),
      forge(['1', 'y'], 3),
      'eyJvZmZzZXQiOjF9',
      '%',
    ])
      expect(await asked(token)).toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/^Invalid page token, /),
      })
    expect(await asked(nextToken, ['run_name'])).toBeInstanceOf(SteadError)
  })

  test(
    'takes a filter of a thousand clauses, and lists of a hundred thousand values',
    { timeout: 60_000 },
    async () => {
      const { kysely } = await databases.open()
      const search = createRunSearch(sqlRunSearchStore(kysely))
      await keepRuns(kysely, [run(1, { params: { p: '7' } }), run(2)])
      const clauses = Array.from({ length: 1000 }, (_, at) => `params.p = '${at}'`)
      const list = Array.from({ length: 100_000 }, (_, at) => `'${at}'`).join(',')
      const nots = `${'not ('.repeat(32)}params.p = '7'${')'.repeat(32)}`
      for (const filter of [
        clauses.join(' or '),
        `params.p in (${list})`,
        nots,
        `not (${clauses
          .slice(0, 999)
          .map((one) => `not ${one}`)
          .join(' and ')})`,
      ]) {
        expect(await search.countRuns('default', { experiments: [1], filter })).toBe(1)
        expect((await search.searchRuns('default', { experiments: [1], filter })).runs).toHaveLength(1)
      }
    },
  )
})
