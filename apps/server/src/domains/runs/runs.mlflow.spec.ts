import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'

interface WiredRun {
  info: Record<string, unknown> & { run_id: string }
  data: {
    metrics?: { key: string; value: number | string; timestamp: number; step: number }[]
    params?: { key: string; value: string }[]
    tags?: { key: string; value: string }[]
  }
  inputs: Record<string, unknown>
  outputs: Record<string, unknown>
}

const SEE = 'See the API docs for more information about request parameters.'
const invalid = (message: string) => ({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } })
const absent = (message: string) => ({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message } })
const OK = { status: 200, body: {} }

describeOverWire('runs on MLflow’s wire', (wire) => {
  const create = async (more: object = {}) =>
    (await wire.post('runs/create', { experiment_id: '0', start_time: 17, ...more })).body.run as unknown as WiredRun
  const start = async () => (await create()).info.run_id
  const get = async (id: string) => (await wire.get('runs/get', { run_id: id })).body.run as unknown as WiredRun
  const tagsOf = async (id: string) =>
    Object.fromEntries((await get(id)).data.tags?.map(({ key, value }) => [key, value]) ?? [])

  test('a run begins with what it was given, a name, and a place for its files', async () => {
    const { info, data, inputs, outputs } = await create({
      user_id: 'ada',
      tags: [{ key: 'mlflow.source.name', value: 'train.py' }],
    })
    const id = info.run_id
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(info).toEqual({
      run_uuid: id,
      run_id: id,
      run_name: expect.stringMatching(/^[a-z]+-[a-z]+-\d{1,3}$/),
      experiment_id: '0',
      user_id: 'ada',
      status: 'RUNNING',
      start_time: 17,
      artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
      lifecycle_stage: 'active',
    })
    expect(data).toEqual({
      tags: expect.arrayContaining([
        { key: 'mlflow.source.name', value: 'train.py' },
        { key: 'mlflow.runName', value: info.run_name },
      ]),
    })
    expect([inputs, outputs]).toEqual([{}, {}])
    expect(await get(id)).toMatchObject({ info })
  })

  test('a run is called what its tag says, and its tag says what it is called', async () => {
    const named = await create({ run_name: 'by name' })
    expect(await tagsOf(named.info.run_id)).toEqual({ 'mlflow.runName': 'by name' })
    const tagged = await create({ tags: [{ key: 'mlflow.runName', value: 'by tag' }] })
    expect(tagged.info.run_name).toBe('by tag')
    const id = tagged.info.run_id
    await wire.post('runs/set-tag', { run_id: id, key: 'mlflow.runName', value: 'by another tag' })
    expect((await get(id)).info.run_name).toBe('by another tag')
    await wire.post('runs/update', { run_id: id, run_name: 'by update' })
    expect(await tagsOf(id)).toEqual({ 'mlflow.runName': 'by update' })
    expect(
      await wire.post('runs/create', {
        experiment_id: '0',
        run_name: 'one',
        tags: [{ key: 'mlflow.runName', value: 'other' }],
      }),
    ).toMatchObject(
      invalid(
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='one', mlflow.runName='other').",
      ),
    )
  })

  test('a run is ended, and an unknown status is refused', async () => {
    const id = await start()
    const { body } = await wire.post('runs/update', { run_uuid: id, status: 'FINISHED', end_time: 99 })
    expect(body.run_info).toMatchObject({ run_id: id, status: 'FINISHED', end_time: 99, start_time: 17 })
    expect(await wire.post('runs/update', { run_id: id, status: 'FOO' })).toMatchObject({ status: 400 })
    // Ended is not closed.
    expect(await wire.post('runs/log-metric', { run_id: id, key: 'm', value: 1, timestamp: 1 })).toEqual(OK)
  })

  test('what is not there, or not said, is told by every operation', async () => {
    const calls: [string, object][] = [
      ['update', { status: 'FINISHED' }],
      ['delete', {}],
      ['restore', {}],
      ['set-tag', { key: 'k', value: 'v' }],
      ['delete-tag', { key: 'k' }],
      ['log-metric', { key: 'k', value: 1, timestamp: 1 }],
      ['log-parameter', { key: 'k', value: 'v' }],
      ['log-batch', { metrics: [{ key: 'k', value: 1, timestamp: 1 }] }],
      ['log-inputs', { datasets: [] }],
      ['outputs', { models: [] }],
      ['log-model', { model_json: '{"artifact_path":"m","flavors":{},"utc_time_created":"x","run_id":"y"}' }],
    ]
    for (const [path, body] of calls) {
      expect([path, await wire.post(`runs/${path}`, { ...body, run_id: 'none' })]).toMatchObject([
        path,
        absent('Run with id=none not found'),
      ])
      expect([path, await wire.post(`runs/${path}`, body)]).toMatchObject([
        path,
        invalid(`Missing value for required parameter 'run_id'. ${SEE}`),
      ])
    }
    expect(await wire.get('runs/get', { run_id: 'none' })).toMatchObject(absent('Run with id=none not found'))
    expect(await wire.post('runs/create', { experiment_id: '4711' })).toMatchObject(
      absent('No Experiment with id=4711 exists'),
    )
  })

  test('a deleted run is read but not changed, until it is restored', async () => {
    const id = await start()
    for (let twice = 0; twice < 2; twice++) expect(await wire.post('runs/delete', { run_id: id })).toEqual(OK)
    expect((await get(id)).info.lifecycle_stage).toBe('deleted')
    const told = invalid(`The run ${id} must be in the 'active' state. Current state is deleted.`)
    for (const [path, body] of [
      ['log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['set-tag', { key: 'k', value: 'v' }],
      ['update', { status: 'FAILED' }],
      ['delete-tag', { key: 'mlflow.runName' }],
      ['log-inputs', { models: [{ model_id: 'm-1' }] }],
    ] as const)
      expect(await wire.post(`runs/${path}`, { ...body, run_id: id })).toMatchObject(told)
    expect(await wire.post('runs/restore', { run_id: id })).toEqual(OK)
    expect(await wire.post('runs/set-tag', { run_id: id, key: 'k', value: 'v' })).toEqual(OK)
  })

  test('NaN and the infinities are kept as they are, by whatever name they come', async () => {
    const id = await start()
    const metrics = (['NaN', 'Infinity', '-Infinity'] as const).map((value, step) => ({
      key: 'named',
      value,
      timestamp: 1,
      step,
    }))
    await wire.post('runs/log-batch', { run_id: id, metrics })
    const bare = await fetch(`${wire.server.url}/api/2.0/mlflow/runs/log-batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"run_id": "${id}", "metrics": [{"key": "bare", "value": NaN, "timestamp": 1}, {"key": "low", "value": -Infinity, "timestamp": "12"}]}`,
    })
    expect(bare.status).toBe(200)
    const { data } = await get(id)
    expect(data.metrics).toEqual([
      { key: 'bare', value: 'NaN', timestamp: 1, step: 0 },
      { key: 'low', value: '-Infinity', timestamp: 12, step: 0 },
      { key: 'named', value: '-Infinity', timestamp: 1, step: 2 },
    ])
    const { body } = await wire.get('metrics/get-history', { run_id: id, metric_key: 'named' })
    expect(body.metrics).toEqual(metrics)
    for (const value of ['abc', true, null, {}, ''])
      expect(await wire.post('runs/log-metric', { run_id: id, key: 'm', value, timestamp: 1 })).toMatchObject({
        status: 400,
      })
    expect(await wire.post('runs/log-metric', { run_id: id, key: 'm', value: '0.5', timestamp: '3' })).toEqual(OK)
  })

  test('the latest value is the highest by step, then time, then value; the same value twice is one', async () => {
    const id = await start()
    const log = (value: number | string, timestamp: number, step: number) =>
      wire.post('runs/log-metric', { run_id: id, key: 'm', value, timestamp, step })
    const latest = async () => (await get(id)).data.metrics?.[0]
    await log(5, 10, 2)
    await log(9, 20, 1)
    expect(await latest()).toMatchObject({ value: 5, step: 2 })
    await log(4, 10, 2)
    expect(await latest()).toMatchObject({ value: 5 })
    await log(1, 11, 2)
    expect(await latest()).toMatchObject({ value: 1, timestamp: 11 })
    await log('NaN', 11, 2)
    await log(7, 11, 2)
    expect(await latest()).toMatchObject({ value: 'NaN' })
    await log(0, 0, -3)
    await log(5, 10, 2)
    const { body } = await wire.get('metrics/get-history', { run_id: id, metric_key: 'm' })
    expect((body.metrics as unknown as { value: unknown }[]).map(({ value }) => value)).toEqual([
      0,
      4,
      5,
      1,
      7,
      'NaN',
      9,
    ])
  })

  test('a param keeps its first value', async () => {
    const id = await start()
    const log = (value: string) => wire.post('runs/log-parameter', { run_id: id, key: 'p', value })
    expect([await log('1'), await log('1')]).toEqual([OK, OK])
    expect(await log('2')).toMatchObject(
      invalid(
        `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${id}'. Attempted logging new value '2'.`,
      ),
    )
    expect(
      await wire.post('runs/log-batch', {
        run_id: id,
        metrics: [{ key: 'left out', value: 1, timestamp: 1 }],
        params: [
          { key: 'p', value: '3' },
          { key: 'new', value: '1' },
        ],
      }),
    ).toMatchObject(
      invalid(
        `Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': '1', 'new_value': '3'}]' for run ID='${id}'.`,
      ),
    )
    const { data } = await get(id)
    expect(data.metrics).toBeUndefined()
    expect(data.params).toEqual([{ key: 'p', value: '1' }])
    expect(
      await wire.post('runs/log-batch', {
        run_id: id,
        params: [
          { key: 'q', value: '1' },
          { key: 'q', value: '1' },
        ],
      }),
    ).toMatchObject(
      invalid(
        "Duplicate parameter keys have been submitted: ['q']. Please ensure the request contains only one param value per param key.",
      ),
    )
  })

  test.for([
    [1001, 0, 0, '1000 metrics. Got 1001 metrics. Please split up metrics'],
    [0, 101, 0, '100 params. Got 101 params. Please split up params'],
    [0, 0, 101, '100 tags. Got 101 tags. Please split up tags'],
    [
      950,
      60,
      0,
      '1000 metrics, params, and tags. Got 1010 metrics, params, and tags. Please split up metrics, params, and tags',
    ],
  ] as const)('a batch of %i metrics, %i params and %i tags is too large', async ([metrics, params, tags, says]) => {
    const many = <T>(length: number, make: (key: string) => T) => Array.from({ length }, (_, at) => make(`k${at}`))
    expect(
      await wire.post('runs/log-batch', {
        run_id: await start(),
        metrics: many(metrics, (key) => ({ key, value: 1, timestamp: 1 })),
        params: many(params, (key) => ({ key, value: '1' })),
        tags: many(tags, (key) => ({ key, value: '1' })),
      }),
    ).toMatchObject(
      invalid(`A batch logging request can contain at most ${says} across multiple requests and try again.`),
    )
  })

  test('keys that could be mistaken for paths are refused, and long values are cut off', async () => {
    const id = await start()
    for (const key of ['a//b', './a', '/a', 'a/../b', '..', 'a/', 'emoji 🦆', 'tab\t', 'a'.repeat(251)]) {
      for (const [path, body] of [
        ['log-metric', { value: 1, timestamp: 1 }],
        ['log-parameter', { value: 'v' }],
        ['set-tag', { value: 'v' }],
      ] as const)
        expect(await wire.post(`runs/${path}`, { ...body, run_id: id, key })).toMatchObject({
          status: 400,
          body: { error_code: 'INVALID_PARAMETER_VALUE' },
        })
    }
    for (const key of ['größe', 'a/b.c-d e:f', '学習率', 'a'.repeat(250)])
      expect(await wire.post('runs/log-parameter', { run_id: id, key, value: 'v' })).toEqual(OK)
    await wire.post('runs/log-batch', {
      run_id: id,
      params: [{ key: 'long', value: '🦆'.repeat(6001) }],
      tags: [{ key: 'long', value: 'x'.repeat(8001) }],
    })
    const { data } = await get(id)
    expect(data.params?.find(({ key }) => key === 'long')?.value).toBe('🦆'.repeat(6000))
    expect(data.tags?.find(({ key }) => key === 'long')?.value).toBe('x'.repeat(8000))
    expect(await wire.post('runs/log-metric', { run_id: id, key: 'm', value: 1, timestamp: -1 })).toMatchObject({
      status: 400,
    })
  })

  test('tags are set, moved to the last value, and removed once', async () => {
    const id = await start()
    await wire.post('runs/log-batch', {
      run_id: id,
      tags: [
        { key: 't', value: 'first' },
        { key: 't', value: 'last' },
      ],
    })
    expect(await tagsOf(id)).toMatchObject({ t: 'last' })
    expect(await wire.post('runs/delete-tag', { run_id: id, key: 't' })).toEqual(OK)
    expect(await wire.post('runs/delete-tag', { run_id: id, key: 't' })).toMatchObject(
      absent(`No tag with name: t in run with id ${id}`),
    )
  })

  test('inputs and outputs are told with the run', async () => {
    const id = await start()
    const dataset = { name: 'd', digest: 'abc', source_type: 'local', source: '{}', schema: '{"a":1}' }
    const tags = [{ key: 'mlflow.data.context', value: 'training' }]
    for (let twice = 0; twice < 2; twice++)
      await wire.post('runs/log-inputs', { run_id: id, datasets: [{ tags, dataset }], models: [{ model_id: 'm-in' }] })
    await wire.post('runs/outputs', { run_id: id, models: [{ model_id: 'm-out', step: 3 }] })
    expect(await get(id)).toMatchObject({
      inputs: { dataset_inputs: [{ tags, dataset }], model_inputs: [{ model_id: 'm-in' }] },
      outputs: { model_outputs: [{ model_id: 'm-out', step: 3 }] },
    })
    expect(
      await wire.post('runs/log-inputs', {
        run_id: id,
        datasets: [{ dataset: { ...dataset, digest: 'x'.repeat(37) } }],
      }),
    ).toMatchObject(invalid("'digest' exceeds the maximum length of 36 characters"))
    expect(await wire.post('runs/log-inputs', { run_id: id, datasets: [{ dataset: { name: 'd' } }] })).toMatchObject(
      invalid(`Missing value for required parameter 'datasets[0].dataset.digest'. ${SEE}`),
    )
  })

  test('clients of 2.x note their models in a tag, one after the other', async () => {
    const id = await start()
    const model = { artifact_path: 'm', flavors: { f: { config: 'x', v: 1 } }, utc_time_created: 'now', run_id: id }
    await Promise.all(
      Array.from({ length: 4 }, (_, at) =>
        wire.post('runs/log-model', {
          run_id: id,
          model_json: JSON.stringify({ ...model, artifact_path: `m${at}`, signature: {} }),
        }),
      ),
    )
    const kept = JSON.parse((await tagsOf(id))['mlflow.log-model.history'] ?? '[]') as { artifact_path: string }[]
    expect(kept.map(({ artifact_path }) => artifact_path).toSorted()).toEqual(['m0', 'm1', 'm2', 'm3'])
    expect(kept[0]).toEqual({ ...model, artifact_path: kept[0]?.artifact_path, flavors: { f: { v: 1 } } })
    expect(await wire.post('runs/log-model', { run_id: id, model_json: '{' })).toMatchObject({ status: 400 })
    expect(await wire.post('runs/log-model', { run_id: id, model_json: '{"flavors":{}}' })).toMatchObject(
      invalid("Model json is missing mandatory fields: {'artifact_path', 'utc_time_created', 'run_id'}"),
    )
  })

  test('a history goes through pages by time, and is empty where there is none', async () => {
    const id = await start()
    const key = `m${randomUUID()}`
    const metrics = Array.from({ length: 250 }, (_, at) => ({
      key,
      value: at % 7,
      timestamp: 1000 - (at % 50),
      step: at,
    }))
    await wire.post('runs/log-batch', { run_id: id, metrics })
    const seen: { timestamp: number; step: number; value: number }[] = []
    let token: string | undefined
    do {
      const { body } = await wire.get('metrics/get-history', {
        run_id: id,
        metric_key: key,
        max_results: 60,
        ...(token === undefined ? {} : { page_token: token }),
      })
      seen.push(...(body.metrics as unknown as typeof seen))
      token = body.next_page_token as string | undefined
    } while (token !== undefined)
    expect(seen).toEqual(metrics.toSorted((one, other) => one.timestamp - other.timestamp || one.step - other.step))
    expect(await wire.get('metrics/get-history', { run_id: 'none', metric_key: key })).toEqual(OK)
    expect(await wire.get('metrics/get-history', { run_id: id, metric_key: 'none' })).toEqual(OK)
    const wrong = await wire.get('metrics/get-history', { run_id: id, metric_key: key, page_token: 'x' })
    expect(wrong).toMatchObject({ status: 400 })
    expect(wrong.body.message).toMatch(/^Invalid page token/)
  })

  test('histories of several runs are read together, and sampled by step', async () => {
    const runs = [await start(), await start()].toSorted()
    for (const [at, run_id] of runs.entries())
      await wire.post('runs/log-batch', {
        run_id,
        metrics: Array.from({ length: 100 }, (_, step) => ({ key: 'm', value: at, timestamp: step, step: step * 2 })),
      })
    const bulk = await wire.get('metrics/get-history-bulk', { run_id: runs, metric_key: 'm', max_results: 150 })
    const told = bulk.body.metrics as unknown as { run_id: string }[]
    expect(told.map(({ run_id }) => runs.indexOf(run_id))).toEqual([
      ...Array.from({ length: 100 }, () => 0),
      ...Array.from({ length: 50 }, () => 1),
    ])
    const asked = { run_ids: runs, metric_key: 'm', max_results: 10 }
    const sampled = (await wire.get('metrics/get-history-bulk-interval', asked)).body.metrics as unknown as {
      step: number
    }[]
    const expected = [...Array.from({ length: 10 }, (_, at) => at * 20), 198]
    expect(sampled.map(({ step }) => step)).toEqual(expected.flatMap((step) => [step, step]))
    const within = await wire.get('metrics/get-history-bulk-interval', { ...asked, start_step: 10, end_step: 14 })
    expect(within.body.metrics).toHaveLength(6)
    const wrongs: Record<string, number>[] = [{ start_step: 1 }, { start_step: 2, end_step: 1 }, { max_results: 2501 }]
    for (const wrong of wrongs)
      expect(await wire.get('metrics/get-history-bulk-interval', { ...asked, ...wrong })).toMatchObject({ status: 400 })
    expect(await wire.get('metrics/get-history-bulk', { metric_key: 'm' })).toMatchObject({ status: 400 })
  })

  test('searches are paged without repeating or skipping while runs are written', async () => {
    const stage = randomUUID()
    const begin = (start_time: number) => create({ start_time, tags: [{ key: 'stage', value: stage }] })
    for (let at = 0; at < 7; at++) await begin(at)
    const seen: unknown[] = []
    let token: string | undefined
    do {
      const { body } = await wire.post('runs/search', {
        experiment_ids: ['0'],
        filter: `tags.stage = '${stage}'`,
        max_results: 2,
        ...(token === undefined ? {} : { page_token: token }),
      })
      seen.push(...(body.runs as unknown as WiredRun[]).map(({ info }) => info.start_time))
      token = body.next_page_token as string | undefined
      await begin(100 + seen.length)
    } while (token !== undefined)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0])
    expect(await wire.post('runs/search', {})).toEqual(OK)
    for (const wrong of [{ max_results: 0 }, { max_results: 50_001 }, { experiment_ids: ['abc'] }, { page_token: 'x' }])
      expect(await wire.post('runs/search', { experiment_ids: ['0'], ...wrong })).toMatchObject({ status: 400 })
  })
})
