import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { echoOnnx, ONNX_DATATYPES, SAMPLES } from './models.ts'
import { startClient } from './python.ts'
import type { ForeignClient } from './python.ts'
import { tritonPython } from './triton.ts'

const found = await tritonPython()
if ('missing' in found)
  leaveOut('foreign clients: gRPC health and reflection, Prometheus, OpenAPI, requests', found.missing)

interface Http {
  status: number
  headers: Record<string, string>
  json: Record<string, unknown> | null
}
interface Metrics {
  type: string
  families: Record<string, { kind: string; help: string }>
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

/** How the gRPC protocol carries a datatype when it is not raw. 16-bit floats are always raw. */
const CONTENTS: Readonly<Record<string, string>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
}
const TYPED = ONNX_DATATYPES.filter((datatype) => datatype in CONTENTS)

describe.skipIf('missing' in found)('standard clients', () => {
  let platform: Platform
  let stubs: ForeignClient
  let documents: ForeignClient
  beforeAll(async () => {
    platform = await startPlatform({ frontEnds: 2 })
    await platform.push('adder', addConstant(1))
    await platform.push('typed', echoOnnx(TYPED))
    await platform.push('narrow', addConstant(1, { width: 1 }))
    await platform.deploy('sums', 'adder', 1)
    await platform.deploy('narrow', 'narrow', 1)
    await platform.deploy('typed', 'typed', 1)
    const python = 'python' in found ? found.python : ''
    stubs = startClient(python, 'stubs.py', [platform.runners[0]!.grpc])
    documents = startClient(python, 'documents.py', [])
  })
  afterAll(async () => {
    await Promise.all([stubs?.stop(), documents?.stop()])
    await platform?.stop()
  })

  const http = (method: string, path: string, more: object = {}) =>
    documents.do<Http>('http', { method, url: `${platform.runners[0]!.rest}${path}`, ...more })

  describe('gRPC health', () => {
    test('knows the server, the service and each deployment, and no other', async () => {
      expect(await stubs.do('check', { service: '' })).toBe('SERVING')
      expect(await stubs.do('check', { service: 'inference.GRPCInferenceService' })).toBe('SERVING')
      expect(await stubs.do('check', { service: 'sums' })).toBe('SERVING')
      expect(await stubs.do('check', { service: 'nobody' })).toBe('NOT_FOUND')
    })

    test('watches a deployment through its parking and its return', async () => {
      await stubs.do('watch', { service: 'sums' })
      await stubs.do('watch', { service: 'nobody' })
      const next = (service: string) => stubs.do('next', { service })
      expect(await next('sums')).toBe('SERVING')
      expect(await next('nobody')).toBe('SERVICE_UNKNOWN')
      expect((await http('POST', '/v2/repository/models/sums/unload', { json: {} })).status).toBe(200)
      expect(await next('sums')).toBe('NOT_SERVING')
      expect(await stubs.do('check', { service: 'sums' })).toBe('NOT_SERVING')
      expect((await http('POST', '/v2/repository/models/sums/load', { json: {} })).status).toBe(200)
      expect(await next('sums')).toBe('SERVING')
    })
  })

  test('gRPC reflection lists the services and describes their messages', async () => {
    const { services, methods, request } = await stubs.do<{
      services: string[]
      methods: Record<string, string[]>
      request: string[]
    }>('reflect')
    expect(services).toEqual(expect.arrayContaining(['grpc.health.v1.Health', 'inference.GRPCInferenceService']))
    expect(methods['inference.GRPCInferenceService']).toEqual(
      expect.arrayContaining(['ModelInfer', 'ModelStreamInfer', 'ModelStatistics', 'RepositoryModelLoad']),
    )
    expect(methods['grpc.health.v1.Health']).toEqual(expect.arrayContaining(['Check', 'Watch']))
    expect(request).toEqual(expect.arrayContaining(['model_name', 'inputs', 'raw_input_contents']))
  })

  test('a gRPC client that sends typed contents instead of raw ones gets every datatype back', async () => {
    const element = (datatype: string, text: string) => {
      if (datatype === 'BYTES') return Buffer.from(text).toString('base64')
      if (datatype === 'BOOL') return text === 'true'
      return datatype.endsWith('INT64') ? text : Number(text)
    }
    const inputs = TYPED.map((datatype) => ({
      name: `in_${datatype}`,
      datatype,
      shape: [1, 2],
      contents: { [CONTENTS[datatype]!]: SAMPLES[datatype].map((text) => element(datatype, text)) },
    }))
    const outputs = TYPED.map((datatype) => ({ name: `out_${datatype}` }))
    expect(await stubs.do('echo', { message: { model_name: 'typed', inputs, outputs } })).toEqual(
      Object.fromEntries(TYPED.map((datatype) => [`out_${datatype}`, [...SAMPLES[datatype]]])),
    )
  })

  test('an answer over gRPC names the version and generation in its metadata, a failure its kind', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } }]
    const { answer, headers } = await stubs.do<{
      answer: { raw_output_contents: string[]; model_version: string }
      headers: Record<string, string>
    }>('call', { method: 'ModelInfer', message: { model_name: 'sums', inputs } })
    const bytes = Buffer.from(answer.raw_output_contents[0]!, 'base64')
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([2, 3])
    expect(headers).toMatchObject({ 'stead-version': '1', 'stead-generation': expect.stringMatching(/^\d+$/) })
    expect(await stubs.do('call', { method: 'ModelInfer', message: { model_name: 'nobody', inputs } })).toMatchObject({
      code: 'NOT_FOUND',
      trailers: { 'stead-failure': 'not_found' },
    })
  })

  describe('the first protocol of KServe, by plain requests', () => {
    test('tells that it is alive, its models and whether they are ready', async () => {
      expect(await http('GET', '/')).toMatchObject({ status: 200, json: { status: 'alive' } })
      expect((await http('GET', '/v1/models')).json).toEqual({ models: expect.arrayContaining(['sums', 'typed']) })
      expect(await http('GET', '/v1/models/sums')).toMatchObject({ status: 200, json: { name: 'sums', ready: true } })
      expect(await http('GET', '/v1/models/nobody')).toMatchObject({ status: 404 })
    })

    test('predicts from rows and from columns', async () => {
      const predict = (json: object) => http('POST', '/v1/models/sums:predict', { json })
      const rows = [
        [1, 2],
        [3, 4],
      ]
      const plusOne = [
        [2, 3],
        [4, 5],
      ]
      expect(await predict({ instances: rows })).toMatchObject({ status: 200, json: { predictions: plusOne } })
      expect(await predict({ instances: rows.map((x) => ({ x })) })).toMatchObject({ json: { predictions: plusOne } })
      expect(await predict({ inputs: rows })).toMatchObject({ status: 200 })
      expect(await predict({ inputs: { x: rows } })).toMatchObject({ status: 200 })
    })

    test('takes bare values where a row has one column', async () => {
      expect(await http('POST', '/v1/models/narrow:predict', { json: { instances: [1, 2] } })).toMatchObject({
        status: 200,
        json: { predictions: [[2], [3]] },
      })
    })

    test('says what is wrong with a request', async () => {
      expect(await http('POST', '/v1/models/sums:predict', { json: { instances: [[1, 2, 3]] } })).toMatchObject({
        status: 400,
        json: { error: expect.stringContaining('x') },
      })
      expect(await http('POST', '/v1/models/nobody:predict', { json: { instances: [[1, 2]] } })).toMatchObject({
        status: 404,
        json: { error: expect.stringContaining('nobody') },
      })
    })
  })

  test('an answer is compressed where the client takes it and it is worth it', async () => {
    const answer = async (count: number, encoding: string) => {
      const { headers, json } = await http('POST', '/v2/models/sums/infer', {
        headers: { 'accept-encoding': encoding },
        json: { inputs: [{ name: 'x', datatype: 'FP32', shape: [count, 2], data: Array(count * 2).fill(0.5) }] },
      })
      const [{ data }] = json!.outputs as [{ data: number[] }]
      expect(data).toEqual(Array(count * 2).fill(1.5))
      return headers['content-encoding']
    }
    expect(await answer(1000, 'gzip')).toBe('gzip')
    expect(await answer(1000, 'deflate')).toBe('deflate')
    expect(await answer(1000, 'identity')).toBeUndefined()
    expect(await answer(1, 'gzip')).toBeUndefined()
  })

  describe("Prometheus' parser", () => {
    const read = (base: string) => documents.do<Metrics>('metrics', { url: `${base}/metrics` })

    test('reads the metrics of the runner, which add up to what was asked', async () => {
      const answered = ({ samples }: Metrics) =>
        samples.find(({ name, labels }) => name.startsWith('nv_inference_request_success') && labels.model === 'sums')
          ?.value ?? 0
      const runner = platform.runners[0]!.rest
      const before = await read(runner)
      for (let call = 0; call < 7; call++)
        await http('POST', '/v1/models/sums:predict', { json: { instances: [[1, 2]] } })
      const after = await read(runner)
      expect(answered(after) - answered(before)).toBe(7)
      expect(after.type).toMatch(/^text\/plain; version=0\.0\.4/)
      expect(Object.values(after.families).filter(({ kind, help }) => kind === 'unknown' || help === '')).toEqual([])
    })

    test('reads the metrics of the server', async () => {
      const { families, samples } = await read(platform.url)
      expect(samples.length).toBeGreaterThan(3)
      expect(Object.values(families).filter(({ kind, help }) => kind === 'unknown' || help === '')).toEqual([])
    })
  })

  test('an OpenAPI validator accepts the description of the API', async () => {
    const { version, paths, problems } = await documents.do<{ version: string; paths: number; problems: string[] }>(
      'openapi',
      { url: `${platform.url}/api/v1/openapi.json` },
    )
    expect(problems).toEqual([])
    expect(version).toMatch(/^3\.1/)
    expect(paths).toBeGreaterThan(10)
  })
})
