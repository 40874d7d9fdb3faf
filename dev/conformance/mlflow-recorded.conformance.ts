import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'

/** What the client for R sends, written down from its sources: every value is a text, numbers as R prints them, what is
 *  not given is left out, and a run is named twice. It reads answers as lists of scalars. */
const GENERATIONS = [
  { generation: '2.x', prefix: '/api/2.0/mlflow', agent: 'mlflow-r-client/2.22.0' },
  { generation: '1.x', prefix: '/api/2.0/preview/mlflow', agent: 'mlflow-r-client/1.30.0' },
] as const

interface Run {
  info: Record<string, string | number>
  data: Record<'metrics' | 'params' | 'tags', { key: string; value: string | number; step?: number }[] | undefined>
}

describe.each(GENERATIONS)("the requests of MLflow's client for R, $generation", ({ generation, prefix, agent }) => {
  let platform: Platform
  let experiment: string
  let run: string
  const headers = { 'User-Agent': agent, Accept: 'application/json, text/xml, application/xml, */*' }

  async function ask<T = Record<string, unknown>>(method: string, path: string, body: string): Promise<T> {
    const answer = await fetch(`${platform.url}${prefix}/${path}`, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body,
    })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const post = <T>(path: string, body: string) => ask<T>('POST', path, body)
  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(`${platform.url}${prefix}/${path}`, { headers })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const read = async () => (await get<{ run: Run }>(`runs/get?run_uuid=${run}&run_id=${run}`)).run

  beforeAll(async () => {
    platform = await startPlatform({ runners: 0 })
    const made = await post<{ experiment_id: string }>('experiments/create', '{"name":"iris"}')
    experiment = made.experiment_id
    const started = await post<{ run: Run }>(
      'runs/create',
      `{"experiment_id":"${experiment}","user_id":"anna","start_time":"1700000000123","tags":[{"key":"mlflow.user","value":"anna"},{"key":"mlflow.source.name","value":"<console>"},{"key":"mlflow.source.type","value":"4"}]}`,
    )
    run = String(started.run.info.run_uuid)
  })
  afterAll(() => platform?.stop())

  test('find the experiment by its name', async () => {
    const found =
      generation === '1.x'
        ? await get<{ experiments: object[] }>('experiments/list?view_type=ACTIVE_ONLY')
        : await post<{ experiments: object[] }>(
            'experiments/search',
            '{"view_type":"ACTIVE_ONLY","max_results":"1000","order_by":[]}',
          )
    const named = { name: 'iris', experiment_id: experiment, lifecycle_stage: 'active' }
    expect(found.experiments).toContainEqual(expect.objectContaining(named))
    const one =
      generation === '1.x'
        ? `experiments/get?experiment_id=${experiment}`
        : 'experiments/get-by-name?experiment_name=iris'
    expect(await get(one)).toMatchObject({ experiment: named })
  })

  test('are told which experiment is missing by a word that the client looks for', async () => {
    const missing = get('experiments/get-by-name?experiment_name=nobody')
    await expect(missing).rejects.toThrow('RESOURCE_DOES_NOT_EXIST')
  })

  test('log one by one, and read what R can make a table of', async () => {
    const named = `"run_uuid":"${run}","run_id":"${run}"`
    await post('runs/log-parameter', `{${named},"key":"lr","value":"0.1"}`)
    await post('runs/set-tag', `{${named},"key":"stage","value":"draft"}`)
    await post('runs/log-metric', `{${named},"key":"loss","value":"0.5","timestamp":"1700000000456","step":"0"}`)
    // R prints such numbers with exponents.
    await post('runs/log-metric', `{${named},"key":"loss","value":"2.5e-05","timestamp":"1.7e+12","step":"1e+05"}`)
    await post('runs/log-metric', `{${named},"key":"nan","value":"NaN","timestamp":"1700000000456","step":"0"}`)
    await post('runs/log-metric', `{${named},"key":"low","value":"-Infinity","timestamp":"1700000000456","step":"0"}`)
    const { info, data } = await read()
    for (const value of Object.values(info)) expect(['string', 'number']).toContain(typeof value)
    expect(info).toMatchObject({ run_id: run, run_uuid: run, experiment_id: experiment, start_time: 1_700_000_000_123 })
    expect(data.params).toEqual([{ key: 'lr', value: '0.1' }])
    expect(data.tags).toContainEqual({ key: 'stage', value: 'draft' })
    expect(Object.fromEntries(data.metrics!.map(({ key, value }) => [key, value]))).toEqual({
      loss: 2.5e-5,
      nan: 'NaN',
      low: '-Infinity',
    })
    expect(await get(`metrics/get-history?run_uuid=${run}&run_id=${run}&metric_key=loss`)).toEqual({
      metrics: [
        { key: 'loss', value: 2.5e-5, timestamp: 1_700_000_000_000, step: 100_000 },
        { key: 'loss', value: 0.5, timestamp: 1_700_000_000_456, step: 0 },
      ],
    })
  })

  test('log the rows of tables', async () => {
    await post(
      'runs/log-batch',
      `{"run_id":"${run}","metrics":[{"key":"auc","value":"0.9","step":"1","timestamp":"1700000000789"},{"key":"auc","value":"NaN","step":"2","timestamp":"1700000000790"}],"params":[{"key":"depth","value":"3"}],"tags":[{"key":"team","value":"weather"}]}`,
    )
    await post('runs/log-batch', `{"run_id":"${run}","metrics":[]}`)
    const { data } = await read()
    expect(data.params).toContainEqual({ key: 'depth', value: '3' })
    expect(data.metrics).toContainEqual(expect.objectContaining({ key: 'auc', value: 'NaN', step: 2 }))
    await post('runs/delete-tag', `{"run_id":"${run}","key":"team"}`)
    expect((await read()).data.tags).not.toContainEqual(expect.objectContaining({ key: 'team' }))
  })

  test('find runs, and list them without a filter', async () => {
    const searched = `{"experiment_ids":["${experiment}"],"filter":"params.lr = '0.1'","run_view_type":"ACTIVE_ONLY","order_by":["metrics.loss DESC"]}`
    expect(await post('runs/search', searched)).toMatchObject({ runs: [{ info: { run_uuid: run } }] })
    const listed = `{"experiment_ids":["${experiment}"],"run_view_type":"ALL"}`
    expect(await post('runs/search', listed)).toMatchObject({ runs: [{ info: { run_uuid: run } }] })
  })

  test('end, delete and restore the run', async () => {
    const ended = `{"run_uuid":"${run}","run_id":"${run}","status":"FINISHED","end_time":"1700000001000"}`
    expect(await post('runs/update', ended)).toMatchObject({ run_info: { run_uuid: run, status: 'FINISHED' } })
    await post('runs/delete', `{"run_id":"${run}"}`)
    expect((await read()).info).toMatchObject({ lifecycle_stage: 'deleted', end_time: 1_700_000_001_000 })
    await post('runs/restore', `{"run_id":"${run}"}`)
    expect((await read()).info.lifecycle_stage).toBe('active')
  })

  test('list files, with the root that is shown to the user', async () => {
    const uri = String((await read()).info.artifact_uri).replace('mlflow-artifacts:/', '')
    const put = `${platform.url}/api/2.0/mlflow-artifacts/artifacts/${uri}/notes/a.txt`
    await fetch(put, { method: 'PUT', body: 'hello' })
    expect(await get(`artifacts/list?run_uuid=${run}&run_id=${run}`)).toEqual({
      root_uri: `mlflow-artifacts:/${uri}`,
      files: [{ path: 'notes', is_dir: true }],
    })
    expect(await get(`artifacts/list?run_uuid=${run}&run_id=${run}&path=notes`)).toMatchObject({
      files: [{ path: 'notes/a.txt', is_dir: false, file_size: 5 }],
    })
  })

  test('record a logged model', async () => {
    const created = '2026-11-21 13:00:00.123456'
    const flavors = { crate: { version: '0.2.0', model: 'crate.bin' } }
    const model = JSON.stringify({ artifact_path: 'model', run_id: run, utc_time_created: created, flavors })
    await post('runs/log-model', JSON.stringify({ run_id: run, model_json: model }))
    expect((await read()).data.tags!.find(({ key }) => key === 'mlflow.log-model.history')?.value).toContain('crate')
  })

  test('register, find, stage and delete a model', async () => {
    await post(
      'registered-models/create',
      '{"name":"trees","tags":[{"key":"team","value":"weather"}],"description":"first"}',
    )
    const source = String((await read()).info.artifact_uri)
    const body = `{"name":"trees","source":"${source}/model","run_id":"${run}"}`
    expect(await post('model-versions/create', body)).toMatchObject({ model_version: { version: '1', run_id: run } })
    await post('model-versions/create', body)
    await post(
      'model-versions/transition-stage',
      '{"name":"trees","version":"1","stage":"Production","archive_existing_versions":"FALSE"}',
    )
    const latest = { model_versions: [{ version: '1', current_stage: 'Production' }] }
    expect(await get('registered-models/get-latest-versions?name=trees&stages=Production')).toMatchObject(latest)
    expect(await get('model-versions/get?name=trees&version=1')).toMatchObject({ model_version: { version: '1' } })
    const searched = '{"filter":"name = \'trees\'","max_results":"100","order_by":[]}'
    const found =
      generation === '1.x' ? get('registered-models/list?max_results=100') : post('registered-models/search', searched)
    expect(await found).toMatchObject({ registered_models: [{ name: 'trees', description: 'first' }] })
    await ask('PATCH', 'model-versions/update', '{"name":"trees","version":"2","description":"second"}')
    await ask('DELETE', 'model-versions/delete', '{"name":"trees","version":"2"}')
    await post('registered-models/rename', '{"name":"trees","new_name":"woods"}')
    await ask('DELETE', 'registered-models/delete', '{"name":"woods"}')
  })
})
