import {
  changeProject,
  createProject,
  deleteModel,
  deleteVersion,
  getProject,
  listEvents,
  listModels,
  listProjects,
  ModelName,
} from '@stead/contracts'
import type { ProjectName, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

const create = (name: string) => server.client.call(createProject, { body: { name: name as ProjectName } })
const names = async () => (await server.client.call(listProjects, {})).projects.map(({ name }) => name)

test('there is always a default project, and others beside it', async () => {
  expect(await names()).toEqual(['default'])
  expect(await create('research')).toMatchObject({ name: 'research' })
  expect(await names()).toEqual(['default', 'research'])
})

test('a project says what it is for, and every change of that is told once', async () => {
  const params = { project: 'said' as ProjectName }
  const made = await server.client.call(createProject, { body: { name: params.project, description: 'first' } })
  expect(made.description).toBe('first')
  const say = (description: string) => server.client.call(changeProject, { params, body: { description } })
  expect(await say('second')).toEqual({ ...made, description: 'second' })
  expect(await say('second')).toEqual({ ...made, description: 'second' })
  expect(await server.client.call(getProject, { params })).toMatchObject({ description: 'second' })
  const { events } = await server.client.call(listEvents, { params, query: {} })
  expect(events.map(({ kind }) => kind)).toEqual(['project.changed', 'project.created'])
  const none = server.client.call(changeProject, {
    params: { project: 'none' as ProjectName },
    body: { description: '' },
  })
  await expect(none).rejects.toMatchObject({ code: 'project_not_found' })
})

test('a name is given once, however many ask for it at a time', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 6 }, () => create('wanted')))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of asked)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' })
  await expect(create('default')).rejects.toMatchObject({ code: 'name_taken' })
})

test.for(['', 'Upper', '-a', 'a-', 'a b', 'a/b', '..', 'ü', 'a'.repeat(64)])(
  'a project cannot be called %j',
  async (name) => {
    await expect(create(name)).rejects.toMatchObject({ code: 'invalid_request', where: 'body.name' })
  },
)

test('what one project holds the others do not show', async () => {
  await create('apart')
  await pushVersion(server.client, 'mine', 'export {}')
  const params = { project: 'apart' as ProjectName }
  expect((await server.client.call(listModels, { params, query: {} })).models).toEqual([])
  const { events } = await server.client.call(listEvents, { params, query: {} })
  expect(events.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['project.created apart'])
  await expect(
    server.client.call(listModels, { params: { project: 'none' as ProjectName }, query: {} }),
  ).rejects.toMatchObject({ code: 'project_not_found' })
})

test('a project tells how much it holds, whatever came and went since it was last asked', async () => {
  await create('counting')
  const holds = async (project = DEFAULT) => {
    const { models, versions, deployments } = await server.client.call(getProject, { params: { project } })
    return { models, versions, deployments }
  }
  const before = await holds()
  const more = async (models: number, versions: number) =>
    expect(await holds()).toEqual({
      ...before,
      models: before.models + models,
      versions: before.versions + versions,
    })
  for (let count = 1; count <= 3; count++) {
    await pushVersion(server.client, 'counted', `export const n = ${count}`)
    await more(1, count)
  }
  const params = { project: DEFAULT, model: ModelName.parse('counted') }
  await server.client.call(deleteVersion, { params: { ...params, version: 3 as VersionNumber } })
  await more(1, 2)
  await server.client.call(deleteModel, { params })
  await more(0, 0)
  expect(await holds('counting' as ProjectName)).toEqual({ models: 0, versions: 0, deployments: 0 })
  await expect(holds('none' as ProjectName)).rejects.toMatchObject({ code: 'project_not_found' })
})
