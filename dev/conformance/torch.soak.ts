import { getModel, ModelName, ProjectName } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { pythonWith, startClient } from './python.ts'
import type { ForeignClient } from './python.ts'

// Gigabytes, where there are builds for graphics cards alone: that is why it is a soak.
const found = await pythonWith(['mlflow==3.17.2', 'torch', 'lightning'])
if ('missing' in found) leaveOut('foreign clients: PyTorch under MLflow', found.missing)

describe.skipIf('missing' in found)('PyTorch under MLflow’s own client', () => {
  let platform: Platform
  let client: ForeignClient
  beforeAll(async () => {
    platform = await startPlatform()
    client = startClient('python' in found ? found.python : '', 'torch_client.py', [platform.url])
  })
  afterAll(async () => {
    await client?.stop()
    await platform?.stop()
  })

  test('logs by itself what Lightning trains, epoch by epoch', async () => {
    expect(await client.do('autolog', { experiment: 'lightning', epochs: 20 })).toEqual({
      status: 'FINISHED',
      points: 20,
      falls: true,
      optimizer: 'Adam',
    })
  })

  test('a model that was trained, logged and registered answers the same when it is loaded back', async () => {
    const told = await client.do('register', { experiment: 'torch', name: 'torch-line', steps: 1_000 })
    expect(told).toEqual({ equal: Array(8).fill(true), points: 1_000, falls: true })
    const params = { project: ProjectName.parse('default'), model: ModelName.parse('torch-line') }
    expect((await platform.client.call(getModel, { params })).aliases).toMatchObject({ champion: 1 })
  })
})
