import {
  changeModel,
  createVersion,
  deploymentHistory,
  DeploymentName,
  getDeployment,
  getVersion,
  ModelName,
  modelServing,
  rollbackDeployment,
  swapDeployment,
} from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { addConstant, corrupt, identity } from '../../../../../dev/fixtures/onnx/models.ts'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT, deploy } from '../../scratch-server.fixture.ts'
import { startFakeRunner } from '../runners/fake-runner.fixture.ts'

let count = 0
const fresh = (what = 'versions') => `${what} ${(count += 1)}`
const v = (number: number) => number as VersionNumber
const of = (model: string) => ({ project: DEFAULT, model: ModelName.parse(model) })

const ONNX = `flavors:
  onnx: {data: model.onnx, onnx_version: 1.19.0}
  python_function: {data: model.onnx, loader_module: mlflow.onnx, python_version: 3.11.7}
mlflow_version: 3.11.2
`
const sklearn = (signature: object | undefined) => `flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}
${signature === undefined ? 'signature: null' : `signature: ${JSON.stringify(signature)}`}
`
const COLUMNS = {
  inputs: JSON.stringify([
    { type: 'double', name: 'x', required: true },
    { type: 'string', name: 'place', required: true },
  ]),
  outputs: JSON.stringify([{ type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1, 3] } }]),
}

describeOverWire('versions over MLflow’s protocol', (wire) => {
  const model = async (name = fresh()) => {
    await wire.post('registered-models/create', { name })
    return name
  }
  const create = (name: string, more: object) => wire.post('model-versions/create', { name, ...more })
  const get = (name: string, version: string) => wire.get('model-versions/get', { name, version })
  const native = (name: string, version: number) =>
    wire.server.client.call(getVersion, { params: { ...of(name), version: v(version) } })
  const locationOf = async (name: string, version: string) =>
    (await wire.get('model-versions/get-download-uri', { name, version })).body.artifact_uri as string | undefined
  const run = async () => {
    const { body } = await wire.post('runs/create', { experiment_id: '0', start_time: 1 })
    const { run_id, artifact_uri } = (body.run as { info: { run_id: string; artifact_uri: string } }).info
    return { run_id, artifact_uri, path: artifact_uri.replace('mlflow-artifacts:/', '') }
  }
  const logged = async (more: object = {}) => {
    const { body } = await wire.post('logged-models', { experiment_id: '0', name: 'model', ...more })
    const { model_id, artifact_uri } = (body.model as { info: { model_id: string; artifact_uri: string } }).info
    return { model_id, artifact_uri, path: artifact_uri.replace('mlflow-artifacts:/', '') }
  }

  test('a version is created, read, described and deleted, and its number never comes again', async () => {
    const name = await model()
    const asked = {
      source: 's3://bucket/m',
      run_id: 'abc',
      run_link: 'http://b/1',
      description: 'first',
      tags: [{ key: 'a', value: 'b' }],
    }
    const made = await create(name, asked)
    expect(made).toMatchObject({
      status: 200,
      body: { model_version: { name, version: '1', current_stage: 'None', status: 'READY', ...asked } },
    })
    expect(await get(name, '1')).toEqual(made)
    const change = await wire.send('PATCH', 'model-versions/update', { name, version: '1', description: 'other' })
    expect(change).toMatchObject({ body: { model_version: { description: 'other' } } })
    await create(name, { source: 's3://bucket/m' })
    expect(await wire.send('DELETE', 'model-versions/delete', { name, version: '2' })).toEqual({
      status: 200,
      body: {},
    })
    expect((await get(name, '2')).status).toBe(404)
    expect(await create(name, { source: 's3://bucket/m' })).toMatchObject({ body: { model_version: { version: '3' } } })
  })

  test('a version that is not there is told by name and number, whatever is asked of it', async () => {
    const name = await model()
    const tag = { key: 'k', value: 'v' }
    for (const [of, version] of [
      [name, '99'],
      ['nobody', '1'],
      [name, '0'],
      [name, '99999999999'],
    ] as const) {
      const message = `Model Version (name=${of}, version=${version}) not found`
      const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message } }
      const one = { name: of, version }
      expect(await wire.get('model-versions/get', one)).toEqual(absent)
      expect(await wire.get('model-versions/get-download-uri', one)).toEqual(absent)
      expect(await wire.send('PATCH', 'model-versions/update', { ...one, description: '' })).toEqual(absent)
      expect(await wire.send('DELETE', 'model-versions/delete', one)).toEqual(absent)
      expect(await wire.post('model-versions/transition-stage', { ...one, stage: 'Staging' })).toEqual(absent)
      expect(await wire.post('model-versions/set-tag', { ...one, ...tag })).toEqual(absent)
      expect(await wire.send('DELETE', 'model-versions/delete-tag', { ...one, key: 'k' })).toEqual(absent)
    }
    expect(await get(name, 'abc')).toEqual({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: "Parameter 'version' must be an integer, got 'abc'." },
    })
    expect(await create(name, {})).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Missing value for required parameter 'source'") },
    })
  })

  test('tags are set and taken away', async () => {
    const name = await model()
    await create(name, { source: 's3://b/m' })
    const tags = async () => ((await get(name, '1')).body.model_version as { tags?: object[] }).tags
    const one = { name, version: '1' }
    await wire.post('model-versions/set-tag', { ...one, key: 'k', value: 'é' })
    expect(await tags()).toEqual([{ key: 'k', value: 'é' }])
    await wire.send('DELETE', 'model-versions/delete-tag', { ...one, key: 'k' })
    await wire.send('DELETE', 'model-versions/delete-tag', { ...one, key: 'k' })
    expect(await tags()).toBeUndefined()
    expect(
      await wire.post('model-versions/set-tag', { ...one, key: 'mlflow.prompt.text', value: 'x'.repeat(100_001) }),
    ).toMatchObject({
      status: 400,
      body: { message: 'Prompt text exceeds max length of 100000 characters.' },
    })
  })

  test('stages are moved to, in any case of letters, and those that were there archived if asked', async () => {
    const name = await model()
    for (const _ of [1, 2]) await create(name, { source: 's3://b/m' })
    const move = (version: string, stage: string, archive_existing_versions?: boolean) =>
      wire.post('model-versions/transition-stage', { name, version, stage, archive_existing_versions })
    expect(await move('1', 'pRoduction')).toMatchObject({ body: { model_version: { current_stage: 'Production' } } })
    await move('2', 'Production', true)
    expect(await get(name, '1')).toMatchObject({ body: { model_version: { current_stage: 'Archived' } } })
    expect(await move('1', 'none', true)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('cannot archive existing model versions because') },
    })
    expect(await move('1', 'Gone')).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Invalid Model Version stage: Gone') },
    })
  })

  test('a search finds versions by name, run, source, number and tags, the last changed first', async () => {
    const [one, other] = [await model(fresh('find')), await model(fresh('find'))]
    const run_id = fresh('r').replace(' ', '')
    await create(one, { source: 's3://b/first', run_id })
    await create(one, { source: 's3://b/second', tags: [{ key: 'k', value: 'v' }] })
    await create(other, { source: 's3://b/third', run_id: 'other' })
    const found = async (query: Record<string, string | string[] | number>) => {
      const { status, body } = await wire.get('model-versions/search', query)
      expect({ status, body }).toMatchObject({ status: 200 })
      return ((body.model_versions ?? []) as { name: string; version: string }[]).map(
        ({ name, version }) => `${name}/${version}`,
      )
    }
    expect(await found({ filter: `name = '${one}'` })).toEqual([`${one}/2`, `${one}/1`])
    expect(await found({ filter: `run_id = '${run_id}'` })).toEqual([`${one}/1`])
    expect(await found({ filter: `run_id IN ('${run_id}', 'none')` })).toEqual([`${one}/1`])
    expect(await found({ filter: `source_path = 's3://b/second' AND name = '${one}'` })).toEqual([`${one}/2`])
    expect(await found({ filter: `name = '${one}' AND version_number > 1` })).toEqual([`${one}/2`])
    expect(await found({ filter: `name = '${one}' AND tags.k = 'v'` })).toEqual([`${one}/2`])
    expect(await found({ filter: `name = '${one}' AND NOT tags.k = 'v'`, order_by: ['name'] })).toEqual([`${one}/1`])
    const pages: string[] = []
    for (let token = ''; ;) {
      const filter = `name IN ('${one}', '${other}')`
      const { body } = await wire.get('model-versions/search', {
        filter,
        max_results: 1,
        order_by: ['name ASC', 'version_number ASC'],
        page_token: token,
      })
      pages.push(
        ...(body.model_versions as { name: string; version: string }[]).map(
          ({ name, version }) => `${name}/${version}`,
        ),
      )
      if (body.next_page_token === undefined) break
      token = body.next_page_token as string
    }
    expect(pages).toEqual([`${one}/1`, `${one}/2`, `${other}/1`])
    expect(await wire.get('model-versions/search', { max_results: 200_001 })).toMatchObject({ status: 400 })
    expect(await wire.get('model-versions/search', { filter: "name = 'no such'" })).toEqual({ status: 200, body: {} })
  })

  describe('a source', () => {
    test('below a run is the files that were there, which stay what they were', async () => {
      const name = await model()
      const { run_id, artifact_uri, path } = await run()
      await wire.put(`${path}/model/MLmodel`, ONNX)
      await wire.put(`${path}/model/model.onnx`, addConstant(1))
      const source = `runs:/${run_id}/model`
      expect(await create(name, { source, run_id })).toMatchObject({ body: { model_version: { source, run_id } } })
      const made = await native(name, 1)
      expect(made).toMatchObject({ runtime: 'onnx', source, run: run_id, provenance: { sourceRun: run_id } })
      expect(made.files.map((file) => file.path)).toEqual(['MLmodel', 'model.onnx'])
      expect(made.signature).toMatchObject({ inputs: [{ datatype: 'FP32', shape: [-1, 2] }] })
      expect(await locationOf(name, '1')).toBe(`${artifact_uri}/model`)
      await wire.put(`${path}/model/model.onnx`, addConstant(2))
      expect(await native(name, 1)).toEqual(made)
    })

    test('that is a logged model is its files and its run, and the logged model tells of the version', async () => {
      const name = await model()
      const { run_id } = await run()
      const { model_id, artifact_uri, path } = await logged({ source_run_id: run_id })
      await wire.put(`${path}/MLmodel`, sklearn(COLUMNS))
      await wire.put(`${path}/model.pkl`, 'pickled')
      await create(name, { source: `models:/${model_id}`, model_id })
      expect(await native(name, 1)).toMatchObject({
        runtime: 'python',
        run: run_id,
        loggedModel: model_id,
        signature: {
          inputs: [
            { name: 'x', datatype: 'FP64', shape: [-1] },
            { name: 'place', datatype: 'BYTES', shape: [-1] },
          ],
          outputs: [{ name: 'output', datatype: 'INT64', shape: [-1, 3] }],
        },
      })
      expect(await locationOf(name, '1')).toBe(artifact_uri)
      const { body } = await wire.get(`logged-models/${model_id}`)
      expect(body).toMatchObject({
        model: { info: { tags: [{ key: 'mlflow.modelVersions', value: JSON.stringify([{ name, version: '1' }]) }] } },
      })
      expect(await create(name, { source: `models:/m-${'0'.repeat(32)}` })).toMatchObject({
        status: 404,
        body: { message: expect.stringContaining('Unable to fetch model from model URI source artifact location') },
      })
    })

    test('below a run that names a model of the run means that model', async () => {
      const name = await model()
      const { run_id } = await run()
      const { model_id, path } = await logged({ name: 'net', source_run_id: run_id })
      await wire.put(`${path}/model.onnx`, addConstant(3))
      await create(name, { source: `runs:/${run_id}/net`, run_id })
      expect(await native(name, 1)).toMatchObject({
        runtime: 'onnx',
        loggedModel: model_id,
        size: addConstant(3).length,
      })
    })

    test('that is another version is a copy of it, also of one that was pushed', async () => {
      const [from, to] = [await model(), await model()]
      const { path, artifact_uri } = await run()
      await wire.put(`${path}/m/model.onnx`, addConstant(4))
      await create(from, { source: `${artifact_uri}/m` })
      await wire.post('registered-models/alias', { name: from, alias: 'best', version: '1' })
      for (const suffix of ['/1', '@best', '/latest']) await create(to, { source: `models:/${from}${suffix}` })
      const [first, ...others] = await Promise.all([native(from, 1), native(to, 1), native(to, 2), native(to, 3)])
      for (const copy of others)
        expect(copy).toMatchObject({ digest: first.digest, files: first.files, runtime: 'onnx' })
      expect(await locationOf(to, '1')).toBe(`${artifact_uri}/m`)
      for (const suffix of ['/7', '@none'])
        expect((await create(to, { source: `models:/${from}${suffix}` })).status).toBe(404)
      expect(await create(to, { source: 'models:/a/b/c' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('Not a proper models:/ URI') },
      })
    })

    test.each([
      's3://bucket/key',
      'https://example.com/model',
      'dbfs:/models/a',
      'hdfs://a/b',
      `runs:/${'f'.repeat(32)}/model`,
    ])('elsewhere is kept as it is: %s', async (source) => {
      const name = await model()
      expect(await create(name, { source })).toMatchObject({ status: 200, body: { model_version: { source } } })
      expect(await native(name, 1)).toMatchObject({ files: [], signature: { inputs: [], outputs: [] } })
      expect(await locationOf(name, '1')).toBe(source)
    })
  })

  test('what MLflow’s clients registered is deployed, swapped and rolled back like any other version, and goes on under another name', async () => {
    const { client } = wire.server
    const runner = await startFakeRunner(client, `runner-${fresh('r').replaceAll(' ', '-')}`)
    const [name, renamed] = [await model(), fresh()]
    const { path, artifact_uri } = await run()
    for (const k of [1, 2]) {
      await wire.put(`${path}/m/MLmodel`, ONNX)
      await wire.put(`${path}/m/model.onnx`, addConstant(k))
      await create(name, { source: `${artifact_uri}/m` })
    }
    const one = DeploymentName.parse(fresh('deployed').replaceAll(' ', '-'))
    const params = { project: DEFAULT, deployment: one }
    await deploy(client, one, name, v(1))
    await client.call(swapDeployment, { params, body: { version: v(2) } })
    await client.call(changeModel, { params: of(name), body: { name: ModelName.parse(renamed) } })
    expect(await client.call(getDeployment, { params })).toMatchObject({ table: { model: renamed, generation: 2 } })
    expect(runner.desired.get(one)).toMatchObject({
      table: { model: renamed },
      versions: [{ model: renamed, version: 2 }],
    })
    const { generations } = await client.call(deploymentHistory, { params, query: {} })
    expect(generations.map((generation) => generation.model)).toEqual([renamed, renamed])
    const { spans } = await client.call(modelServing, { params: of(renamed), query: {} })
    expect(spans.map(({ version, until }) => [version, until === null])).toEqual([
      [2, true],
      [1, false],
    ])
    expect(await client.call(rollbackDeployment, { params, body: {} })).toMatchObject({ to: 1, generation: 3 })
    expect(await client.call(swapDeployment, { params, body: { version: v(2) } })).toMatchObject({
      to: 2,
      generation: 4,
    })
    expect(await wire.send('DELETE', 'model-versions/delete', { name: renamed, version: '2' })).toMatchObject({
      status: 409,
      body: { error_code: 'RESOURCE_CONFLICT' },
    })
    await runner.fallSilent()
  })

  test('what cannot be served is refused with what to do, before any runner is asked', async () => {
    const { client } = wire.server
    const refusal = async (name: string) => {
      const at = DeploymentName.parse(fresh('refused').replaceAll(' ', '-'))
      const error = await deploy(client, at, name, v(1)).catch((failure: unknown) => failure)
      expect(error).toMatchObject({ code: 'version_not_servable', status: 400 })
      return (error as Error).message
    }
    const elsewhere = await model()
    await create(elsewhere, { source: 's3://bucket/model' })
    expect(await refusal(elsewhere)).toContain('its files are not here, but at s3://bucket/model')
    const { path, artifact_uri } = await run()
    await wire.put(`${path}/bare/MLmodel`, sklearn(undefined))
    const bare = await model()
    await create(bare, { source: `${artifact_uri}/bare` })
    expect(await refusal(bare)).toContain('log the model with a signature')
    await wire.put(`${path}/broken/model.onnx`, corrupt())
    const broken = await model()
    expect((await create(broken, { source: `${artifact_uri}/broken` })).status).toBe(200)
    expect(await refusal(broken)).toContain('its graph cannot be read')
  })

  test('an MLmodel that nobody can read keeps no model from being registered', async () => {
    const { path, artifact_uri } = await run()
    for (const [index, text] of [
      '{',
      'flavors: 3',
      '&a [*a, *a]',
      '!!python/object/apply:os.system ["true"]',
    ].entries()) {
      await wire.put(`${path}/odd${index}/MLmodel`, text)
      const name = await model()
      expect((await create(name, { source: `${artifact_uri}/odd${index}` })).status).toBe(200)
      expect(await native(name, 1)).toMatchObject({ runtime: 'python', signature: { inputs: [], outputs: [] } })
    }
  })

  test('versions of both kinds stand in one line', async () => {
    const name = await model()
    await create(name, { source: 's3://bucket/model' })
    await wire.put('9/pushed/model.onnx', identity('FP32', [-1]))
    await create(name, { source: 'mlflow-artifacts:/9/pushed' })
    const { files } = await native(name, 2)
    const listed = files.map(({ path, digest }) => ({ path, digest }))
    const pushed = await wire.server.client.call(createVersion, { params: of(name), body: { files: listed } })
    expect(pushed).toMatchObject({ version: 3, source: '', runtime: 'onnx' })
    const again = { params: of(name), body: { files: listed, ifNew: true } }
    expect(await wire.server.client.call(createVersion, again)).toMatchObject({ version: 3, created: false })
    expect(await wire.server.client.call(getVersion, { params: { ...of(name), version: v(1) } })).toMatchObject({
      source: 's3://bucket/model',
    })
  })
})
