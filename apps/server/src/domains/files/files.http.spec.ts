import {
  deleteRunFiles,
  FilePath,
  getLoggedModelFile,
  getRunFile,
  listRunFiles,
  putLoggedModelFile,
  putRunFile,
  RunId,
} from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'
import { addLoggedModel, addRun, serveFilesOn } from './files.fixture.ts'

const params = { project: DEFAULT, run: RunId.parse('a-run') }
const ofModel = { project: DEFAULT, loggedModel: 'm-1' }
const at = (path: string) => ({ path: FilePath.parse(path) })
const bytes = (text: string) => ({ body: Buffer.from(text), size: text.length })

describeOnDatabases('files over the native API', (databases) => {
  const open = async () => {
    const database = await databases.open()
    await addRun(database, params.run)
    await addLoggedModel(database, ofModel.loggedModel)
    const served = await serveFilesOn(database)
    return { client: createClient({ url: served.url }), close: served.close }
  }

  test('files of a run are put, listed by pages, read in parts and removed, by paths from its own top', async () => {
    const { client, close } = await open()
    for (const path of ['a.txt', 'plots/one.png', 'plots/two.png', 'z'])
      expect(await client.send(putRunFile, { params, query: at(path) }, bytes(path))).toMatchObject({
        path,
        isFolder: false,
        size: path.length,
      })
    const first = await client.call(listRunFiles, { params, query: { limit: 2 } })
    expect(first.files.map(({ path, isFolder }) => [path, isFolder])).toEqual([
      ['a.txt', false],
      ['plots', true],
    ])
    const rest = await client.call(listRunFiles, { params, query: { limit: 2, after: first.next! } })
    expect([rest.files.map(({ path }) => path), rest.next]).toEqual([['z'], null])
    const inside = await client.call(listRunFiles, { params, query: { path: 'plots/' } })
    expect(inside.files.map(({ path }) => path)).toEqual(['plots/one.png', 'plots/two.png'])
    const got = await client.open(getRunFile, { params, query: at('plots/one.png') })
    expect([got.headers.get('content-type'), await got.text()]).toEqual(['image/png', 'plots/one.png'])
    await client.call(deleteRunFiles, { params, query: at('plots') })
    expect((await client.call(listRunFiles, { params, query: {} })).files).toHaveLength(2)
    await expect(client.open(getRunFile, { params, query: at('plots/one.png') })).rejects.toMatchObject({
      code: 'file_not_found',
    })
    await close()
  })

  test('files of a logged model are its own; a run that is not there has none', async () => {
    const { client, close } = await open()
    await client.send(putLoggedModelFile, { params: ofModel, query: at('MLmodel') }, bytes('flavors: {}'))
    const got = await client.open(getLoggedModelFile, { params: ofModel, query: at('MLmodel') })
    expect(await got.text()).toBe('flavors: {}')
    const nowhere = { params: { ...params, run: RunId.parse('nowhere') }, query: {} }
    await expect(client.call(listRunFiles, nowhere)).rejects.toMatchObject({ code: 'run_not_found', status: 404 })
    const missing = { params: { ...ofModel, loggedModel: 'm-2' }, query: at('MLmodel') }
    await expect(client.open(getLoggedModelFile, missing)).rejects.toMatchObject({ code: 'logged_model_not_found' })
    const climbing = { params, query: { path: '%2e%2e/x' as FilePath } }
    await expect(client.open(getRunFile, climbing)).rejects.toMatchObject({
      code: 'invalid_request',
      where: 'query.path',
    })
    await close()
  })
})
