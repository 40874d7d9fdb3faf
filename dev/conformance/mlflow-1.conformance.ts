import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { type ForeignClient, pythonWith, startClient } from './python.ts'

// Without models: what they need has no wheels any more.
const found = await pythonWith(['mlflow-skinny==1.30.1', 'setuptools<81'])
if ('missing' in found) leaveOut("foreign clients: MLflow's 1.x", found.missing)

describe.skipIf('missing' in found)("MLflow's own client, 1.x", () => {
  let platform: Platform
  let client: ForeignClient
  beforeAll(async () => {
    platform = await startPlatform({ runners: 0 })
    client = startClient('python' in found ? found.python : '', 'mlflow_1_client.py', [platform.url])
  })
  afterAll(async () => {
    await client?.stop()
    await platform?.stop()
  })

  test('logs params, metrics, texts and nested runs, and reads them again', async () => {
    const told = await client.do<Record<string, unknown>>('log', { experiment: 'first' })
    expect(told).toEqual({
      run: told.run,
      name: 'outer',
      status: 'FINISHED',
      params: { depth: '3', unicode: 'größer ☂' },
      metrics: { loss: '0.2', nan: 'nan', auc: '0.9' },
      history: 5,
      files: ['notes/hello.txt'],
      text: 'hello',
      parent: told.run,
    })
  })

  test('finds runs and experiments, page by page, deleted ones too', async () => {
    expect(await client.do('search', { experiment: 'found' })).toEqual({
      both: [2],
      pages: [[1, 2], [3]],
      deleted: [3],
      infos: 3,
      listed: true,
      searched: ['found'],
    })
  })

  test('registers a model, and moves its versions through stages', async () => {
    expect(await client.do('register', { experiment: 'models', name: 'irises' })).toEqual({
      version: ['1', 'Production', 'the first', { checked: 'yes' }],
      listed: ['irises'],
      latest: ['1 Production', '2 None'],
      searched: ['1', '2'],
      uri: true,
    })
  })
})
