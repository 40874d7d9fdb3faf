import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { absent, invalid, SEE } from '../../mlflow/answers.fixture.ts'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'

interface Wired {
  experiment_id: string
  name: string
  artifact_location: string
  lifecycle_stage: string
  tags?: { key: string; value: string }[]
}

const fresh = () => `experiment ${randomUUID()}`

describeOverWire('experiments on MLflow’s wire', (wire) => {
  const create = async (name = fresh(), more: object = {}) => {
    const { body } = await wire.post('experiments/create', { name, ...more })
    return body.experiment_id as string
  }
  const get = async (id: string) =>
    (await wire.get('experiments/get', { experiment_id: id })).body.experiment as unknown as Wired
  const run = async (experiment: string) => {
    const { body } = await wire.post('runs/create', { experiment_id: experiment })
    return (body.run as { info: { run_id: string } }).info.run_id
  }
  const stageOf = async (id: string) => {
    const { body } = await wire.get('runs/get', { run_id: id })
    return (body.run as { info: { lifecycle_stage: string } }).info.lifecycle_stage
  }

  test('experiment 0 is there before anybody made one, whatever asks first', async () => {
    expect(await get('0')).toMatchObject({ name: 'Default', artifact_location: 'mlflow-artifacts:/0' })
    const { body } = await wire.get('experiments/get-by-name', { experiment_name: 'Default' })
    expect(body.experiment).toMatchObject({ experiment_id: '0' })
  })

  test('an experiment is made with its tags, and found by id and by name', async () => {
    const name = `${fresh()} · 実験 "quoted" \\ `
    const id = await create(name, { tags: [{ key: 'größe', value: '🦆' }, { key: 'none' }] })
    const told = await get(id)
    expect(told).toMatchObject({ name, lifecycle_stage: 'active', artifact_location: `mlflow-artifacts:/${id}` })
    expect(told.tags).toEqual([
      { key: 'größe', value: '🦆' },
      { key: 'none', value: '' },
    ])
    expect(told).toMatchObject({ creation_time: expect.any(Number), last_update_time: expect.any(Number) })
    expect((await wire.get('experiments/get-by-name', { experiment_name: name })).body.experiment).toEqual(told)
  })

  test('numbers are given once, however many ask at a time, and not again after a purge', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => create()))
    expect(new Set(ids).size).toBe(8)
    const last = String(Math.max(...ids.map(Number)))
    const gone = await fetch(`${wire.server.url}/api/v1/projects/default/experiments/${last}?purge=true`, {
      method: 'DELETE',
    })
    expect(gone.status).toBe(204)
    expect(Number(await create())).toBeGreaterThan(Number(last))
  })

  test('a name is taken once, by deleted experiments as well', async () => {
    const name = fresh()
    const id = await create(name)
    const taken = { status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } }
    const message = `Experiment(name=${name}) already exists.`
    const first = await wire.post('experiments/create', { name })
    expect(first).toMatchObject(taken)
    expect(first.body.message).toBe(message)
    await wire.post('experiments/delete', { experiment_id: id })
    const second = await wire.post('experiments/create', { name })
    expect(second).toMatchObject(taken)
    expect(second.body.message).toContain(message)
    expect(await wire.post('experiments/update', { experiment_id: await create(), new_name: name })).toMatchObject(
      taken,
    )
  })

  test('what is missing, of another kind or not there is told in the words of the reference', async () => {
    expect(await wire.post('experiments/create', {})).toMatchObject(
      invalid(`Missing value for required parameter 'name'. ${SEE}`),
    )
    expect(await wire.post('experiments/create', { name: 5 })).toMatchObject(
      invalid(`Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'. ${SEE}`),
    )
    expect(await wire.post('experiments/create', { name: ' ' })).toMatchObject(invalid("Invalid experiment name: ' '"))
    expect(await wire.post('experiments/create', { name: 'x'.repeat(501) })).toMatchObject(
      invalid("'name' exceeds the maximum length of 500 characters"),
    )
    const ids: [string, object][] = [
      ['99999', absent('No Experiment with id=99999 exists')],
      ['9'.repeat(30), absent(`No Experiment with id=${'9'.repeat(30)} exists`)],
      ['abc', invalid("Invalid experiment ID 'abc'. Experiment ID must be a valid integer.")],
      ['-1', invalid("Invalid experiment ID '-1'. Experiment ID must be a valid integer.")],
    ]
    for (const [id, told] of ids) {
      expect(await wire.get('experiments/get', { experiment_id: id })).toMatchObject(told)
      for (const path of ['delete', 'restore', 'update', 'set-experiment-tag', 'delete-experiment-tag'])
        expect(
          await wire.post(`experiments/${path}`, { experiment_id: id, new_name: 'x', key: 'k', value: 'v' }),
        ).toMatchObject(told)
    }
    expect(await wire.get('experiments/get-by-name', { experiment_name: 'none' })).toMatchObject(
      absent("Could not find experiment with name 'none'"),
    )
  })

  test.for([
    'http:///#/../../etc',
    'mlflow-artifacts:/a/../b',
    'mlflow-artifacts:/a/%252e%252e/b',
    's3://bucket/a;b',
    's3://bucket/a?x=..',
    'runs:/abc/model',
    'file:///a\\..\\b',
    `s3://${'a'.repeat(2048)}`,
  ])('files are not kept at %j', async (artifact_location) => {
    const answer = await wire.post('experiments/create', { name: fresh(), artifact_location })
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } })
    expect(answer.body.message).toMatch(/^Invalid artifact location/)
  })

  test('files are kept where the experiment says, below a folder for each run', async () => {
    const id = await create(fresh(), { artifact_location: 's3://bucket/here/' })
    const { body } = await wire.post('runs/create', { experiment_id: id })
    const { info } = body.run as { info: { run_id: string; artifact_uri: string } }
    expect(info.artifact_uri).toBe(`s3://bucket/here/${info.run_id}/artifacts`)
  })

  test('deleting deletes the runs, restoring restores all of them, and both once', async () => {
    const id = await create()
    const runs = [await run(id), await run(id)]
    await wire.post('runs/delete', { run_id: runs[0] })
    expect((await wire.post('experiments/delete', { experiment_id: id })).status).toBe(200)
    expect(await Promise.all(runs.map(stageOf))).toEqual(['deleted', 'deleted'])
    expect(await get(id)).toMatchObject({ lifecycle_stage: 'deleted' })
    expect(await wire.post('experiments/delete', { experiment_id: id })).toMatchObject(
      absent(`No Experiment with id=${id} exists`),
    )
    const inactive = invalid(`The experiment ${id} must be in the 'active' state. Current state is deleted.`)
    expect(await wire.post('runs/create', { experiment_id: id })).toMatchObject(inactive)
    expect(await wire.post('runs/restore', { run_id: runs[0] })).toMatchObject(inactive)
    expect(
      await wire.post('experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' }),
    ).toMatchObject(inactive)
    expect(await wire.post('experiments/update', { experiment_id: id, new_name: 'x' })).toMatchObject(
      invalid('Cannot rename a non-active experiment.'),
    )
    expect((await wire.post('experiments/restore', { experiment_id: id })).status).toBe(200)
    expect(await Promise.all(runs.map(stageOf))).toEqual(['active', 'active'])
    expect(await wire.post('experiments/restore', { experiment_id: id })).toMatchObject(
      absent(`No Experiment with id=${id} exists`),
    )
  })

  test('an experiment is renamed, and its tags are set, cut off and removed', async () => {
    const id = await create()
    const name = fresh()
    await wire.post('experiments/update', { experiment_id: id, new_name: name })
    for (const value of ['one', 'x'.repeat(6000)])
      await wire.post('experiments/set-experiment-tag', { experiment_id: id, key: 'k', value })
    expect(await get(id)).toMatchObject({ name, tags: [{ key: 'k', value: 'x'.repeat(5000) }] })
    expect((await wire.post('experiments/delete-experiment-tag', { experiment_id: id, key: 'k' })).status).toBe(200)
    expect((await get(id)).tags).toBeUndefined()
    expect(await wire.post('experiments/delete-experiment-tag', { experiment_id: id, key: 'k' })).toMatchObject(
      absent(`No tag with name: k in experiment with id ${id}`),
    )
  })

  test('a purge leaves nothing of an experiment but its name for others', async () => {
    const name = fresh()
    const id = await create(name)
    const runId = await run(id)
    await wire.post('runs/log-batch', {
      run_id: runId,
      metrics: [{ key: 'm', value: 1, timestamp: 1 }],
      params: [{ key: 'p', value: '1' }],
    })
    await wire.put(`${id}/${runId}/artifacts/a.txt`, 'bytes')
    const purge = (of: string) =>
      fetch(`${wire.server.url}/api/v1/projects/default/experiments/${of}?purge=true`, { method: 'DELETE' })
    expect((await purge(id)).status).toBe(204)
    expect((await wire.get('experiments/get', { experiment_id: id })).status).toBe(404)
    expect((await wire.get('runs/get', { run_id: runId })).status).toBe(404)
    expect((await wire.read(`${id}/${runId}/artifacts/a.txt`)).status).toBe(404)
    expect(Number(await create(name))).toBeGreaterThan(Number(id))
    expect((await purge('0')).status).toBe(400)
  })

  test('searches go through pages that neither repeat nor skip while others write', async () => {
    const prefix = randomUUID()
    for (let count = 0; count < 7; count++) await create(`${prefix} ${count}`)
    const seen: string[] = []
    let token: string | undefined
    do {
      const { body } = await wire.post('experiments/search', {
        max_results: 2,
        filter: `name LIKE '${prefix}%'`,
        ...(token === undefined ? {} : { page_token: token }),
      })
      seen.push(...((body.experiments as unknown as Wired[]) ?? []).map(({ name }) => name))
      token = body.next_page_token as string | undefined
      await create(`${prefix} later ${seen.length}`)
    } while (token !== undefined)
    expect(seen).toEqual(Array.from({ length: 7 }, (_, at) => `${prefix} ${6 - at}`))
  })

  test('searches say what they cannot take, and leave empty lists out', async () => {
    expect(await wire.post('experiments/search', { max_results: 5, filter: "name = 'nobody has this'" })).toEqual({
      status: 200,
      body: {},
    })
    for (const wrong of [{}, { max_results: 0 }, { max_results: 50_001 }, { max_results: 5, filter: 'name @ 3' }])
      expect(await wire.post('experiments/search', wrong)).toMatchObject({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE' },
      })
    const id = await create()
    await wire.post('experiments/delete', { experiment_id: id })
    const found = await wire.get('experiments/search', { max_results: 1000, view_type: 'DELETED_ONLY' })
    expect((found.body.experiments as unknown as Wired[]).map(({ experiment_id }) => experiment_id)).toContain(id)
  })

  test('datasets are found by their experiments', async () => {
    const id = await create()
    const dataset = { name: 'd', digest: 'abc', source_type: 'local', source: '{}' }
    for (const value of ['train', 'train', 'eval'])
      await wire.post('runs/log-inputs', {
        run_id: await run(id),
        datasets: [{ tags: [{ key: 'mlflow.data.context', value }], dataset }],
      })
    expect(await wire.post('experiments/search-datasets', { experiment_ids: [id] })).toEqual({
      status: 200,
      body: {
        dataset_summaries: ['eval', 'train'].map((context) => ({
          experiment_id: id,
          name: 'd',
          digest: 'abc',
          context,
        })),
      },
    })
    expect(await wire.post('experiments/search-datasets', {})).toMatchObject(
      invalid('SearchDatasets request must specify at least one experiment_id.'),
    )
    expect(
      await wire.post('experiments/search-datasets', { experiment_ids: Array.from({ length: 21 }, () => '0') }),
    ).toMatchObject(
      invalid('SearchDatasets request cannot specify more than 20 experiment_ids. Received 21 experiment_ids.'),
    )
  })

  test('projects have experiments of their own, with numbers of their own', async () => {
    const project = `p${randomUUID().slice(0, 8)}`
    await fetch(`${wire.server.url}/api/v1/projects`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: project }),
    })
    const made = await wire.post(`/p/${project}/api/2.0/mlflow/experiments/create`, { name: 'first' })
    expect(made.body).toEqual({ experiment_id: '1' })
    const { body } = await wire.get(`/p/${project}/api/2.0/preview/mlflow/experiments/get`, { experiment_id: '0' })
    expect(body.experiment).toMatchObject({ name: 'Default' })
    expect(await wire.get(`/p/${project}/ajax-api/2.0/mlflow/runs/get`, { run_id: await run('0') })).toMatchObject({
      status: 404,
    })
  })

  test('clients of 1.x are told all experiments at once, the deleted ones if they ask', async () => {
    const [kept, gone] = [await create(), await create()]
    await wire.post('experiments/delete', { experiment_id: gone })
    const idsOf = async (query: Record<string, string>) => {
      const { body } = await wire.get('/api/2.0/preview/mlflow/experiments/list', query)
      return (body.experiments as Wired[]).map(({ experiment_id }) => experiment_id)
    }
    expect(await idsOf({})).toEqual(expect.arrayContaining([kept, '0']))
    expect(await idsOf({})).not.toContain(gone)
    expect(await idsOf({ view_type: 'DELETED_ONLY' })).toContain(gone)
  })
})
