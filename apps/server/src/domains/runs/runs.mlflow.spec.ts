import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { absent, invalid, OK, SEE } from '../../mlflow/answers.fixture.ts'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { runsOver } from './wired-runs.fixture.ts'
import type { WiredRun } from './wired-runs.fixture.ts'

describeOverWire('runs on MLflow’s wire', (wire) => {
  const { create, get, start, tagsOf } = runsOver(wire)

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
