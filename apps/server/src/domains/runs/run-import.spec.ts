import { createExperiment, importRun, listAudit, ProjectName } from '@stead/contracts'
import type { ExperimentId, RunId } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

const project = ProjectName.parse('default')

test('a run that is taken over is told in the audit log once, however often it is brought', async () => {
  const { id: experiment } = await server.client.call(createExperiment, { params: { project }, body: { name: 'old' } })
  const run = 'a'.repeat(32) as RunId
  const bring = (of: ExperimentId) =>
    server.client.call(importRun, {
      params: { project, run },
      body: { experiment: of, name: 'first', status: 'FINISHED', startedAt: 1_600_000_000_000, tags: { a: 'b' } },
    })
  await expect(bring(99 as ExperimentId)).rejects.toMatchObject({ code: 'experiment_not_found' })
  await bring(experiment)
  await bring(experiment)
  const { entries } = await server.client.call(listAudit, { params: { project }, query: { act: 'run' } })
  expect(entries).toMatchObject([
    {
      act: 'run.imported',
      actor: 'local',
      subject: run,
      after: { experiment, name: 'first', startedAt: 1_600_000_000_000, tags: 2 },
    },
  ])
})
