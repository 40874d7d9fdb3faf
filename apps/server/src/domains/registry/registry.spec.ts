import {
  AliasName,
  BundlePath,
  createVersion,
  deleteAlias,
  deleteModel,
  deleteVersion,
  getModel,
  getVersion,
  listModels,
  listVersions,
  ModelName,
  modelServing,
  putArtifact,
  setAlias,
  versionGraph,
} from '@stead/contracts'
import type { CallOf, Digest, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as graphs from '../../../../../dev/fixtures/onnx/models.ts'
import {
  DEFAULT,
  digestOf,
  pushVersion,
  type ScratchServer,
  startScratchServer,
  SUMS,
} from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

type Described = Omit<CallOf<typeof createVersion>['body'], 'files'>
const of = (model: string) => ({ project: DEFAULT, model: ModelName.parse(model) })
const v = (number: number) => number as VersionNumber
const file = (path: string, digest: Digest) => ({ path: BundlePath.parse(path), digest })

async function upload(bytes: Uint8Array | string): Promise<Digest> {
  const body = Buffer.from(bytes)
  const digest = digestOf(body)
  await server.client.send(putArtifact, { params: { project: DEFAULT, digest } }, { body, size: body.length })
  return digest
}
async function push(model: string, files: Record<string, Uint8Array | string>, more: Described = {}) {
  const listed = []
  for (const [path, bytes] of Object.entries(files)) listed.push(file(path, await upload(bytes)))
  return server.client.call(createVersion, { params: of(model), body: { files: listed, ...more } })
}

describe('a version', () => {
  test('of ONNX tells the signature that its graph has, and is read back the same', async () => {
    const bytes = graphs.addConstant(1)
    const { created, ...made } = await push(
      'graph',
      { 'model.onnx': bytes },
      { description: 'adds one', provenance: { commit: 'abc' } },
    )
    expect(created).toBe(true)
    expect(made).toMatchObject({
      version: 1,
      runtime: 'onnx',
      size: bytes.length,
      description: 'adds one',
      provenance: { commit: 'abc' },
      signature: { inputs: [{ datatype: 'FP32', shape: [-1, 2] }], outputs: [{ datatype: 'FP32', shape: [-1, 2] }] },
    })
    expect(await server.client.call(getVersion, { params: { ...of('graph'), version: v(1) } })).toEqual(made)
  })

  test('believes the graph and not a signature declared beside it', async () => {
    const { signature } = await push('graph', { 'model.onnx': graphs.identity('INT64', [3]) }, { signature: SUMS })
    expect(signature.inputs).toMatchObject([{ datatype: 'INT64', shape: [3] }])
  })

  test('of JavaScript has the signature that is declared, and none without one', async () => {
    expect(await push('script', { 'index.mjs': 'export {}' }, { signature: SUMS })).toMatchObject({
      runtime: 'javascript',
      signature: SUMS,
    })
    await expect(push('script', { 'index.mjs': 'export {}' })).rejects.toMatchObject({ code: 'signature_missing' })
    await expect(
      push('script', { 'index.mjs': 'export {}' }, { signature: { inputs: [], outputs: [] } }),
    ).rejects.toMatchObject({ code: 'invalid_request', where: 'body.signature.inputs' })
  })

  test('has one digest for the same files, in whatever order, and `ifNew` returns the one that is there', async () => {
    const [code, weights] = [await upload('export const a = 1'), await upload('weights')]
    const create = (files: ReturnType<typeof file>[], ifNew: boolean) =>
      server.client.call(createVersion, { params: of('bundle'), body: { files, signature: SUMS, ifNew } })
    const forth = [file('index.mjs', code), file('data/weights.bin', weights)]
    const first = await create(forth, true)
    expect(first.files.map(({ path, size }) => [path, size])).toEqual([
      ['data/weights.bin', 7],
      ['index.mjs', 18],
    ])
    expect(await create(forth.toReversed(), true)).toEqual({ ...first, created: false })
    expect(await create(forth, false)).toMatchObject({ version: 2, digest: first.digest, created: true })
    const moved = await create([file('index.mjs', code), file('weights.bin', weights)], true)
    expect(moved).toMatchObject({ version: 3, created: true })
    expect(moved.digest).not.toBe(first.digest)
  })

  test('is refused with the file named when that is listed twice or was never uploaded', async () => {
    const digest = await upload('export {}')
    const create = (files: ReturnType<typeof file>[]) =>
      server.client.call(createVersion, { params: of('odd'), body: { files, signature: SUMS } })
    await expect(create([file('index.mjs', digest), file('index.mjs', digest)])).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('"index.mjs" is listed twice'),
    })
    await expect(create([file('index.mjs', digestOf('never sent'))])).rejects.toMatchObject({
      code: 'artifact_not_found',
      message: expect.stringContaining('"index.mjs"'),
    })
    await expect(server.client.call(getModel, { params: of('odd') })).rejects.toMatchObject({ code: 'model_not_found' })
  })

  test.for(['../up.mjs', '/etc/passwd', 'a//b', 'a\\b', './index.mjs', 'a/..', ''])(
    'cannot have a file at %j',
    async (path) => {
      const files = [{ path: path as BundlePath, digest: await upload('export {}') }]
      const body = { files, signature: SUMS }
      await expect(server.client.call(createVersion, { params: of('odd'), body })).rejects.toMatchObject({
        code: 'invalid_request',
        where: 'body.files.0.path',
      })
    },
  )

  test('that cannot be served is refused with what stands in the way', async () => {
    await expect(push('bad', { 'model.onnx': graphs.withZipMap() })).rejects.toMatchObject({
      code: 'model_unsupported',
    })
    await expect(push('bad', { 'model.onnx': graphs.corrupt() })).rejects.toMatchObject({ code: 'model_unreadable' })
    await expect(push('bad', { 'model.onnx': graphs.truncated() })).rejects.toMatchObject({ code: 'model_unreadable' })
    await expect(push('bad', { 'notes.txt': 'hello' })).rejects.toMatchObject({ where: 'body.runtime' })
    const two = { 'a.onnx': graphs.addConstant(1), 'b.onnx': graphs.addConstant(2) }
    await expect(push('bad', two)).rejects.toMatchObject({ message: expect.stringContaining('2 .onnx files') })
  })

  test('that keeps its weights outside of the graph needs them in the bundle, beside the graph', async () => {
    const graph = graphs.withExternalData()
    await expect(push('outside', { 'model.onnx': graph })).rejects.toMatchObject({
      code: 'model_unsupported',
      message: expect.stringContaining('"weights.bin"'),
    })
    const weights = graphs.externalWeights(1)
    await expect(push('outside', { 'deep/model.onnx': graph, 'weights.bin': weights })).rejects.toMatchObject({
      code: 'model_unsupported',
    })
    expect(await push('outside', { 'deep/model.onnx': graph, 'deep/weights.bin': weights })).toMatchObject({
      version: 1,
    })
  })
})

describe('a page', () => {
  test('of models goes on where the last ended, by the bytes of the names, and is searched without case', async () => {
    const names = ['zeta page', 'Alpha page', 'ümlaut page', '模型 page', 'alpha page 2', '100% page_']
    for (const name of names) await pushVersion(server.client, name, 'export {}')
    const read: string[] = []
    let after: string | undefined
    do {
      const query = { search: 'PAGE', limit: 2, ...(after === undefined ? {} : { after }) }
      const page = await server.client.call(listModels, { params: { project: DEFAULT }, query })
      expect(page.models.length).toBeLessThanOrEqual(2)
      read.push(...page.models.map(({ name }) => name))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(read).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    const found = async (search: string) =>
      (await server.client.call(listModels, { params: { project: DEFAULT }, query: { search } })).models.map(
        ({ name }) => name,
      )
    expect(await found('% p')).toEqual(['100% page_'])
    expect(await found('e_')).toEqual(['100% page_'])
    expect(await found("' or true --")).toEqual([])
  })

  test('of models tells how many there are under the same search, whatever the page', async () => {
    for (const name of ['counted 1', 'counted 2', 'counted 3']) await pushVersion(server.client, name, 'export {}')
    const params = { project: DEFAULT }
    const first = await server.client.call(listModels, { params, query: { search: 'counted', limit: 2 } })
    expect(first).toMatchObject({ models: [{ name: 'counted 1' }, { name: 'counted 2' }], total: 3 })
    const rest = await server.client.call(listModels, {
      params,
      query: { search: 'counted', limit: 2, after: first.next! },
    })
    expect(rest).toMatchObject({ models: [{ name: 'counted 3' }], next: null, total: 3 })
    const serving = await server.client.call(listModels, { params, query: { serving: 'true' } })
    expect(serving).toEqual({ models: [], next: null, total: 0 })
  })

  test('of versions is newest first and ends at the first', async () => {
    for (let number = 1; number <= 5; number++) await pushVersion(server.client, 'paged', `export const n = ${number}`)
    const page = (query: { after?: string; limit?: number }) =>
      server.client.call(listVersions, { params: of('paged'), query })
    const first = await page({ limit: 3 })
    expect(first.versions.map(({ version }) => version)).toEqual([5, 4, 3])
    const rest = await page({ limit: 3, after: first.next! })
    expect(rest).toMatchObject({ versions: [{ version: 2 }, { version: 1 }], next: null })
    await expect(page({ after: 'x' })).rejects.toMatchObject({ code: 'invalid_request', where: 'query.after' })
    await expect(page({ limit: 0 })).rejects.toMatchObject({ where: 'query.limit' })
    expect((await page({ after: '9999999999' })).versions).toHaveLength(5)
  })
})

describe('the graph of a version', () => {
  test('of ONNX is told, again and again, and of JavaScript there is none', async () => {
    await push('drawn', { 'model.onnx': graphs.image({ classes: 4 }) })
    await push('drawn', { 'index.mjs': 'export {}' }, { signature: SUMS })
    const graphOf = (version: number) =>
      server.client.call(versionGraph, { params: { ...of('drawn'), version: v(version) } })
    const graph = await graphOf(1)
    expect(graph).toMatchObject({
      inputs: [{ name: 'image', shape: ['batch', 3, 224, 224] }],
      nodes: [{ operator: 'GlobalAveragePool' }, { operator: 'Flatten' }, { operator: 'MatMul' }],
      weights: [{ name: 'pick', datatype: 'FP32', shape: [3, 4], bytes: 48 }],
      totalNodes: 3,
      totalWeights: 1,
    })
    expect(await Promise.all([graphOf(1), graphOf(1)])).toEqual([graph, graph])
    await expect(graphOf(2)).rejects.toMatchObject({ code: 'graph_not_found' })
    await expect(graphOf(3)).rejects.toMatchObject({ code: 'version_not_found' })
  })
})

describe('a model', () => {
  test('tells its newest version, and no more of one that is gone', async () => {
    await push('newest', { 'model.onnx': graphs.addConstant(1) })
    const body = 'export const n = 1'
    await pushVersion(server.client, 'newest', body)
    const latest = { version: 2, runtime: 'javascript', size: body.length, inputs: 1, outputs: 1 }
    expect(await server.client.call(getModel, { params: of('newest') })).toMatchObject({
      latestVersion: 2,
      latest: { ...latest, createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) },
      versions: 2,
      deployments: [],
    })
    for (const version of [2, 1])
      await server.client.call(deleteVersion, { params: { ...of('newest'), version: v(version) } })
    const emptied = await server.client.call(getModel, { params: of('newest') })
    expect(emptied).toMatchObject({ latestVersion: null, latest: null, versions: 0 })
    expect(await server.client.call(modelServing, { params: of('newest'), query: {} })).toEqual({ spans: [] })
  })

  test.for([
    '模型 für 数',
    'a%2Fb',
    '100%',
    'a?b#c',
    '; drop table models',
    '__proto__',
    'constructor',
    '👩‍👩‍👧',
    '...',
    '-',
    `"'<b>`,
  ])('may be called %s', async (name) => {
    await pushVersion(server.client, name, 'export {}')
    expect(await server.client.call(getModel, { params: of(name) })).toMatchObject({
      name,
      versions: 1,
      latestVersion: 1,
    })
    await server.client.call(deleteModel, { params: of(name) })
    await expect(server.client.call(getModel, { params: of(name) })).rejects.toMatchObject({ code: 'model_not_found' })
  })

  test.for(['a/b', 'a:b', 'a\\b', ' a', 'a\n', '\u0000', '..', 'a'.repeat(257)])(
    'may not be called %j',
    async (name) => {
      const model = name as ModelName
      const answer = server.client.call(getModel, { params: { project: DEFAULT, model } })
      await expect(answer).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid_request|route_not_found)$/),
      })
      const { models } = await server.client.call(listModels, { params: { project: DEFAULT }, query: { limit: 1000 } })
      expect(models.map((one) => one.name)).not.toContain(name)
    },
  )

  test('never gives a number twice, not even that of the newest version after its deletion', async () => {
    for (const number of [1, 2]) await pushVersion(server.client, 'numbers', `export const n = ${number}`)
    await server.client.call(deleteVersion, { params: { ...of('numbers'), version: v(2) } })
    await expect(
      server.client.call(deleteVersion, { params: { ...of('numbers'), version: v(2) } }),
    ).rejects.toMatchObject({ code: 'version_not_found' })
    expect(await server.client.call(getModel, { params: of('numbers') })).toMatchObject({
      latestVersion: 1,
      versions: 1,
    })
    expect(await pushVersion(server.client, 'numbers', 'export const n = 2')).toMatchObject({ version: 3 })
  })

  test('has aliases that move, end, and go with their version', async () => {
    for (const number of [1, 2]) await pushVersion(server.client, 'aliased', `export const n = ${number}`)
    const alias = AliasName.parse('champion')
    const params = { ...of('aliased'), alias }
    const set = (version: number) => server.client.call(setAlias, { params, body: { version: v(version) } })
    expect((await set(1)).aliases).toEqual({ champion: 1 })
    expect((await set(2)).aliases).toEqual({ champion: 2 })
    expect(await server.client.call(getVersion, { params: { ...of('aliased'), version: v(2) } })).toMatchObject({
      aliases: ['champion'],
    })
    await expect(set(3)).rejects.toMatchObject({ code: 'version_not_found' })
    await server.client.call(deleteAlias, { params })
    await expect(server.client.call(deleteAlias, { params })).rejects.toMatchObject({ code: 'alias_not_found' })
    await set(2)
    await server.client.call(deleteVersion, { params: { ...of('aliased'), version: v(2) } })
    expect(await server.client.call(getModel, { params: of('aliased') })).toMatchObject({ aliases: {} })
    for (const numeric of ['1', 'v1'])
      await expect(
        server.client.call(setAlias, { params: { ...params, alias: numeric as AliasName }, body: { version: v(1) } }),
      ).rejects.toMatchObject({ code: 'invalid_request', where: 'path.alias' })
  })
})
