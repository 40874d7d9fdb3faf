import { expect, test } from 'vitest'
import { invalid, OK } from '../../mlflow/answers.fixture.ts'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { runsOver } from './wired-runs.fixture.ts'

describeOverWire('logging on MLflow’s wire', (wire) => {
  const { get, start } = runsOver(wire)

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
})
