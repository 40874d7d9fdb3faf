import { deleteLoggedModel, getLoggedModel, listLoggedModels, LoggedModelId, RunId } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'

let count = 0
const fresh = (what = 'x') => `${what}-${(count += 1)}`

interface Info {
  readonly model_id: string
  readonly artifact_uri: string
}

describeOverWire('logged models over MLflow’s protocol', (wire) => {
  const experiment = async () =>
    (await wire.post('experiments/create', { name: fresh('experiment') })).body.experiment_id as string
  const infoOf = ({ body }: { body: Readonly<Record<string, unknown>> }) => (body.model as { info: Info }).info
  const make = async (experiment_id: string, more: object = {}) =>
    infoOf(await wire.post('logged-models', { experiment_id, name: 'net', ...more })).model_id
  const get = (id: string, query = {}) => wire.get(`logged-models/${id}`, query)
  const run = async (experiment_id: string) =>
    ((await wire.post('runs/create', { experiment_id, start_time: 1 })).body.run as { info: { run_id: string } }).info
      .run_id
  const namesOf = ({ status, body }: { status: number; body: Readonly<Record<string, unknown>> }) => {
    expect({ status, body }).toMatchObject({ status: 200 })
    return ((body.models ?? []) as { info: { name: string } }[]).map(({ info }) => info.name)
  }
  const absent = (id: string) => ({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Logged model with ID '${id}' not found.` },
  })

  test('one is made in an experiment, with a place for its files, and read back', async () => {
    const at = await experiment()
    const made = await wire.post('logged-models', {
      experiment_id: at,
      name: 'net',
      model_type: 'classifier',
      source_run_id: 'abc',
      params: [{ key: 'depth', value: '3' }],
      tags: [{ key: 'team', value: 'weather' }],
    })
    const { model_id } = infoOf(made)
    expect(model_id).toMatch(/^m-[0-9a-f]{32}$/)
    expect(made).toMatchObject({
      status: 200,
      body: {
        model: {
          info: {
            experiment_id: at,
            name: 'net',
            model_type: 'classifier',
            source_run_id: 'abc',
            status: 'LOGGED_MODEL_PENDING',
            artifact_uri: `mlflow-artifacts:/${at}/models/${model_id}/artifacts`,
            tags: [{ key: 'team', value: 'weather' }],
          },
          data: { params: [{ key: 'depth', value: '3' }] },
        },
      },
    })
    expect(await get(model_id)).toEqual(made)
    const unnamed = infoOf(await wire.post('logged-models', { experiment_id: '0' }))
    expect(await get(unnamed.model_id)).toMatchObject({
      body: { model: { info: { name: expect.stringMatching(/\w+-\w+-\d+/) } } },
    })
  })

  test.each(['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])('none is called %j', async (name) => {
    expect(await wire.post('logged-models', { experiment_id: '0', name })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('Invalid model name (') },
    })
  })

  test('none is made where there is no experiment, or a deleted one', async () => {
    expect(await wire.post('logged-models', { name: 'net' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Missing value for required parameter 'experiment_id'") },
    })
    expect(await wire.post('logged-models', { experiment_id: '99999' })).toMatchObject({
      status: 404,
      body: { message: 'No Experiment with id=99999 exists' },
    })
    expect(await wire.post('logged-models', { experiment_id: 'abc' })).toMatchObject({
      status: 400,
      body: { message: "Invalid experiment ID 'abc'. Experiment ID must be a valid integer." },
    })
    const at = await experiment()
    await wire.post('experiments/delete', { experiment_id: at })
    expect(await wire.post('logged-models', { experiment_id: at })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("must be in the 'active' state") },
    })
  })

  test('one is ready or failed when its maker says so, by name or number', async () => {
    const id = await make('0')
    const finalize = (status: unknown) => wire.send('PATCH', `logged-models/${id}`, { model_id: id, status })
    for (const [status, told] of [
      ['LOGGED_MODEL_READY', 'LOGGED_MODEL_READY'],
      [3, 'LOGGED_MODEL_UPLOAD_FAILED'],
      ['READY', 'LOGGED_MODEL_READY'],
    ] as const)
      expect(await finalize(status)).toMatchObject({ status: 200, body: { model: { info: { status: told } } } })
    for (const status of ['FOO', 0, 9, {}]) expect(await finalize(status)).toMatchObject({ status: 400 })
    expect(await finalize(undefined)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Missing value for required parameter 'status'") },
    })
  })

  test('one that is not there is told by its id, whatever is asked of it; a deleted one is found if asked for', async () => {
    const id = await make('0')
    expect(await wire.send('DELETE', `logged-models/${id}`, {})).toEqual({ status: 200, body: {} })
    for (const gone of [id, 'm-nothing']) {
      const at = `logged-models/${gone}`
      expect(await get(gone)).toEqual(absent(gone))
      expect(await wire.send('PATCH', at, { status: 'LOGGED_MODEL_READY' })).toEqual(absent(gone))
      expect(await wire.send('DELETE', at, {})).toEqual(absent(gone))
      expect(await wire.send('PATCH', `${at}/tags`, { tags: [{ key: 'k', value: 'v' }] })).toEqual(absent(gone))
      expect(await wire.send('DELETE', `${at}/tags/k`, {})).toEqual(absent(gone))
      expect(await wire.post(`${at}/params`, { params: [{ key: 'k', value: 'v' }] })).toEqual(absent(gone))
    }
    expect((await get(id, { allow_deleted: 'true' })).status).toBe(200)
  })

  test('tags are set and taken away, params keep their first value', async () => {
    const id = await make('0')
    const at = `logged-models/${id}`
    const tag = async (key: string, value: string) => wire.send('PATCH', `${at}/tags`, { tags: [{ key, value }] })
    await tag('a.b c/d', '1')
    await tag('a.b c/d', '2')
    expect(await get(id)).toMatchObject({ body: { model: { info: { tags: [{ key: 'a.b c/d', value: '2' }] } } } })
    expect(await wire.send('DELETE', `${at}/tags/${encodeURIComponent('a.b c/d')}`, {})).toEqual({
      status: 200,
      body: {},
    })
    expect(await wire.send('DELETE', `${at}/tags/gone`, {})).toEqual({
      status: 404,
      body: {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `No tag with key 'gone' found for model with ID '${id}'.`,
      },
    })
    const twice = [
      { name: 'm', version: '1' },
      { name: 'm', version: 1 },
    ]
    await tag('mlflow.modelVersions', JSON.stringify(twice))
    expect(await get(id)).toMatchObject({
      body: { model: { info: { tags: [{ key: 'mlflow.modelVersions', value: '[{"name":"m","version":"1"}]' }] } } },
    })
    const log = (value: string) => wire.post(`${at}/params`, { params: [{ key: 'p', value }] })
    expect(await log('1')).toEqual({ status: 200, body: {} })
    expect(await log('1')).toEqual({ status: 200, body: {} })
    expect(await log('2')).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("already logged with value='1'") },
    })
    expect(await get(id)).toMatchObject({ body: { model: { data: { params: [{ key: 'p', value: '1' }] } } } })
  })

  describe('a search', () => {
    const searched = async () => {
      const at = await experiment()
      const run_id = await run(at)
      const ids: Record<string, string> = {}
      for (const [name, rmse, dataset] of [
        ['a', 0.5, 'train'],
        ['b', 0.1, 'test'],
        ['c', 'NaN', 'test'],
        ['d', undefined, ''],
      ] as const) {
        const id = (ids[name] = await make(at, {
          name,
          source_run_id: run_id,
          params: [{ key: 'p', value: name }],
          tags: [{ key: 't', value: name }],
        }))
        if (rmse === undefined) continue
        const metric = { key: 'rmse', timestamp: 1, model_id: id, dataset_name: dataset, dataset_digest: 'd1' }
        const logged = await wire.post('runs/log-batch', {
          run_id,
          metrics: [
            { ...metric, value: 9, step: 0 },
            { ...metric, value: rmse, step: 1 },
          ],
        })
        expect(logged).toMatchObject({ status: 200 })
      }
      const search = (query: object) => wire.post('logged-models/search', { experiment_ids: [at], ...query })
      return { at, run_id, ids, search }
    }

    test('finds by attributes, params, tags and metrics, and tells the last of each metric', async () => {
      const { at, ids, run_id, search } = await searched()
      const named = async (filter: string, more: object = {}) =>
        namesOf(await search({ filter, order_by: [{ field_name: 'name' }], ...more }))
      expect(await named('')).toEqual(['a', 'b', 'c', 'd'])
      expect(await named("name = 'a'")).toEqual(['a'])
      expect(await named("attributes.name IN ('a', 'd')")).toEqual(['a', 'd'])
      expect(await named(`model_id = '${ids.b}' OR params.p = 'c'`)).toEqual(['b', 'c'])
      expect(await named("tags.t != 'a'")).toEqual(['b', 'c', 'd'])
      expect(await named(`source_run_id = '${run_id}' and status = 'PENDING'`)).toEqual(['a', 'b', 'c', 'd'])
      expect(await named('metrics.rmse < 0.4')).toEqual(['b', 'c'])
      expect(await named('metrics.rmse > 1')).toEqual(['a', 'b', 'c'])
      const datasets = [{ dataset_name: 'train', dataset_digest: 'd1' }]
      expect(await named('metrics.rmse > 1', { datasets })).toEqual(['a'])
      expect(await named('', { datasets })).toEqual(['a'])
      expect(
        namesOf(await wire.post('logged-models/search', { experiment_ids: [at, '0'], filter: "name = 'd'" })).at(0),
      ).toBe('d')
      expect(await get(ids.c!)).toMatchObject({
        body: {
          model: {
            data: {
              metrics: [
                {
                  key: 'rmse',
                  value: 'NaN',
                  step: 1,
                  timestamp: 1,
                  run_id,
                  model_id: ids.c,
                  dataset_name: 'test',
                  dataset_digest: 'd1',
                },
              ],
            },
          },
        },
      })
    })

    test('sorts by attributes and metrics, numbers before NaN before nothing, page by page', async () => {
      const { search } = await searched()
      const sorted = async (order_by: object[]) => {
        const names: string[] = []
        for (let page_token = ''; ;) {
          const answer = await search({ order_by, max_results: 1, page_token })
          names.push(...namesOf(answer))
          if (answer.body.next_page_token === undefined) return names.join('')
          page_token = answer.body.next_page_token as string
        }
      }
      expect(await sorted([{ field_name: 'metrics.rmse', ascending: true }])).toBe('bacd')
      expect(await sorted([{ field_name: 'metrics.rmse', ascending: false }])).toBe('abcd')
      expect(await sorted([{ field_name: 'metrics.rmse', dataset_name: 'train' }])).toMatch(/^a[bcd]{3}$/)
      expect(await sorted([{ field_name: 'name', ascending: false }])).toBe('dcba')
      expect((await sorted([])).split('').toSorted().join('')).toBe('abcd')
    })

    test('that asks what cannot be is refused', async () => {
      const { search } = await searched()
      const refused = async (query: object, message: string) =>
        expect(await search(query)).toMatchObject({
          status: 400,
          body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) },
        })
      await refused({ experiment_ids: [] }, "Missing value for required parameter 'experiment_ids'")
      await refused({ filter: "color = 'red'" }, 'Invalid attribute key')
      await refused({ order_by: [{ field_name: 'color' }] }, 'Invalid order by field name: color')
      await refused({ order_by: [{ field_name: 'params.p' }] }, 'Only metrics are supported')
      await refused(
        { datasets: [{ dataset_digest: 'd' }] },
        '`dataset_name` in the `datasets` clause must be specified.',
      )
      await refused({ page_token: 'x' }, 'Invalid page token')
      const { body } = await search({ max_results: 1 })
      await refused({ page_token: body.next_page_token, filter: "name = 'a'" }, 'Invalid page token')
      await refused({ max_results: -1 }, 'max_results')
    })
  })

  test('the native API lists, reads and deletes the same', async () => {
    const at = await experiment()
    const run_id = await run(at)
    const [first, second] = [await make(at, { name: 'a', source_run_id: run_id }), await make(at, { name: 'b' })]
    await wire.post('registered-models/create', { name: `of ${at}` })
    await wire.post('model-versions/create', { name: `of ${at}`, source: `models:/${first}`, model_id: first })
    const { client } = wire.server
    const list = (query: object) => client.call(listLoggedModels, { params: { project: DEFAULT }, query })
    const page = await list({ experiment: at, limit: 1 })
    expect(page).toMatchObject({ loggedModels: [{ id: second }] })
    expect(await list({ experiment: at, limit: 1, after: page.next! })).toMatchObject({
      loggedModels: [{ id: first }],
      next: null,
    })
    expect((await list({ run: RunId.parse(run_id) })).loggedModels.map(({ id }) => id)).toEqual([first])
    const params = { project: DEFAULT, model: LoggedModelId.parse(first) }
    expect(await client.call(getLoggedModel, { params })).toMatchObject({
      experiment: Number(at),
      run: run_id,
      status: 'PENDING',
      versions: [{ model: `of ${at}`, version: 1 }],
    })
    await client.call(deleteLoggedModel, { params })
    await expect(client.call(getLoggedModel, { params })).rejects.toMatchObject({ code: 'logged_model_not_found' })
  })
})
