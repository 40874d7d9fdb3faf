import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  getLoggedModel,
  getModel,
  getRun,
  listLoggedModelFiles,
  listWebhooks,
  LoggedModelId,
  metricHistory,
  ModelName,
  ProjectName,
} from '@stead/contracts'
import type { RunId } from '@stead/contracts'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../server/src/scratch-server.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'

/** What speaks MLflow's protocol is here the platform itself; real servers are imported from in the conformance suite. */
let source: ScratchServer
let target: ScratchServer
let folder = ''
let first = ''
let gone = ''
beforeAll(async () => {
  source = await startScratchServer()
  target = await startScratchServer()
  folder = await mkdtemp(join(tmpdir(), 'stead-import-'))
  await fill()
}, 240_000)
afterAll(async () => {
  await source?.close()
  await target?.close()
  await rm(folder, { recursive: true, force: true })
})

/** What a test reads of an answer is said where it reads it. */
type Answer = Readonly<Record<string, unknown>>

async function wire(method: string, path: string, body?: object): Promise<Answer> {
  return wireOf(source, method, path, body)
}

async function wireOf(
  server: ScratchServer,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}${path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(response.ok, `${path}: ${response.status}`).toBe(true)
  return (await response.json()) as Answer
}
const newRun = async (experiment: string, name: string): Promise<string> => {
  const made = await wire('POST', 'runs/create', {
    experiment_id: experiment,
    run_name: name,
    start_time: 1_600_000_000_000,
    user_id: 'ada',
  })
  return (made.run as { info: { run_id: string } }).info.run_id
}

async function fill(): Promise<void> {
  const { experiment_id: experiment } = await wire('POST', 'experiments/create', {
    name: 'demand',
    tags: [{ key: 'team', value: 'solar' }],
  })
  first = await newRun(experiment as string, 'first')
  const metrics = Array.from({ length: 900 }, (_, step) => ({
    key: 'loss',
    value: step / 7,
    timestamp: 1_600_000_000_000 + step,
    step,
  }))
  await wire('POST', 'runs/log-batch', {
    run_id: first,
    metrics: [...metrics.slice(1), { key: 'odd', value: 'NaN', timestamp: 1, step: -3 }],
    params: [{ key: 'rate', value: '0.1' }],
    tags: [{ key: 'näme', value: 'ü' }],
  })
  await wire('POST', 'runs/log-inputs', {
    run_id: first,
    datasets: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: { name: 'train', digest: 'abc', source_type: 'local', source: '{}' },
      },
    ],
  })
  await wire('POST', 'runs/update', { run_id: first, status: 'FINISHED', end_time: 1_600_000_100_000 })
  for (const path of ['model/weights.bin', 'notes ü.txt'])
    await fetch(`${source.url}/api/2.0/mlflow-artifacts/artifacts/${experiment as string}/${first}/artifacts/${path}`, {
      method: 'PUT',
      body: `bytes of ${path}`,
    })
  await fillBeside(experiment as string)
  gone = await newRun('0', 'gone')
  await wire('POST', 'runs/delete', { run_id: gone })
  const { experiment_id: old } = await wire('POST', 'experiments/create', { name: 'old' })
  await newRun(old as string, 'within')
  await wire('POST', 'experiments/delete', { experiment_id: old })
  await wire('POST', 'registered-models/create', {
    name: 'weather',
    description: 'of tomorrow',
    tags: [{ key: 'a', value: 'b' }],
  })
  for (let times = 0; times < 3; times++)
    await wire('POST', 'model-versions/create', { name: 'weather', source: `runs:/${first}/model`, run_id: first })
  await wire('DELETE', 'model-versions/delete', { name: 'weather', version: '2' })
  await wire('POST', 'registered-models/alias', { name: 'weather', alias: 'champion', version: '3' })
}

const TRACE = 'ab'.repeat(16)
const ENDED = '1600000000123456789'
let loggedModel = ''

/** What clients of MLflow 3 keep beside runs. */
async function fillBeside(experiment: string): Promise<void> {
  const made = await wire('POST', 'logged-models', {
    experiment_id: experiment,
    name: 'net',
    source_run_id: first,
    params: [{ key: 'depth', value: '3' }],
    tags: [{ key: 'a', value: 'b' }],
  })
  const { model_id: id, artifact_uri: uri } = (made.model as { info: { model_id: string; artifact_uri: string } }).info
  loggedModel = id
  await wire('POST', 'runs/outputs', { run_id: first, models: [{ model_id: id, step: 2 }] })
  const metric = { key: 'auc', value: 0.9, timestamp: 5, step: 1, model_id: id, dataset_name: 'd', dataset_digest: '1' }
  await wire('POST', 'runs/log-batch', { run_id: first, metrics: [metric] })
  await wire('PATCH', `logged-models/${id}`, { status: 'LOGGED_MODEL_READY' })
  const folder = uri.replace('mlflow-artifacts:/', '')
  await fetch(`${source.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/deep/net.bin`, { method: 'PUT', body: 'net' })
  const feedback = {
    assessment_name: 'good',
    source: { source_type: 'HUMAN', source_id: 'ada' },
    feedback: { value: 1 },
  }
  const trace_info = {
    trace_id: `tr-${TRACE}`,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } },
    request_time: '2020-09-13T12:26:40Z',
    state: 'OK',
    tags: { team: 'solar' },
    trace_metadata: { 'mlflow.sourceRun': first },
    assessments: [feedback],
  }
  await wire('POST', '/api/3.0/mlflow/traces', { trace: { trace_info } })
  const span = {
    traceId: TRACE,
    spanId: 'cd'.repeat(8),
    name: 'outer',
    startTimeUnixNano: '1600000000000000001',
    endTimeUnixNano: ENDED,
    attributes: [{ key: 'big', value: { intValue: '9007199254740993' } }],
    status: { code: 1 },
  }
  const spans = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
  await wireOf(source, 'POST', '/v1/traces', spans, { 'x-mlflow-experiment-id': experiment })
  const { dataset } = await wire('POST', '/api/3.0/mlflow/datasets/create', {
    name: 'questions',
    experiment_ids: [experiment],
    tags: '{"t":"1"}',
  })
  const records = JSON.stringify([{ inputs: { q: 'a' }, expectations: { r: 'b' } }, { inputs: { q: 'c' } }])
  const set = (dataset as { dataset_id: string }).dataset_id
  await wire('POST', `/api/3.0/mlflow/datasets/${set}/records`, { records })
  await wire('POST', 'webhooks', {
    name: 'hook',
    url: 'https://127.0.0.1:9/hook',
    events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
    secret: 'never told',
  })
}

const run = (...args: string[]) => stead(args, { env: { STEAD_URL: target.url } })
const journal = () => join(folder, 'state.jsonl')
const take = () => run('import', 'mlflow', source.url, '--state', journal(), '--json')
const project = ProjectName.parse('default')

test('everything of an MLflow server comes over, with ids, names and times', async () => {
  const { code, stdout, stderr } = await take()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    taken: {
      experiment: 3,
      run: 3,
      metric: 901,
      file: 3,
      'logged model': 1,
      trace: 1,
      'evaluation set': 1,
      model: 1,
      version: 2,
      alias: 1,
      webhook: 1,
    },
    left: [{ what: 'webhook', name: 'hook', because: expect.stringContaining('without its secret') as string }],
  })
  const kept = await target.client.call(getRun, { params: { project, run: first as RunId } })
  const was = await source.client.call(getRun, { params: { project, run: first as RunId } })
  const { experiment: _, artifactUri: __, ...same } = was
  expect(kept).toMatchObject(same)
  expect(kept).toMatchObject({
    startedAt: 1_600_000_000_000,
    endedAt: 1_600_000_100_000,
    user: 'ada',
    status: 'FINISHED',
  })
  const body = { runs: [first as RunId], metrics: ['loss', 'odd'], points: 10_000 }
  const history = (server: ScratchServer) => server.client.call(metricHistory, { params: { project }, body })
  expect(await history(target)).toEqual(await history(source))
  expect(await target.client.call(getRun, { params: { project, run: gone as RunId } })).toMatchObject({
    lifecycle: 'deleted',
  })
  const model = await target.client.call(getModel, { params: { project, model: ModelName.parse('weather') } })
  expect(model).toMatchObject({ description: 'of tomorrow', latestVersion: 3, versions: 2, aliases: { champion: 3 } })
  expect((await run('experiments', '--deleted')).stdout).toMatch(/^\d+ +old /m)
  const to = join(folder, 'files')
  await run('runs', 'download', first, '--to', to)
  expect(await readFile(join(to, 'notes ü.txt'), 'utf8')).toBe('bytes of notes ü.txt')
})

test('what belongs to MLflow 3 comes over as it was: logged models, traces to the nanosecond, sets for evaluations', async () => {
  const params = { project, model: LoggedModelId.parse(loggedModel) }
  const was = await source.client.call(getLoggedModel, { params })
  const kept = await target.client.call(getLoggedModel, { params })
  expect(kept).toEqual({ ...was, experiment: kept.experiment, artifactUri: kept.artifactUri })
  expect(kept).toMatchObject({ status: 'READY', run: first, metrics: [{ key: 'auc', dataset: { name: 'd' } }] })
  const files = { params: { project, loggedModel: params.model }, query: { path: 'deep' } }
  expect((await target.client.call(listLoggedModelFiles, files)).files).toMatchObject([
    { path: 'deep/net.bin', size: 3 },
  ])
  const whole = await wireOf(target, 'GET', `/api/3.0/mlflow/traces/get?trace_id=tr-${TRACE}`)
  expect(whole.trace).toMatchObject({
    trace_info: {
      request_time: '2020-09-13T12:26:40.000Z',
      tags: { team: 'solar' },
      trace_metadata: { 'mlflow.sourceRun': first },
      assessments: [{ assessment_name: 'good', feedback: { value: 1 } }],
    },
    spans: [{ name: 'outer', end_time_unix_nano: ENDED, attributes: [{ value: { int_value: '9007199254740993' } }] }],
  })
  const { datasets } = await wireOf(target, 'POST', '/api/3.0/mlflow/datasets/search', {})
  expect(datasets).toMatchObject([{ name: 'questions', profile: '{"num_records":2}' }])
  const { webhooks } = await target.client.call(listWebhooks, { params: { project } })
  expect(webhooks).toMatchObject([{ name: 'hook', status: 'DISABLED', hasSecret: false }])
})

test('a second time takes only what is new', async () => {
  const { experiment_id: experiment } = await wire('GET', 'experiments/get-by-name?experiment_name=demand').then(
    ({ experiment: told }) => told as { experiment_id: string },
  )
  await newRun(experiment, 'second')
  const { stdout } = await take()
  expect(JSON.parse(stdout)).toMatchObject({
    taken: { experiment: 0, run: 1, version: 0 },
    known: { run: 3, 'logged model': 1, trace: 1, 'evaluation set': 1, version: 2, webhook: 1 },
    left: [],
  })
})

test('an import that was broken off goes on, and one that lost its journal changes nothing', async () => {
  await rm(journal())
  const { stdout } = await take()
  expect(JSON.parse(stdout)).toMatchObject({ taken: { run: 4, version: 0 }, known: { version: 2 } })
  const body = { runs: [first as RunId], metrics: ['loss'], points: 10_000 }
  const { series } = await target.client.call(metricHistory, { params: { project }, body })
  expect(series[0]?.total).toBe(899)
  const { trace } = await wireOf(target, 'GET', `/api/3.0/mlflow/traces/tr-${TRACE}`)
  expect((trace as { trace_info: { assessments: object[] } }).trace_info.assessments).toHaveLength(1)
  const { datasets } = await wireOf(target, 'POST', '/api/3.0/mlflow/datasets/search', {})
  expect(datasets).toMatchObject([{ profile: '{"num_records":2}' }])
  expect((await target.client.call(listWebhooks, { params: { project } })).webhooks).toHaveLength(1)
})

test('a journal of another import is refused, as is an address that is no MLflow', async () => {
  const other = await run('import', 'mlflow', target.url, '--state', journal())
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('tells of an import from') as string })
  const none = await run('import', 'mlflow', `${source.url}/nothing`, '--state', join(folder, 'x'))
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('gives nothing to import') as string })
  expect((await run('import', 'mlflow', 'nowhere')).code).toBe(2)
})

test('everything is written into a folder of Parquet and JSON', async () => {
  const to = join(folder, 'export')
  const { code, stdout, stderr } = await run('export', to, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ runs: 4, metrics: 901, models: 1, versions: 2 })
  const rows = async (table: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(join(to, `${table}.parquet`)) })
  expect((await rows('runs')).find(({ run_id: id }) => id === first)).toMatchObject({
    name: 'first',
    experiment_name: 'demand',
    status: 'FINISHED',
    started_at: 1_600_000_000_000n,
  })
  const metrics = await rows('metrics')
  expect(metrics).toHaveLength(901)
  expect(metrics.filter(({ key }) => key === 'odd')).toEqual([
    { run_id: first, key: 'odd', step: -3n, timestamp: 1n, value: Number.NaN },
  ])
  expect(await rows('params')).toEqual([{ run_id: first, key: 'rate', value: '0.1' }])
  expect(await rows('datasets')).toMatchObject([{ name: 'train', digest: 'abc', context: 'training' }])
  expect(await readFile(join(to, 'files', first, 'model/weights.bin'), 'utf8')).toBe('bytes of model/weights.bin')
  expect(JSON.parse(await readFile(join(to, 'models.json'), 'utf8'))).toMatchObject([
    { name: 'weather', versions: [{}, {}] },
  ])
  expect((await run('export', to)).stderr).toContain('is not empty')
})
