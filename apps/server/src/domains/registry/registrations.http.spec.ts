import { createModel, createRun, listRunVersions, ModelName, putRunFile, registerVersion } from '@stead/contracts'
import type { FilePath, RunId } from '@stead/contracts'
import { expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'

const params = (model: string) => ({ project: DEFAULT, model: ModelName.parse(model) })
const MLMODEL = `flavors:
  python_function: {loader_module: mlflow.sklearn}
signature: {inputs: '[{"type": "double", "name": "x"}]', outputs: '[{"type": "double"}]'}
`

describeOverWire('versions that are registered over our own API', (wire) => {
  const model = async (name: string) => {
    await wire.server.client.call(createModel, { params: { project: DEFAULT }, body: { name: ModelName.parse(name) } })
    return name
  }
  const run = async () => {
    const { client } = wire.server
    const { id } = await client.call(createRun, { params: { project: DEFAULT }, body: {} })
    await client.send(
      putRunFile,
      { params: { project: DEFAULT, run: id }, query: { path: 'model/MLmodel' as FilePath } },
      { body: new TextEncoder().encode(MLMODEL) },
    )
    return id
  }
  const register = (name: string, source: string, of: RunId | null) =>
    wire.server.client.call(registerVersion, { params: params(name), body: { source, run: of } })
  const madeBy = async (of: RunId) =>
    (await wire.server.client.call(listRunVersions, { params: { project: DEFAULT, run: of } })).versions

  test('a folder of a run becomes the next version, and the run tells which were made of it, newest first', async () => {
    const [name, id] = [await model('trees'), await run()]
    expect(await madeBy(id)).toEqual([])
    const first = await register(name, `runs:/${id}/model`, id)
    expect(first).toMatchObject({ model: name, version: 1, run: id, runtime: 'python', source: `runs:/${id}/model` })
    expect(first.files.map(({ path }) => path)).toEqual(['MLmodel'])
    expect(first.signature.inputs.map(({ name: input }) => input)).toEqual(['x'])
    await register(name, `runs:/${id}/model`, id)
    expect((await madeBy(id)).map(({ version }) => version)).toEqual([2, 1])
    expect(await madeBy(await run())).toEqual([])
  })

  test('of a run that is not there no versions are told', async () => {
    await expect(madeBy('constructor' as RunId)).rejects.toMatchObject({ code: 'run_not_found' })
  })

  test('a model that is not there, and a source that leads upwards, are refused', async () => {
    const id = await run()
    await expect(register('nobody', `runs:/${id}/model`, id)).rejects.toMatchObject({ code: 'model_not_found' })
    const name = await model('upwards')
    await expect(register(name, `runs:/${id}/../../etc`, id)).rejects.toMatchObject({
      code: 'invalid_request',
      where: 'source',
    })
    expect(await madeBy(id)).toEqual([])
  })
})
