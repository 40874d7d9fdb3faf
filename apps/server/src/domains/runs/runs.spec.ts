import { setTimeout as pause } from 'node:timers/promises'
import {
  changeRun,
  ChangedRuns,
  createExperiment,
  createProject,
  createRun,
  deleteExperiment,
  deleteRuns,
  ExperimentId,
  forkRun,
  getExperiment,
  getRun,
  listExperiments,
  listViews,
  logToRun,
  metricHistory,
  moveRuns,
  ProjectName,
  putView,
  deleteView,
  restoreRuns,
  type RunId,
  searchRuns,
  tagRuns,
} from '@stead/contracts'
import type { CallOf, MetricPoint } from '@stead/contracts'
import { expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'

const project = DEFAULT

describeOverWire('runs over the native API', (wire) => {
  const client = () => wire.server.client
  const start = (body: Partial<CallOf<typeof createRun>['body']> = {}) =>
    client().call(createRun, { params: { project }, body })
  const read = (run: RunId) => client().call(getRun, { params: { project, run } })
  const log = (run: RunId, body: CallOf<typeof logToRun>['body']) =>
    client().call(logToRun, { params: { project, run }, body })
  const experiment = (name: string) => client().call(createExperiment, { params: { project }, body: { name } })
  const series = (steps: number, key = 'loss') =>
    Array.from({ length: steps }, (_, step) => ({ key, value: Math.sin(step) * step, step, timestamp: step }))

  test('a run is started, logged into, changed and read', async () => {
    const parent = await start()
    const { id } = await start({ name: 'child', tags: { 'mlflow.parentRunId': parent.id, gone: 'soon' } })
    await log(id, {
      metrics: [
        { key: 'a', value: 0.5 },
        { key: 'a', value: 'NaN', step: 3, timestamp: 7 },
      ],
      params: { lr: '0.1' },
      tags: { stage: 'one' },
    })
    const changed = await client().call(changeRun, {
      params: { project, run: id },
      body: { name: 'renamed', status: 'FINISHED', endedAt: 99, tags: { gone: null, more: 'x' } },
    })
    expect(changed).toMatchObject({
      name: 'renamed',
      status: 'FINISHED',
      endedAt: 99,
      parent: parent.id,
      metrics: { a: { value: 'NaN', step: 3, timestamp: 7 } },
      params: { lr: '0.1' },
      tags: { stage: 'one', more: 'x', 'mlflow.runName': 'renamed' },
    })
    expect(changed.tags).not.toHaveProperty('gone')
    expect((await read(parent.id)).children).toBe(1)
    await expect(log(id, { params: { lr: '0.2' } })).rejects.toMatchObject({ code: 'param_fixed' })
    await expect(read('none' as RunId)).rejects.toMatchObject({ code: 'run_not_found' })
  })

  test('several runs are changed together, all or none', async () => {
    const [one, other] = [await start(), await start()]
    const runs = [one.id, other.id]
    const absent = [...runs, 'none' as RunId]
    const params = { project }
    await expect(client().call(tagRuns, { params, body: { runs: absent, tags: { x: '1' } } })).rejects.toMatchObject({
      code: 'run_not_found',
    })
    await expect(client().call(deleteRuns, { params, body: { runs: absent } })).rejects.toMatchObject({
      code: 'run_not_found',
    })
    expect((await read(one.id)).tags).not.toHaveProperty('x')
    expect(await client().call(tagRuns, { params, body: { runs, tags: { x: '1' } } })).toEqual({ runs: 2 })
    expect((await read(other.id)).tags).toMatchObject({ x: '1' })
    expect(await client().call(deleteRuns, { params, body: { runs } })).toEqual({ runs: 2 })
    expect((await read(one.id)).lifecycle).toBe('deleted')
    expect(await client().call(restoreRuns, { params, body: { runs: [one.id] } })).toEqual({ runs: 1 })
    expect((await read(one.id)).lifecycle).toBe('active')
  })

  test('runs move with their children and their data, and are found in the other experiment', async () => {
    const target = await experiment('where runs move')
    const parent = await start()
    const child = await start({ tags: { 'mlflow.parentRunId': parent.id } })
    await log(child.id, { metrics: [{ key: 'moved', value: 1 }], params: { p: '1' } })
    await wire.post('runs/log-inputs', {
      run_id: child.id,
      datasets: [{ dataset: { name: 'd', digest: 'x', source_type: 'local', source: 's' } }],
    })
    const move = (to: number) =>
      client().call(moveRuns, { params: { project }, body: { runs: [parent.id], experiment: ExperimentId.parse(to) } })
    expect(await move(target.id)).toEqual({ runs: 2 })
    const found = await client().call(searchRuns, {
      params: { project },
      body: { experiments: [target.id], filter: "metrics.moved = 1 and params.p = '1' and datasets.name = 'd'" },
    })
    expect(found.runs.map(({ id }) => id)).toEqual([child.id])
    expect(await read(child.id)).toMatchObject({ experiment: target.id, datasets: [{ name: 'd' }] })
    expect(found.runs[0]?.artifactUri).toBe(child.artifactUri)
    await expect(move(4711)).rejects.toMatchObject({ code: 'experiment_not_found' })
  })

  test('a fork has what the other had up to a step, and goes its own way', async () => {
    const from = await start({ tags: { kept: 'yes' } })
    await log(from.id, { metrics: series(100), params: { lr: '0.1' } })
    await wire.put(`0/${from.id}/artifacts/notes/a.txt`, 'bytes')
    const fork = await client().call(forkRun, { params: { project, run: from.id }, body: { step: 49, files: true } })
    expect(fork).toMatchObject({
      status: 'RUNNING',
      params: { lr: '0.1' },
      tags: { kept: 'yes', 'stead.forkedFrom': from.id },
      metrics: { loss: { step: 49 } },
    })
    expect((await wire.read(`0/${fork.id}/artifacts/notes/a.txt`)).bytes.toString()).toBe('bytes')
    await log(fork.id, { metrics: [{ key: 'loss', value: 0, step: 50 }] })
    expect((await read(from.id)).metrics).toMatchObject({ loss: { step: 99 } })
    const bare = await client().call(forkRun, { params: { project, run: from.id }, body: { name: 'bare' } })
    expect(bare).toMatchObject({ name: 'bare', metrics: {} })
  })

  test('a purged run is gone with its values and files, and only that', async () => {
    const [gone, kept] = [await start(), await start()]
    for (const { id } of [gone, kept]) {
      await log(id, { metrics: series(50), params: { p: '1' }, tags: { t: '1' } })
      await wire.put(`0/${id}/artifacts/a.txt`, id)
    }
    const purge = (run: RunId) => client().call(deleteRuns, { params: { project }, body: { runs: [run], purge: true } })
    expect(await purge(gone.id)).toEqual({ runs: 1 })
    await expect(read(gone.id)).rejects.toMatchObject({ code: 'run_not_found' })
    await expect(purge(gone.id)).rejects.toMatchObject({ code: 'run_not_found' })
    expect((await wire.read(`0/${gone.id}/artifacts/a.txt`)).status).toBe(404)
    expect((await wire.get('metrics/get-history', { run_id: gone.id, metric_key: 'loss' })).body).toEqual({})
    expect((await wire.read(`0/${kept.id}/artifacts/a.txt`)).status).toBe(200)
    expect(await read(kept.id)).toMatchObject({ metrics: { loss: { step: 49 } }, params: { p: '1' } })
  })

  test('a long history is thinned to its least and greatest values, a short one is told whole', async () => {
    const { id } = await start()
    for (let part = 0; part < 3; part++)
      await log(id, { metrics: series(30_000).slice(part * 10_000, (part + 1) * 10_000) })
    await log(id, { metrics: series(5, 'short') })
    const ask = (body: Partial<CallOf<typeof metricHistory>['body']>) =>
      client().call(metricHistory, {
        params: { project },
        body: { runs: [id], metrics: ['loss', 'short', 'none'], points: 100, ...body },
      })
    const [loss, short, ...none] = (await ask({})).series
    expect(none).toEqual([])
    expect([loss?.total, short?.total]).toEqual([30_000, 5])
    expect(short?.points).toHaveLength(5)
    const values = series(30_000).map(({ value }) => value)
    const told = loss!.points.map(([, , value]: MetricPoint) => value)
    expect(told.length).toBeLessThanOrEqual(100)
    expect([Math.min(...told.map(Number)), Math.max(...told.map(Number))]).toEqual([
      Math.min(...values),
      Math.max(...values),
    ])
    expect([loss!.points[0]?.[0], loss!.points.at(-1)?.[0]]).toEqual([0, 29_999])
    const [later] = (await ask({ afterStep: 29_989 })).series
    expect(later).toMatchObject({ metric: 'loss', total: 10 })
    await expect(ask({ runs: [id, 'none' as RunId] })).rejects.toMatchObject({ code: 'run_not_found' })
  })

  test('experiments are listed by their latest runs, with how many there are', async () => {
    const made = await experiment('listed')
    await start({ experiment: made.id, startedAt: Date.UTC(2100, 0) })
    const { experiments, total } = await client().call(listExperiments, { params: { project }, query: {} })
    expect(experiments[0]).toMatchObject({
      id: made.id,
      runs: 1,
      running: 1,
      lastRunAt: '2100-01-01T00:00:00.000Z',
    })
    expect(total).toBe(experiments.length)
  })

  test('views of an experiment are kept, replaced and forgotten', async () => {
    const { id } = await experiment('with views')
    const params = { project, experiment: id }
    for (const columns of [['a'], ['b']])
      await client().call(putView, { params: { ...params, view: 'mine' }, body: { document: { columns } } })
    expect((await client().call(listViews, { params })).views).toMatchObject([
      { name: 'mine', document: { columns: ['b'] } },
    ])
    await client().call(deleteView, { params: { ...params, view: 'mine' } })
    await expect(client().call(deleteView, { params: { ...params, view: 'mine' } })).rejects.toMatchObject({
      code: 'view_not_found',
    })
  })

  test('who follows an experiment hears which runs have changed, at most once a second', async () => {
    const { id } = await experiment('followed')
    const ended = new AbortController()
    const url = new URL(`/api/v1/events?project=default&experiments=${id}`, wire.server.url)
    const response = await fetch(url, { signal: ended.signal })
    const told: ChangedRuns[] = []
    const reading = (async () => {
      let text = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        const messages = text.split('\n\n')
        text = messages.pop() ?? ''
        for (const message of messages) {
          const [, data] = /^event: runs\ndata: (.*)$/m.exec(message) ?? []
          if (data !== undefined) told.push(ChangedRuns.parse(JSON.parse(data)))
        }
      }
    })().catch(() => {})
    // The stream is heard before anything is watched.
    await pause(300)
    const run = await start({ experiment: id })
    await start()
    const began = Date.now()
    while (Date.now() - began < 2500) await log(run.id, { metrics: [{ key: 'm', value: 1 }] })
    await expect.poll(() => told.length).toBeGreaterThan(1)
    expect(told.length).toBeLessThan(6)
    for (const changed of told) expect(changed).toEqual({ experiment: id, runs: [run.id] })
    ended.abort()
    await reading
  })

  test('one project neither sees nor touches the runs of another', async () => {
    const other = ProjectName.parse('others-runs')
    await client().call(createProject, { body: { name: other } })
    const { id } = await start()
    const params = { project: other }
    await expect(client().call(getRun, { params: { ...params, run: id } })).rejects.toMatchObject({
      code: 'run_not_found',
    })
    await expect(
      client().call(logToRun, { params: { ...params, run: id }, body: { tags: { x: '1' } } }),
    ).rejects.toMatchObject({ code: 'run_not_found' })
    await expect(client().call(deleteRuns, { params, body: { runs: [id], purge: true } })).rejects.toMatchObject({
      code: 'run_not_found',
    })
    expect(await read(id)).toMatchObject({ lifecycle: 'active' })
  })

  test('an experiment that is deleted takes its runs along; purged, it is gone', async () => {
    const { id } = await experiment('to be purged')
    const run = await start({ experiment: id })
    const params = { project, experiment: id }
    await client().call(deleteExperiment, { params, query: {} })
    expect((await read(run.id)).lifecycle).toBe('deleted')
    await client().call(deleteExperiment, { params, query: { purge: 'true' } })
    await expect(client().call(getExperiment, { params })).rejects.toMatchObject({ code: 'experiment_not_found' })
    await expect(read(run.id)).rejects.toMatchObject({ code: 'run_not_found' })
  })
})
