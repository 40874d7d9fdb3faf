import { ProjectName, searchProject } from '@stead/contracts'
import type { SearchHit } from '@stead/contracts'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { DEFAULT, digestOf, pushVersion, startScratchServer } from '../../scratch-server.fixture.ts'
import { createSearch } from './search.ts'
import { sqlSearchStore } from './search.sql.ts'

const PROJECT = ProjectName.parse('default')
const digest = (model: string, version: number) => digestOf(`${model} ${version}`)

async function addModel({ kysely }: Database, name: string, versions: number, projectId = 'default'): Promise<void> {
  const of = { project_id: projectId, model_id: `${projectId} ${name}` }
  await kysely.insertInto('models').values({ id: of.model_id, project_id: projectId, name }).execute()
  const contents = { runtime: 'onnx', signature: {}, files: [], size: 0, provenance: {} }
  for (let number = 1; number <= versions; number++) {
    const id = `${of.model_id} ${number}`
    await kysely
      .insertInto('versions')
      .values({ ...of, ...contents, id, number, digest: digest(name, number) })
      .execute()
  }
}

const textOf = (hit: SearchHit) => {
  switch (hit.kind) {
    case 'deployment':
      return `deployment ${hit.deployment}`
    case 'model':
      return `model ${hit.model} ${hit.latestVersion ?? '-'}`
    case 'alias':
      return `alias ${hit.model}@${hit.alias} ${hit.version}`
    case 'version':
      return `version ${hit.model}/${hit.version}`
  }
}

describeOnDatabases('a search', (databases) => {
  async function seeded() {
    const database = await databases.open()
    const { kysely } = database
    for (const [name, versions] of [
      ['weather', 3],
      ['Weather-north', 9],
      ['fair weather', 8],
      ['weather v8', 0],
      ['churn', 1],
    ] as const)
      await addModel(database, name, versions)
    const alias = (model: string, name: string, version: number) =>
      kysely
        .insertInto('aliases')
        .values({ project_id: 'default', model_id: `default ${model}`, alias: name, version_number: version })
        .execute()
    await alias('weather', 'champion', 2)
    await alias('fair weather', 'champion', 8)
    await alias('churn', 'weather', 1)
    await kysely
      .insertInto('deployments')
      .values({ id: 'd', project_id: 'default', name: 'weather.live', model_id: 'default churn', generation: 1 })
      .execute()
    await kysely.insertInto('projects').values({ id: 'apart', name: 'apart' }).execute()
    await addModel(database, 'weather-apart', 1, 'apart')
    const search = createSearch(sqlSearchStore(kysely), { idOf: async (name: string) => name } as never)
    return async (q: string, limit = 20) => (await search.find(PROJECT, { q, limit })).map(textOf)
  }

  test('gives what is meant first, then what begins with it, then what has it within', async () => {
    const find = await seeded()
    const all = [
      'model weather 3',
      'alias churn@weather 1',
      'deployment weather.live',
      'model Weather-north 9',
      'model weather v8 -',
      'model fair weather 8',
    ]
    expect(await find('weather')).toEqual(all)
    expect(await find('  WEATHER ')).toEqual(all)
    expect(await find('weather', 3)).toEqual(all.slice(0, 3))
    expect(await find('nothing')).toEqual([])
    expect(await find('%')).toEqual([])
  })

  test('finds aliases by their name, and by that of their model with an @ between', async () => {
    const find = await seeded()
    expect(await find('champ')).toEqual(['alias fair weather@champion 8', 'alias weather@champion 2'])
    expect(await find('weather@champion')).toEqual(['alias weather@champion 2', 'alias fair weather@champion 8'])
    expect(await find('fair weather@c')).toEqual(['alias fair weather@champion 8'])
    expect(await find('churn@champion')).toEqual([])
  })

  test.for(['weather v8', 'weather 8', 'Weather/8', 'weather/v8', 'weather / 8'])('finds versions by %s', async (q) => {
    const find = await seeded()
    const versions = ['version Weather-north/8', 'version fair weather/8']
    expect(await find(q)).toEqual(q === 'weather v8' ? ['model weather v8 -', ...versions] : versions)
  })

  test('finds versions by the whole name of their model before others, and none that is not there', async () => {
    const find = await seeded()
    expect(await find('weather v3')).toEqual(['version weather/3', 'version Weather-north/3', 'version fair weather/3'])
    for (const q of ['weather v10', 'weather v0', 'weather v99999999999', 'v8', '8']) {
      expect((await find(q)).filter((hit) => hit.startsWith('version'))).toEqual([])
    }
  })

  test('finds a version by its digest, or six digits of it and more', async () => {
    const find = await seeded()
    const whole = digest('churn', 1)
    const digits = whole.slice('sha256:'.length)
    for (const q of [whole, digits, digits.slice(0, 6), digits.slice(0, 9).toUpperCase(), whole.slice(0, 13)])
      expect(await find(q)).toEqual(['version churn/1'])
    expect(await find(digits.slice(0, 5))).toEqual([])
    expect(await find(`${digits}0`)).toEqual([])
  })
})

test('over HTTP a search is of one project, and not for nothing', async () => {
  const server = await startScratchServer()
  try {
    const { digest: pushed } = await pushVersion(server.client, 'weather', 'export {}')
    const find = (q: string) => server.client.call(searchProject, { params: { project: DEFAULT }, query: { q } })
    expect(await find('eat')).toEqual({ hits: [{ kind: 'model', model: 'weather', latestVersion: 1 }] })
    expect(await find('weather/1')).toEqual({
      hits: [{ kind: 'version', model: 'weather', version: 1, digest: pushed }],
    })
    for (const q of ['', ' ', '\u0000']) await expect(find(q)).rejects.toMatchObject({ code: 'invalid_request' })
    const elsewhere = { params: { project: ProjectName.parse('none') }, query: { q: 'weather' } }
    await expect(server.client.call(searchProject, elsewhere)).rejects.toMatchObject({ code: 'project_not_found' })
  } finally {
    await server.close()
  }
})
