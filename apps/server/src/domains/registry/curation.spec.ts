import {
  changeModel,
  changeVersion,
  createModel,
  getModel,
  getVersion,
  listEvents,
  listModels,
  ModelName,
  setAlias,
} from '@stead/contracts'
import type { AliasName, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

let count = 0
const fresh = () => ModelName.parse(`model ${(count += 1)}`)
const of = (model: ModelName) => ({ project: DEFAULT, model })
const one = (model: ModelName, version: number) => ({ ...of(model), version: version as VersionNumber })
const kindsOf = async (subject: string) => {
  const { events } = await server.client.call(listEvents, { params: { project: DEFAULT }, query: { subject } })
  return events.map(({ kind }) => kind).toReversed()
}

describe('a model', () => {
  test('is made by itself, described, tagged and given another name', async () => {
    const [name, renamed] = [fresh(), fresh()]
    const body = { name, description: 'of clouds', tags: { team: 'weather', old: '1' } }
    const made = await server.client.call(createModel, { params: { project: DEFAULT }, body })
    expect(made).toMatchObject({ ...body, latestVersion: null, versions: 0 })
    await expect(server.client.call(createModel, { params: { project: DEFAULT }, body })).rejects.toMatchObject({
      code: 'name_taken',
    })
    const change = { name: renamed, description: 'of rain', tags: { old: null, new: '2' } }
    const changed = await server.client.call(changeModel, { params: of(name), body: change })
    expect(changed).toMatchObject({ name: renamed, description: 'of rain', tags: { team: 'weather', new: '2' } })
    expect(changed.updatedAt >= made.updatedAt).toBe(true)
    expect(await server.client.call(getModel, { params: of(renamed) })).toEqual(changed)
    await expect(server.client.call(getModel, { params: of(name) })).rejects.toMatchObject({ code: 'model_not_found' })
    expect(await kindsOf(name)).toEqual(['model.created'])
    expect((await kindsOf(renamed)).toSorted()).toEqual([
      'model.changed',
      'model.renamed',
      'model.tag-deleted',
      'model.tag-set',
    ])
  })

  test('takes no name that another has, and nothing of such a change is kept', async () => {
    const [name, other] = [fresh(), fresh()]
    await server.client.call(createModel, { params: { project: DEFAULT }, body: { name } })
    await server.client.call(createModel, { params: { project: DEFAULT }, body: { name: other } })
    const body = { name: other, description: 'lost', tags: { lost: '1' } }
    await expect(server.client.call(changeModel, { params: of(name), body })).rejects.toMatchObject({
      code: 'name_taken',
    })
    expect(await server.client.call(getModel, { params: of(name) })).toMatchObject({ description: '', tags: {} })
  })

  test.each(['../up', 'a//b', '', 'k'.repeat(251), 'a\n'])('has no tag called %j', async (key) => {
    const name = fresh()
    await server.client.call(createModel, { params: { project: DEFAULT }, body: { name } })
    const answer = server.client.call(changeModel, { params: of(name), body: { tags: { [key]: '1' } } })
    await expect(answer).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('that is a prompt is listed only for those who ask for prompts', async () => {
    const name = fresh()
    const tags = { 'mlflow.prompt.is_prompt': 'true' }
    await server.client.call(createModel, { params: { project: DEFAULT }, body: { name, tags } })
    const list = async (query: object) =>
      (await server.client.call(listModels, { params: { project: DEFAULT }, query: { search: name, ...query } })).models
    expect(await list({})).toEqual([])
    expect(await list({ prompts: 'true' })).toMatchObject([{ name }])
  })
})

describe('a version', () => {
  test('is described, tagged and moved through the stages, while its files stay what they are', async () => {
    const name = fresh()
    await pushVersion(server.client, name, 'export const a = 1')
    const { created: _, ...before } = await pushVersion(server.client, name, 'export const a = 2')
    const body = { description: 'second', stage: 'Production', tags: { a: 'b' } } as const
    const changed = await server.client.call(changeVersion, { params: one(name, 2), body })
    expect(changed).toEqual({ ...before, ...body, updatedAt: changed.updatedAt })
    expect(before).toMatchObject({ stage: 'None', source: '', run: null, tags: {} })
    const others = { stage: 'Production', archiveOthers: true } as const
    await server.client.call(changeVersion, { params: one(name, 1), body: others })
    expect(await server.client.call(getVersion, { params: one(name, 2) })).toMatchObject({ stage: 'Archived' })
    expect(await kindsOf(`${name}/2`)).toEqual([
      'version.created',
      'version.changed',
      'version.staged',
      'version.tag-set',
    ])
    const nowhere = { stage: 'Archived', archiveOthers: true } as const
    await expect(server.client.call(changeVersion, { params: one(name, 1), body: nowhere })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await expect(server.client.call(changeVersion, { params: one(name, 9), body: {} })).rejects.toMatchObject({
      code: 'version_not_found',
    })
    await expect(server.client.call(changeVersion, { params: one(fresh(), 1), body: {} })).rejects.toMatchObject({
      code: 'model_not_found',
    })
  })

  test.each(['3', 'v3', 'latest', '..'])('gets no alias that reads like something else: %j', async (alias) => {
    const name = fresh()
    await pushVersion(server.client, name, 'export {}')
    const params = { ...of(name), alias: alias as AliasName }
    const answer = server.client.call(setAlias, { params, body: { version: 1 as VersionNumber } })
    await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/^(invalid_request|route_not_found)$/) })
  })
})
