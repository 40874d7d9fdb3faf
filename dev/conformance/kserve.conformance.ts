import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { pythonWith, startClient } from './python.ts'
import type { ForeignClient } from './python.ts'

const found = await pythonWith(['kserve>=0.15'])
if ('missing' in found) leaveOut("foreign clients: KServe's", found.missing)

interface Told {
  model: string
  version: string | null
  id: string
  outputs: Record<string, { shape: number[]; values: number[] }>
}

describe.skipIf('missing' in found)("KServe's own client", () => {
  let platform: Platform
  let client: ForeignClient
  beforeAll(async () => {
    platform = await startPlatform()
    await platform.push('adder', addConstant(1))
    await platform.deploy('sums', 'adder', 1)
    const { rest, grpc } = platform.runners[0]!
    client = startClient('python' in found ? found.python : '', 'kserve_client.py', [rest, grpc])
  })
  afterAll(async () => {
    await client?.stop()
    await platform?.stop()
  })

  test.each(['restReady', 'grpcReady'])('finds server and model ready: %s', async (action) => {
    expect(await client.do(action, { model: 'sums' })).toEqual([true, true, true])
  })

  test.each([
    ['restInfer', true],
    ['restInfer', false],
    ['grpcInfer', true],
    ['grpcInfer', false],
  ])('infers: %s, binary %s', async (action, binary) => {
    const x = { name: 'x', datatype: 'FP32', shape: [2, 2], values: [1, 2, 3, 4], binary }
    expect(await client.do<Told>(action, { model: 'sums', id: 'seven', inputs: [x] })).toEqual({
      model: 'sums',
      // KServe's reader of REST answers drops it.
      version: action === 'grpcInfer' ? '1' : null,
      id: 'seven',
      outputs: { y: { shape: [2, 2], values: [2, 3, 4, 5] } },
    })
  })

  test('predicts by the first protocol', async () => {
    expect(await client.do('predict', { model: 'sums', instances: [[1, 2]] })).toEqual({ predictions: [[2, 3]] })
  })

  test('hears why a request was refused', async () => {
    const x = { name: 'x', datatype: 'FP32', shape: [1, 3], values: [1, 2, 3], binary: true }
    await expect(client.do('grpcInfer', { model: 'sums', id: '', inputs: [x] })).rejects.toThrow(/"x"/)
    await expect(client.do('restInfer', { model: 'nobody', id: '', inputs: [x] })).rejects.toThrow(/nobody/)
  })
})
