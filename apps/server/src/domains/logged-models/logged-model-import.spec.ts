import {
  createExperiment,
  createProject,
  getLoggedModel,
  importLoggedModel,
  importRun,
  listAudit,
  LoggedModelId,
  ProjectName,
} from '@stead/contracts'
import type { RunId } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

const project = ProjectName.parse('default')
const model = LoggedModelId.parse(`m-${'a'.repeat(32)}`)
const run = 'a'.repeat(32) as RunId

test('a logged model is taken over as it was, once, however often it is brought', async () => {
  const { id: experiment } = await server.client.call(createExperiment, { params: { project }, body: { name: 'old' } })
  const times = { createdAt: 1_600_000_000_000, updatedAt: 1_600_000_000_500 }
  await server.client.call(importRun, {
    params: { project, run },
    body: { experiment, name: 'maker', status: 'FINISHED', startedAt: times.createdAt },
  })
  const metric = { key: 'auc', value: 0.9, step: 3, timestamp: times.createdAt, dataset: { name: 'd', digest: '1' } }
  const told = {
    experiment,
    run,
    name: 'net',
    type: 'classifier',
    status: 'READY' as const,
    ...times,
    params: { depth: '3' },
    tags: { team: 'solar' },
    metrics: [{ ...metric, run }],
  }
  const bring = (body: typeof told, into = project) =>
    server.client.call(importLoggedModel, { params: { project: into, model }, body })
  const here = { id: model, lifecycle: 'active', statusMessage: '', versions: [], ...told }
  const strange = { ...metric, key: 'strange', run: 'b'.repeat(32) as RunId }
  expect(await bring({ ...told, metrics: [...told.metrics, strange] })).toMatchObject(here)
  expect(await bring({ ...told, tags: { team: 'wind' } })).toMatchObject({ ...here, tags: { team: 'wind' } })
  expect(await server.client.call(getLoggedModel, { params: { project, model } })).toMatchObject({
    metrics: told.metrics,
  })
  const { entries } = await server.client.call(listAudit, { params: { project }, query: { act: 'logged-model' } })
  expect(entries).toMatchObject([
    {
      act: 'logged-model.imported',
      actor: 'local',
      subject: model,
      after: { experiment, run, name: 'net', metrics: 2 },
    },
  ])
  const other = ProjectName.parse('other')
  await server.client.call(createProject, { body: { name: other } })
  await expect(bring({ ...told, experiment: 0 as never }, other)).rejects.toMatchObject({ code: 'name_taken' })
  await expect(bring({ ...told, experiment: 99 as never })).rejects.toMatchObject({ code: 'experiment_not_found' })
  await expect(bring({ ...told, name: 'a/b' })).rejects.toMatchObject({ code: 'invalid_request' })
})
