import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant, corrupt, wrongContract } from '../fixtures/onnx/models.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { startClient } from './python.ts'
import type { ForeignClient, ForeignError } from './python.ts'
import { fp32, numbers, startTriton, tritonPython } from './triton.ts'
import type { Protocol, TritonClient } from './triton.ts'

const found = await tritonPython()
if ('missing' in found) leaveOut('foreign clients: the model repository', found.missing)

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
interface Entry {
  name: string
  version: string
  state: string
  reason: string
}

describe.skipIf('missing' in found)('the model repository', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ frontEnds: 2 })
  })
  afterAll(() => platform?.stop())

  describe.each<Protocol>(['http', 'grpc'])('through tritonclient over %s', (protocol) => {
    const model = `sums-${protocol}`
    let client: TritonClient
    beforeAll(async () => {
      client = startTriton('python' in found ? found.python : '', protocol, platform.runners[0]!)
      await platform.push(model, addConstant(1))
      await platform.push(model, addConstant(2))
      await platform.deploy(model, model, 1)
    })
    afterAll(() => client?.stop())

    const ask = (version = '') => client.infer({ model, version, inputs: [fp32([[10, 20]])] })
    const failure = (asked: Promise<unknown>) =>
      asked.then(
        () => undefined,
        (error: ForeignError) => ({ type: error.type, status: error.status, message: error.message }),
      )
    const entries = async () => {
      const index = await client.do<Entry[] | { models: Entry[] }>('index')
      return (Array.isArray(index) ? index : index.models).filter(({ name }) => name === model)
    }
    const unavailable = protocol === 'http' ? '503' : 'StatusCode.UNAVAILABLE'
    const invalid = protocol === 'http' ? '400' : 'StatusCode.INVALID_ARGUMENT'
    const unknown = protocol === 'http' ? '404' : 'StatusCode.NOT_FOUND'

    test('lists what serves', async () => {
      expect(await entries()).toMatchObject([{ name: model, version: '1', state: 'READY' }])
    })

    test('unload parks: not ready, 503, still in the index; load brings it back', async () => {
      await client.do('unload', { model })
      expect(await client.do('modelReady', { model })).toBe(false)
      expect(await failure(ask())).toEqual({
        type: 'InferenceServerException',
        status: unavailable,
        message: expect.stringContaining(`deployment "${model}" is parked`),
      })
      expect(await entries()).toMatchObject([{ version: '1', state: 'UNAVAILABLE', reason: 'parked' }])
      expect((await platform.deployment(model)).table.parked).toBe('load')

      await client.do('load', { model })
      expect(await client.do('modelReady', { model })).toBe(true)
      expect(numbers(await ask())).toEqual([11, 21])
      expect(await entries()).toMatchObject([{ version: '1', state: 'READY' }])
    })

    test('load with the bytes of a model makes a version and swaps to it', async () => {
      await client.do('load', {
        model,
        config: JSON.stringify({ name: model, backend: 'onnxruntime' }),
        files: { 'file:1/model.onnx': hex(addConstant(3)) },
      })
      const answer = await ask()
      expect(numbers(answer)).toEqual([13, 23])
      expect(answer.version).toBe('3')
      const { table } = await platform.deployment(model)
      expect(table.routes).toEqual([{ version: 3, weight: 100 }])
    })

    test('the same bytes again make no further version', async () => {
      const files = { 'file:1/model.onnx': hex(addConstant(3)) }
      await client.do('load', { model, config: '{}', files })
      expect((await ask()).version).toBe('3')
    })

    test('the version before stands by, and answers who asks for it by number', async () => {
      const answer = await ask('1')
      expect(answer.version).toBe('1')
      expect(numbers(answer)).toEqual([11, 21])
    })

    test('bytes that are no model are refused, and the version that serves goes on', async () => {
      for (const [files, message] of [
        [{ 'file:1/model.onnx': hex(corrupt()) }, /model|ONNX/i],
        [{ 'file:1/model.onnx': hex(wrongContract()) }, /features|contract/],
        [{ 'file:../../model.onnx': hex(addConstant(1)) }, /path/],
      ] as const) {
        const error = await failure(client.do('load', { model, config: '{}', files }))
        expect(error).toMatchObject({ type: 'InferenceServerException', status: invalid })
        expect(error?.message).toMatch(message)
        expect((await ask()).version).toBe('3')
      }
    })

    test('an unknown model is not found', async () => {
      expect(await failure(client.do('load', { model: 'nobody' }))).toMatchObject({ status: unknown })
      expect(await failure(client.do('unload', { model: 'nobody' }))).toMatchObject({ status: unknown })
    })

    test('a name that is new, with bytes, becomes a deployment', async () => {
      const name = `made-by-${protocol}`
      await client.do('load', { model: name, config: '{}', files: { 'file:1/model.onnx': hex(addConstant(7)) } })
      expect(await client.do('modelReady', { model: name })).toBe(true)
      expect(numbers(await client.infer({ model: name, inputs: [fp32([[1, 1]])] }))).toEqual([8, 8])
    })
  })

  describe('with parameters that tritonclient has no argument for', () => {
    const model = 'numbered'
    let stubs: ForeignClient
    let documents: ForeignClient
    beforeAll(async () => {
      const python = 'python' in found ? found.python : ''
      stubs = startClient(python, 'stubs.py', [platform.runners[0]!.grpc])
      documents = startClient(python, 'documents.py', [])
      await platform.push(model, addConstant(1))
      await platform.push(model, addConstant(2))
      await platform.deploy(model, model, 1)
    })
    afterAll(() => Promise.all([stubs?.stop(), documents?.stop()]))

    const serving = async () => (await platform.deployment(model)).table.routes.map(({ version }) => version)
    const overGrpc = (parameters: object) =>
      stubs.do('call', { method: 'RepositoryModelLoad', message: { model_name: model, parameters } })
    const overHttp = (parameters: object) =>
      documents.do('http', {
        method: 'POST',
        url: `${platform.runners[0]!.rest}/v2/repository/models/${model}/load`,
        json: { parameters },
      })

    test('load with a version swaps to it', async () => {
      expect(await overHttp({ version: 2 })).toMatchObject({ status: 200 })
      expect(await serving()).toEqual([2])
      expect(await overGrpc({ version: { string_param: '1' } })).toMatchObject({ answer: {} })
      expect(await serving()).toEqual([1])
      expect(await overGrpc({ version: { int64_param: '2' } })).toMatchObject({ answer: {} })
      expect(await serving()).toEqual([2])
      expect(await overHttp({ version: '1' })).toMatchObject({ status: 200 })
      expect(await serving()).toEqual([1])
    })

    test('a version there is not is refused by its number', async () => {
      expect(await overHttp({ version: 9 })).toMatchObject({
        status: 404,
        json: { error: expect.stringContaining('9') },
      })
      expect(await overGrpc({ version: { string_param: '9' } })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await overHttp({ version: 'latest' })).toMatchObject({ status: 400 })
      expect(await overGrpc({ version: { string_param: '-1' } })).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await serving()).toEqual([1])
    })
  })
})
