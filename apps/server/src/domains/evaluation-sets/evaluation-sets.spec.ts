import {
  changeEvaluationSet,
  createEvaluationSet,
  deleteEvaluationSet,
  EvaluationSetId,
  ExperimentId,
  getEvaluationSet,
  listEvaluationRecords,
  listEvaluationSets,
  putEvaluationRecords,
} from '@stead/contracts'
import { beforeAll, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'

const SETS = '/api/3.0/mlflow/datasets'

interface Told {
  readonly dataset_id: string
  readonly name: string
  readonly tags: string
  readonly schema?: string
  readonly profile?: string
  readonly digest: string
  readonly experiment_ids?: readonly string[]
}

describeOverWire('evaluation sets', (wire) => {
  let experiment = ''
  beforeAll(async () => {
    experiment = String((await wire.post('experiments/create', { name: 'judged' })).body.experiment_id)
  })
  const make = async (name: string, more: object = {}) => {
    const { status, body } = await wire.post(`${SETS}/create`, { name, ...more })
    expect(status, JSON.stringify(body)).toBe(200)
    return body.dataset as Told
  }
  const read = async (id: string) => (await wire.get(`${SETS}/${id}`)).body.dataset as Told
  const put = (id: string, records: unknown) => wire.post(`${SETS}/${id}/records`, { records: JSON.stringify(records) })
  const recordsOf = async (id: string, query: Record<string, string | number> = {}) => {
    const { body } = await wire.get(`${SETS}/${id}/records`, query)
    return { records: JSON.parse(String(body.records)) as Record<string, unknown>[], next: body.next_page_token }
  }

  test('are made, read, tagged and deleted', async () => {
    const made = await make('set', { experiment_ids: [experiment], tags: '{"a":"1","mlflow.user":"ada"}' })
    expect(made).toMatchObject({ name: 'set', created_by: 'ada', experiment_ids: [experiment] })
    expect(await read(made.dataset_id)).toEqual(made)
    await wire.send('PATCH', `${SETS}/${made.dataset_id}/tags`, { tags: '{"b":2}' })
    await wire.send('DELETE', `${SETS}/${made.dataset_id}/tags/a`, {})
    expect(JSON.parse((await read(made.dataset_id)).tags)).toEqual({ b: 2, 'mlflow.user': 'ada' })
    for (const _ of [1, 2]) expect((await wire.send('DELETE', `${SETS}/${made.dataset_id}`, {})).status).toBe(200)
    expect(await wire.get(`${SETS}/${made.dataset_id}`)).toEqual({
      status: 404,
      body: {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `Evaluation dataset with id '${made.dataset_id}' not found`,
      },
    })
  })

  test('hold each inputs once, merged with what came later', async () => {
    const { dataset_id: id, digest } = await make('merged')
    const source = { source_type: 'TRACE', source_data: { trace_id: 'tr-1' } }
    const first = await put(id, [
      { inputs: { a: 1, b: 'x' }, expectations: { e: true }, source },
      { inputs: { a: 2 }, outputs: [1.5], tags: { t: '1' } },
    ])
    expect(first.body).toEqual({ inserted_count: 2, updated_count: 0 })
    const second = await put(id, [
      { inputs: { b: 'x', a: 1 }, expectations: { f: null }, outputs: 'o' },
      { inputs: { a: 3 } },
      { inputs: { a: 3 }, tags: { u: '2' } },
    ])
    expect(second.body).toEqual({ inserted_count: 1, updated_count: 2 })
    const { records } = await recordsOf(id)
    expect(records).toHaveLength(3)
    expect(records.find(({ source_id }) => source_id === 'tr-1')).toMatchObject({
      inputs: { a: 1, b: 'x' },
      expectations: { e: true, f: null },
      outputs: 'o',
      source,
      source_type: 'TRACE',
    })
    const told = await read(id)
    expect(JSON.parse(told.profile!)).toEqual({ num_records: 3 })
    expect(JSON.parse(told.schema!)).toMatchObject({
      inputs: { a: 'integer', b: 'string' },
      expectations: { e: 'boolean', f: 'null' },
    })
    expect(told.digest).not.toBe(digest)
  })

  test('are read page by page, and lose the records that are named', async () => {
    const { dataset_id: id } = await make('paged')
    await put(
      id,
      Array.from({ length: 5 }, (_, at) => ({ inputs: { at } })),
    )
    const ids: unknown[] = []
    let page_token: string | undefined
    do {
      const page = await recordsOf(id, { max_results: 2, ...(page_token ? { page_token } : {}) })
      ids.push(...page.records.map(({ dataset_record_id }) => dataset_record_id))
      page_token = page.next as string | undefined
    } while (page_token)
    expect(new Set(ids).size).toBe(5)
    const gone = { dataset_record_ids: [ids[0], 'dr-none'] }
    expect((await wire.send('DELETE', `${SETS}/${id}/records`, gone)).body).toEqual({ deleted_count: 1 })
    expect((await recordsOf(id)).records).toHaveLength(4)
  })

  test('are found by experiment, name and tags, in order and page by page', async () => {
    const mine = { experiment_ids: [experiment] }
    for (const name of ['find-b', 'find-a', 'find-c']) await make(name, { ...mine, tags: `{"is":"${name.at(-1)}"}` })
    const search = async (more: object) => {
      const { status, body } = await wire.post(`${SETS}/search`, { ...mine, ...more })
      return { status, body, names: ((body.datasets ?? []) as Told[]).map(({ name }) => name) }
    }
    const order_by = ['name ASC']
    expect((await search({ filter_string: "name LIKE 'find-%'", order_by })).names).toEqual([
      'find-a',
      'find-b',
      'find-c',
    ])
    expect((await search({ filter_string: "tags.is = 'c' OR name = 'find-a'", order_by })).names).toEqual([
      'find-a',
      'find-c',
    ])
    expect((await search({ experiment_ids: ['0'] })).names).toEqual([])
    const first = await search({ order_by, max_results: 2 })
    const rest = await search({ order_by, page_token: first.body.next_page_token })
    expect([...first.names, ...rest.names]).toEqual(['find-a', 'find-b', 'find-c'])
    for (const wrong of [{ filter_string: 'x' }, { page_token: 'x' }, { order_by: ['tags.is'] }, { max_results: -1 }])
      expect((await search(wrong)).status, JSON.stringify(wrong)).toBe(400)
  })

  test('belong to experiments as they are told', async () => {
    const { dataset_id: id } = await make('moved')
    const ids = async () => (await wire.get(`${SETS}/${id}/experiment-ids`)).body.experiment_ids
    expect(await ids()).toBeUndefined()
    await wire.post(`${SETS}/${id}/add-experiments`, { experiment_ids: [experiment, '0'] })
    expect(await ids()).toEqual(['0', experiment])
    await wire.post(`${SETS}/${id}/remove-experiments`, { experiment_ids: ['0'] })
    expect(await ids()).toEqual([experiment])
    expect((await wire.post(`${SETS}/${id}/add-experiments`, { experiment_ids: ['77'] })).status).toBe(404)
  })

  test.each([
    ['create', { name: '' }, 400],
    ['create', { name: 'x'.repeat(501) }, 400],
    ['create', { name: 'x', tags: '[]' }, 400],
    ['create', { name: 'x', tags: '{' }, 400],
    ['create', { name: 'x', experiment_ids: ['99'] }, 404],
    ['d-none/records', { records: '[]' }, 404],
    ['d-none/records', { records: '{}' }, 400],
    ['d-none/records', { records: '[{"inputs": 1}]' }, 400],
  ])('%s refuses %j', async (path, body, status) => {
    expect((await wire.post(`${SETS}/${path}`, body)).status).toBe(status)
  })
})

describeOverWire('evaluation sets by the native API', (wire) => {
  const make = (name: string, experiments: number[] = []) =>
    wire.server.client.call(createEvaluationSet, {
      params: { project: DEFAULT },
      body: { name, experiments: experiments.map((number) => ExperimentId.parse(number)), tags: { a: 1, b: 'x' } },
    })

  test('are made, found, tagged and deleted, and are those of MLflow', async () => {
    const { client } = wire.server
    const made = await make('questions', [0])
    expect(made).toMatchObject({ name: 'questions', records: 0, schema: null, experiments: [0], createdBy: 'local' })
    const params = { project: DEFAULT, set: made.id }
    expect(await client.call(getEvaluationSet, { params })).toEqual(made)
    expect((await wire.get(`${SETS}/${made.id}`)).body.dataset).toMatchObject({
      name: 'questions',
      created_by: 'local',
    })
    const changed = await client.call(changeEvaluationSet, { params, body: { tags: { a: null, c: [2], none: null } } })
    expect(changed.tags).toEqual({ b: 'x', c: [2] })
    await client.call(deleteEvaluationSet, { params })
    for (const act of [
      client.call(getEvaluationSet, { params }),
      client.call(deleteEvaluationSet, { params }),
      client.call(listEvaluationRecords, { params, query: {} }),
      client.call(changeEvaluationSet, { params, body: { tags: { a: 1 } } }),
    ])
      await expect(act).rejects.toMatchObject({ code: 'evaluation_set_not_found' })
    for (const name of [' ', 'a\r\nb']) await expect(make(name)).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(make('of none', [99])).rejects.toMatchObject({ code: 'experiment_not_found' })
  })

  test('are listed page by page, by experiment and by filter', async () => {
    const { client } = wire.server
    const made = []
    for (const name of ['page-1', 'page-2', 'page-3']) made.push(await make(name, name === 'page-2' ? [0] : []))
    const list = (query: object) => client.call(listEvaluationSets, { params: { project: DEFAULT }, query })
    const first = await list({ filter: "name LIKE 'page-%'", limit: 2 })
    const second = await list({ filter: "name LIKE 'page-%'", limit: 2, after: first.next })
    const found = [...first.evaluationSets, ...second.evaluationSets].map(({ name }) => name)
    expect([found.toSorted(), second.next]).toEqual([['page-1', 'page-2', 'page-3'], null])
    expect((await list({ experiment: 0, filter: "name LIKE 'page-%'" })).evaluationSets).toEqual([made[1]])
    await expect(list({ filter: 'size > 1' })).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(list({ after: 'nothing' })).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('tell their records in the order in which they came', async () => {
    const { client } = wire.server
    const params = { project: DEFAULT, set: (await make('records')).id }
    const records = [
      { inputs: { q: 'one' }, expectations: { answer: 1 }, source: { type: 'HUMAN' } },
      { inputs: { q: 'two' }, outputs: ['2'], tags: { kind: 'list' } },
      { inputs: { q: 'three' } },
    ]
    expect(await client.call(putEvaluationRecords, { params, body: { records } })).toEqual({ inserted: 3, updated: 0 })
    const again = { records: [{ inputs: { q: 'three' }, outputs: 3 }] }
    expect(await client.call(putEvaluationRecords, { params, body: again })).toEqual({ inserted: 0, updated: 1 })
    const first = await client.call(listEvaluationRecords, { params, query: { limit: 2 } })
    const rest = await client.call(listEvaluationRecords, { params, query: { limit: 2, after: first.next! } })
    const told = [...first.records, ...rest.records].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect([told.length, rest.next]).toEqual([3, null])
    const by = (q: string) => told.find(({ inputs }) => inputs.q === q)
    expect(by('one')).toMatchObject({ outputs: null, expectations: { answer: 1 }, source: { type: 'HUMAN', data: {} } })
    expect(by('two')).toMatchObject({ outputs: ['2'], expectations: {}, tags: { kind: 'list' }, source: null })
    expect(by('three')).toMatchObject({ outputs: 3, createdBy: 'local' })
    const { records: count, schema } = await client.call(getEvaluationSet, { params })
    expect([count, schema?.inputs]).toEqual([3, { q: 'string' }])
    const none = { ...params, set: EvaluationSetId.parse('d-none') }
    await expect(client.call(putEvaluationRecords, { params: none, body: again })).rejects.toMatchObject({
      code: 'evaluation_set_not_found',
    })
  })
})
