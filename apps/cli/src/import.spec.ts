import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getModel, getRun, metricHistory, ModelName, ProjectName } from '@stead/contracts'
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
  const response = await fetch(`${source.url}/api/2.0/mlflow/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
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

const run = (...args: string[]) => stead(args, { env: { STEAD_URL: target.url } })
const journal = () => join(folder, 'state.jsonl')
const take = () => run('import', 'mlflow', source.url, '--state', journal(), '--json')
const project = ProjectName.parse('default')

test('everything of an MLflow server comes over, with ids, names and times', async () => {
  const { code, stdout, stderr } = await take()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    taken: { experiment: 3, run: 3, metric: 900, file: 2, model: 1, version: 2, alias: 1 },
    left: [],
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

test('a second time takes only what is new', async () => {
  const { experiment_id: experiment } = await wire('GET', 'experiments/get-by-name?experiment_name=demand').then(
    ({ experiment: told }) => told as { experiment_id: string },
  )
  await newRun(experiment, 'second')
  const { stdout } = await take()
  expect(JSON.parse(stdout)).toMatchObject({
    taken: { experiment: 0, run: 1, version: 0 },
    known: { run: 3, version: 2 },
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
  expect(JSON.parse(stdout)).toMatchObject({ runs: 4, metrics: 900, models: 1, versions: 2 })
  const rows = async (table: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(join(to, `${table}.parquet`)) })
  expect((await rows('runs')).find(({ run_id: id }) => id === first)).toMatchObject({
    name: 'first',
    experiment_name: 'demand',
    status: 'FINISHED',
    started_at: 1_600_000_000_000n,
  })
  const metrics = await rows('metrics')
  expect(metrics).toHaveLength(900)
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
