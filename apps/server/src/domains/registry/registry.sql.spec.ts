import { AliasName, Digest, ModelName, VersionNumber } from '@stead/contracts'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlRegistryStore } from './registry.sql.ts'
import type { NewVersion } from './registry.store.ts'

const MODEL = ModelName.parse('forecast')
const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1] }
const version = (digit: number): NewVersion => ({
  digest: Digest.parse(`sha256:${digit.toString(16).padStart(64, '0')}`),
  runtime: 'onnx',
  signature: { inputs: [tensor], outputs: [tensor] },
  files: [],
  provenance: {},
  description: '',
})

/** The digest of a version whose number it is. */
const digit = (number: number) => version(number).digest

describeOnDatabases('the store of the registry', (databases) => {
  test('numbers versions without gap or double, however many are added to a new model at once', async () => {
    const store = sqlRegistryStore((await databases.open()).kysely)
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.addVersion('default', MODEL, version(at), false, 'test')),
    )
    expect(made.map((one) => one.version.version).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    )
    expect(await store.findModel('default', MODEL)).toMatchObject({ versions: 20, latestVersion: 20 })
  })

  test('makes one version of the same files, however many ask for it only if it is new', async () => {
    const store = sqlRegistryStore((await databases.open()).kysely)
    const made = await Promise.all(
      Array.from({ length: 10 }, () => store.addVersion('default', MODEL, version(1), true, 'test')),
    )
    expect(made.flatMap(({ events }) => events.map(({ kind }) => kind))).toEqual(['model.created', 'version.created'])
    expect(new Set(made.map((one) => one.version.version))).toEqual(new Set([1]))
  })

  test('finds models by a part of the name or of an alias, or by the beginning of a digest', async () => {
    const store = sqlRegistryStore((await databases.open()).kysely)
    const add = (model: string, number: number) =>
      store.addVersion('default', ModelName.parse(model), version(number), false, 'test')
    await add('Weather', 0xabcdef)
    await add('facade', 1)
    await add('ümlaut', 2)
    await add('ümlaut', 3)
    await store.setAlias(
      'default',
      ModelName.parse('ümlaut'),
      AliasName.parse('Champion'),
      VersionNumber.parse(2),
      'test',
    )
    const found = async (search: string) =>
      (await store.listModels('default', { limit: 10, search })).items.map(({ name }) => name)
    expect(await found('EATH')).toEqual(['Weather'])
    expect(await found('hamp')).toEqual(['ümlaut'])
    expect(await found('a')).toEqual(['Weather', 'facade', 'ümlaut'])
    expect(await found('facade')).toEqual(['facade'])
    const zeros = '0'.repeat(58)
    expect(await found(`sha256:${zeros}a`)).toEqual(['Weather'])
    expect(await found(`${zeros}AB`)).toEqual(['Weather'])
    expect(await found(digit(3))).toEqual(['ümlaut'])
    expect(await found('sha256:0')).toEqual(['Weather', 'facade', 'ümlaut'])
    expect(await found('000')).toEqual([])
    expect(await found('sha256:')).toEqual([])
    expect(await found('%')).toEqual([])
    expect(await found('')).toHaveLength(3)
  })

  test('tells the deployments that name a model now, and lists those models alone when asked', async () => {
    const { kysely } = await databases.open()
    const store = sqlRegistryStore(kysely)
    for (const model of ['served', 'idle'])
      await store.addVersion('default', ModelName.parse(model), version(1), false, 'test')
    const { id } = await kysely.selectFrom('models').select('id').where('name', '=', 'served').executeTakeFirstOrThrow()
    for (const name of ['second', 'First'])
      await kysely
        .insertInto('deployments')
        .values({ id: name, project_id: 'default', name, model_id: id, generation: 1 })
        .execute()
    const { items, total } = await store.listModels('default', { limit: 10 })
    expect(items.map(({ name, deployments }) => [name, deployments])).toEqual([
      ['idle', []],
      ['served', ['First', 'second']],
    ])
    expect(total).toBe(2)
    const serving = await store.listModels('default', { limit: 10, serving: true, search: 'E' })
    expect([serving.items.map(({ name }) => name), serving.total]).toEqual([['served'], 1])
  })

  test('lists hundreds of models on one page, each once and in order', async () => {
    const { kysely } = await databases.open()
    const names = Array.from({ length: 600 }, (_, at) => `model-${at}`)
    const row = (name: string) => ({ id: `id-${name}`, project_id: 'default', name })
    await kysely.insertInto('models').values(names.map(row)).execute()
    const store = sqlRegistryStore(kysely)
    const read: string[] = []
    for (let after: string | undefined; ;) {
      const page = await store.listModels('default', { limit: 560, after })
      expect(page.total).toBe(600)
      read.push(...page.items.map(({ name }) => name))
      if (page.next === null) break
      after = page.next
    }
    expect(read).toEqual(names.toSorted())
  })
})
