import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRun, getRunFile, listRunFiles, metricHistory, ProjectName } from '@stead/contracts'
import type { RunId } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../../../apps/server/src/scratch-server.fixture.ts'
import { createClient } from '../client.ts'
import { LostError } from './lost.ts'
import { createTracking as createNodeTracking } from './node.ts'
import { createTracking } from './tracking.ts'

const project = ProjectName.parse('default')
let server: ScratchServer
let folder = ''
beforeAll(async () => {
  server = await startScratchServer()
  folder = await mkdtemp(join(tmpdir(), 'stead-tracking-'))
})
afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const read = (run: RunId) => server.client.call(getRun, { params: { project, run } })
const bare = () => createTracking(server.client, { experiment: 'training', everyMs: 5 })

test('what a run logs is there when it ends, in the experiment of that name', async () => {
  const tracking = bare()
  const run = await tracking.startRun({ name: 'first', tags: { team: 'solar' } })
  run.params({ rate: 0.1, layers: [8, 4] })
  for (let step = 0; step < 2_345; step++) run.log({ loss: 1 / (step + 1), accuracy: step }, { step })
  run.tag('note', 'done')
  await run.end()
  const kept = await read(run.id)
  expect(kept).toMatchObject({
    name: 'first',
    status: 'FINISHED',
    params: { rate: '0.1', layers: '[8,4]' },
    tags: { team: 'solar', note: 'done' },
    metrics: { accuracy: { value: 2_344, step: 2_344 } },
  })
  expect(kept.endedAt).toBeGreaterThanOrEqual(kept.startedAt)
  const body = { runs: [run.id], metrics: ['loss'], points: 10_000 }
  const { series } = await server.client.call(metricHistory, { params: { project }, body })
  expect(series[0]).toMatchObject({ total: 2_345 })
  // Another program with the same experiment finds it.
  expect((await bare().startRun()).experiment).toBe(run.experiment)
})

test('numbers that are none are kept as what they are', async () => {
  const run = await bare().startRun()
  run.log({ a: Number.NaN, b: Infinity, c: -Infinity })
  await run.end()
  const { metrics } = await read(run.id)
  expect([metrics.a?.value, metrics.b?.value, metrics.c?.value]).toEqual(['NaN', 'Infinity', '-Infinity'])
})

test('a piece of work ends its run: finished, or failed with its own error', async () => {
  const tracking = bare()
  const ids: RunId[] = []
  const result = await tracking.run(async (run) => {
    ids.push(run.id)
    const part = await run.child({ name: 'part' })
    ids.push(part.id)
    await part.end()
    return 7
  })
  const failing = tracking.run((run) => {
    ids.push(run.id)
    run.log({ loss: 1 })
    throw new Error('out of data')
  })
  await expect(failing).rejects.toThrow('out of data')
  expect(result).toBe(7)
  const [whole, part, failed] = await Promise.all(ids.map(read))
  expect([whole?.status, part?.status, failed?.status]).toEqual(['FINISHED', 'FINISHED', 'FAILED'])
  expect(part?.parent).toBe(ids[0])
  expect(failed?.metrics.loss).toMatchObject({ value: 1 })
})

test('what could not be kept is told at the end, and the rest is kept', async () => {
  const run = await bare().startRun()
  run.param('rate', 1)
  run.param('rate', 2)
  run.log({ 'no\nkey': 1, loss: 2 })
  const error = await run.end().catch((told: unknown) => told)
  expect(error).toBeInstanceOf(LostError)
  expect((error as LostError).lost.map(({ what, key }) => `${what} ${key}`)).toEqual(['param rate', 'metric no\nkey'])
  expect(await read(run.id)).toMatchObject({
    status: 'FINISHED',
    params: { rate: '1' },
    metrics: { loss: { value: 2 } },
  })
})

test('an answer that is lost is no value logged twice', async () => {
  let calls = 0
  const unsure = createClient({
    url: server.url,
    fetch: async (address, init) => {
      const answer = await fetch(address, init)
      // It has arrived there, and nobody here hears of it.
      if (answer.url.endsWith('/log') && calls++ % 2 === 0) throw new TypeError('broken off')
      return answer
    },
  })
  const run = await createTracking(unsure, { experiment: 'training', everyMs: 5, wait: async () => {} }).startRun()
  for (let step = 0; step < 100; step++) run.log({ loss: step }, { step })
  run.param('rate', 1)
  await run.end()
  const body = { runs: [run.id], metrics: ['loss'] }
  const { series } = await server.client.call(metricHistory, { params: { project }, body })
  expect(series[0]?.points).toHaveLength(100)
  expect(calls).toBeGreaterThan(1)
})

test('a run can be gone on with', async () => {
  const tracking = bare()
  const first = await tracking.startRun()
  first.log({ loss: 2 }, { step: 1 })
  await first.end('KILLED')
  const again = await tracking.resume(first.id)
  again.log({ loss: 1 }, { step: 2 })
  await again.end()
  expect(await read(first.id)).toMatchObject({ status: 'FINISHED', metrics: { loss: { value: 1, step: 2 } } })
})

test('files, folders, texts and datasets come along, and Node remembers and measures', async () => {
  await mkdir(join(folder, 'model', 'weights'), { recursive: true })
  await writeFile(join(folder, 'model', 'config.json'), '{}')
  await writeFile(join(folder, 'model', 'weights', 'a.bin'), Buffer.alloc(200_000, 1))
  await writeFile(join(folder, 'train.csv'), 'a,b\n1,2\n')
  const tracking = createNodeTracking(server.client, { experiment: 'node', everyMs: 5, measureEveryMs: 20 })
  const run = await tracking.startRun()
  await run.file(join(folder, 'model'))
  await run.file(join(folder, 'train.csv'), 'data/train.csv')
  await run.file(new Uint8Array([1, 2, 3]), 'raw.bin')
  void run.text('hello', 'notes/a.txt')
  await run.dataset({ name: 'train', path: join(folder, 'train.csv'), context: 'training' })
  await expect
    .poll(async () => (await run.flush(), Object.keys((await read(run.id)).metrics)))
    .toContain('system/cpu_utilization_percentage')
  await run.end()
  const kept = await read(run.id)
  expect(kept.datasets).toMatchObject([
    { name: 'train', sourceType: 'local', tags: { 'mlflow.data.context': 'training' } },
  ])
  expect(kept.tags).toMatchObject({ 'stead.node': process.versions.node, 'mlflow.source.type': 'LOCAL' })
  expect(kept.tags['mlflow.source.git.commit']).toMatch(/^[0-9a-f]{40}$/)
  const list = async (path: string) => {
    const { files } = await server.client.call(listRunFiles, { params: { project, run: run.id }, query: { path } })
    return files.map((file) => file.path)
  }
  expect(await list('')).toEqual(expect.arrayContaining(['data', 'environment', 'model', 'notes', 'raw.bin']))
  expect(await list('model')).toEqual(['model/config.json', 'model/weights'])
  const query = { path: 'model/weights/a.bin' as never }
  const opened = await server.client.open(getRunFile, { params: { project, run: run.id }, query })
  expect((await opened.arrayBuffer()).byteLength).toBe(200_000)
})
