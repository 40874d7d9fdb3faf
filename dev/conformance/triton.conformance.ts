import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { leaveOut } from '../services/left-out.ts'
import { DATATYPES, echoJavascript, echoOnnx, ONNX_DATATYPES, patient, SAMPLES } from './models.ts'
import { ForeignError } from './python.ts'
import { fp32, numbers, startTriton, tritonPython } from './triton.ts'
import type { Answer, Asked, Outcome, Protocol, TritonClient } from './triton.ts'

const found = await tritonPython()
if ('missing' in found) leaveOut('foreign clients: tritonclient', found.missing)

interface Recorded {
  inputs: { features: { shape: number[]; data: number[] } }
  outputs: Record<string, { shape: number[]; data: number[] }>
}
const sample = (file: string) => readFile(new URL(`../sample/models/${file}`, import.meta.url))
const HALVES = new Set(['FP16', 'BF16'])

describe.skipIf('missing' in found)('tritonclient', () => {
  let platform: Platform
  let recorded: Record<string, Recorded>
  beforeAll(async () => {
    platform = await startPlatform()
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.push('every-onnx', echoOnnx())
    await platform.push('every-javascript', echoJavascript.files, {
      runtime: 'javascript',
      signature: echoJavascript.signature,
    })
    await platform.push('patient', patient.files, { runtime: 'javascript', signature: patient.signature })
    await platform.push('weather-kind', await sample('weather-kind-v1.onnx'))
    recorded = JSON.parse((await sample('expected.json')).toString()) as Record<string, Recorded>
    await platform.deploy('sums', 'adder', 2)
    for (const model of ['every-onnx', 'every-javascript', 'patient', 'weather-kind'])
      await platform.deploy(model, model, 1)
  })
  afterAll(() => platform?.stop())

  describe.each<Protocol>(['http', 'grpc'])('over %s', (protocol) => {
    let client: TritonClient
    beforeAll(() => {
      client = startTriton('python' in found ? found.python : '', protocol, platform.runners[0]!)
    })
    afterAll(() => client?.stop())

    const sums = (more: Partial<Asked> = {}) => client.infer({ model: 'sums', inputs: [fp32([[1, 2]])], ...more })
    const refusal = async (asked: Promise<unknown>): Promise<ForeignError> => {
      const error = await asked.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(ForeignError)
      expect((error as ForeignError).type).toBe('InferenceServerException')
      return error as ForeignError
    }
    /** The status each protocol has for one failure. */
    const status = (http: number, grpc: string) => (protocol === 'http' ? String(http) : `StatusCode.${grpc}`)

    test('finds the server live and ready, and the models that are', async () => {
      expect(await client.do('health')).toEqual({ live: true, ready: true })
      expect(await client.do('modelReady', { model: 'sums' })).toBe(true)
      expect(await client.do('modelReady', { model: 'sums', version: '2' })).toBe(true)
    })

    test('finds neither an unknown model ready nor a version that does not serve', async () => {
      const ready = async (asked: object) =>
        client.do<boolean>('modelReady', asked).catch((error: ForeignError) => error.status)
      // The gRPC client raises where the HTTP one says no.
      const none = protocol === 'http' ? false : 'StatusCode.NOT_FOUND'
      expect(await ready({ model: 'nobody' })).toBe(none)
      expect(await ready({ model: 'sums', version: '1' })).toBe(none)
    })

    test('reads the metadata of the server and of a model', async () => {
      const server = await client.do<{ name: string; version: string; extensions: string[] }>('server')
      expect(server.name).toBe('stead')
      expect(server.extensions).toEqual(
        expect.arrayContaining([
          'classification',
          'binary_tensor_data',
          'model_repository',
          'statistics',
          'parameters',
        ]),
      )
      const metadata = await client.do<Record<string, unknown>>('metadata', { model: 'sums', version: '2' })
      const shape = protocol === 'http' ? [-1, 2] : ['-1', '2']
      expect(metadata).toMatchObject({
        name: 'sums',
        versions: ['2'],
        platform: 'onnxruntime_onnx',
        inputs: [{ name: 'x', datatype: 'FP32', shape }],
        outputs: [{ name: 'y', datatype: 'FP32', shape }],
      })
    })

    test('reads the configuration of a model', async () => {
      type Config = { name: string; max_batch_size: number; input: object[]; output: object[] }
      const document = await client.do<Config & { config: Config }>('config', { model: 'sums' })
      const config = protocol === 'http' ? document : document.config
      const dims = protocol === 'http' ? [2] : ['2']
      expect(config).toMatchObject({
        name: 'sums',
        platform: 'onnxruntime_onnx',
        input: [{ name: 'x', data_type: 'TYPE_FP32', dims }],
        output: [{ name: 'y', data_type: 'TYPE_FP32', dims }],
      })
      expect(config.max_batch_size).toBeGreaterThan(0)
    })

    /** Every datatype there and back; `binary` tells how its tensors travel. */
    async function thereAndBack(model: string, datatypes: readonly string[], binary: (datatype: string) => boolean) {
      const samples = SAMPLES as Readonly<Record<string, readonly string[]>>
      const answer = await client.infer({
        model,
        inputs: datatypes.map((datatype) => ({
          name: `in_${datatype}`,
          datatype,
          shape: [2, 2],
          values: [...samples[datatype]!, ...samples[datatype]!.toReversed()],
          binary: binary(datatype),
        })),
        outputs: datatypes.map((datatype) => ({ name: `out_${datatype}`, binary: binary(datatype) })),
      })
      for (const datatype of datatypes)
        expect(answer.outputs[`out_${datatype}`], datatype).toEqual({
          datatype,
          shape: [2, 2],
          values: [...samples[datatype]!, ...samples[datatype]!.toReversed()],
        })
    }

    test('sends and receives every datatype exactly, with ONNX', () =>
      thereAndBack('every-onnx', ONNX_DATATYPES, () => true))
    test('sends and receives every datatype exactly, with JavaScript', () =>
      thereAndBack('every-javascript', DATATYPES, () => true))
    test.runIf(protocol === 'http')('sends and receives every datatype in JSON that JSON has, exactly', async () => {
      await thereAndBack('every-onnx', ONNX_DATATYPES, (datatype) => HALVES.has(datatype))
      await thereAndBack('every-javascript', DATATYPES, (datatype) => HALVES.has(datatype))
    })

    test('gets the recorded answers of a real classifier, and its classes', async () => {
      const { inputs, outputs } = recorded['weather-kind-v1']!
      const { shape, data } = inputs.features
      const features = { name: 'features', datatype: 'FP32', shape, values: data.map(String) }
      const whole = await client.infer({ model: 'weather-kind', inputs: [features] })
      const expected = outputs.probabilities!.data
      expect(numbers(whole, 'label')).toEqual(outputs.label!.data)
      for (const [at, value] of numbers(whole, 'probabilities').entries()) expect(value).toBeCloseTo(expected[at]!, 5)

      const chosen = await client.infer({
        model: 'weather-kind',
        inputs: [features],
        outputs: [{ name: 'probabilities', classes: 2 }],
      })
      expect(Object.keys(chosen.outputs)).toEqual(['probabilities'])
      const classes = chosen.outputs.probabilities!
      expect(classes).toMatchObject({ datatype: 'BYTES', shape: [shape[0], 2] })
      for (let row = 0; row < shape[0]!; row++) {
        const ranked = numbers(whole, 'probabilities')
          .slice(row * 5, row * 5 + 5)
          .map((value, index) => ({ value, index }))
          .toSorted((a, b) => b.value - a.value || a.index - b.index)
        const told = classes.values.slice(row * 2, row * 2 + 2).map((text) => text.split(':').map(Number))
        expect(told.map(([, index]) => index)).toEqual(ranked.slice(0, 2).map(({ index }) => index))
        for (const [at, [value]] of told.entries()) expect(value).toBeCloseTo(ranked[at]!.value, 5)
      }
    })

    test('gets the outputs it asks for, in its order, and all of them when it names none', async () => {
      const { shape } = recorded['weather-kind-v1']!.inputs.features
      const inputs = [fp32([Array.from({ length: shape[1]! }, (_, at) => at)], 'features')]
      const outputs = async (names?: string[]) =>
        Object.keys(
          (
            await client.infer({
              model: 'weather-kind',
              inputs,
              ...(names && { outputs: names.map((name) => ({ name })) }),
            })
          ).outputs,
        )
      expect(await outputs()).toEqual(['label', 'probabilities'])
      expect(await outputs(['label'])).toEqual(['label'])
      expect(await outputs(['probabilities', 'label'])).toEqual(['probabilities', 'label'])
    })

    test('gets its request id back, and the version and generation that answered', async () => {
      const answer = await sums({ id: 'the third of May' })
      expect(answer).toMatchObject({ model: 'sums', version: '2', id: 'the third of May' })
      expect(numbers(answer)).toEqual([3, 4])
      const generation = answer.parameters['stead-generation'] as number | { int64_param: string }
      expect(typeof generation === 'number' ? generation : Number(generation.int64_param)).toBe(1)
      expect(numbers(await sums({ version: '2' }))).toEqual([3, 4])
    })

    test.each(['gzip', 'deflate'])('sends and receives %s', async (algorithm) => {
      const many = Array.from({ length: 2000 }, (_, row) => [row, -row])
      const compressed =
        protocol === 'http'
          ? { request_compression_algorithm: algorithm, response_compression_algorithm: algorithm }
          : { compression_algorithm: algorithm }
      for (const binary of [true, false]) {
        const answer = await sums({
          inputs: [{ ...fp32(many), binary }],
          outputs: [{ name: 'y', binary }],
          ...compressed,
        })
        expect(numbers(answer)).toEqual(many.flat().map((value) => value + 2))
      }
    })

    test('sends a priority and parameters of its own', async () => {
      const parameters = { tenant: 'north', attempt: 3, dry: true, ...(protocol === 'grpc' ? {} : { share: 0.5 }) }
      expect(numbers(await sums({ priority: 1, parameters }))).toEqual([3, 4])
    })

    test('is told when its timeout ends before the answer', async () => {
      const patientFor = (ms: number, more: object) =>
        client.infer({ model: 'patient', inputs: [fp32([[ms]])], ...more })
      const error = await refusal(patientFor(1500, { timeout: 50_000 }))
      expect(error.status).toBe(status(504, 'DEADLINE_EXCEEDED'))
      if (protocol === 'grpc')
        expect((await refusal(patientFor(1500, { client_timeout: 0.2 }))).message).toMatch(/deadline/i)
      expect(numbers(await patientFor(1, { timeout: 60_000_000 }))).toEqual([1])
    })

    test('has many requests under way at once, each with its own answer', async () => {
      const requests = Array.from({ length: 64 }, (_, at) => ({
        model: 'sums',
        inputs: [fp32([[at, at]])],
        id: `request ${at}`,
      }))
      const answers = await client.do<Answer[]>('inferAsync', { requests })
      expect(answers.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
      expect(answers.map((answer) => numbers(answer))).toEqual(requests.map((_, at) => [at + 2, at + 2]))
    })

    test.runIf(protocol === 'grpc')('streams requests, and a refused one does not end the stream', async () => {
      const good = (at: number) => ({ model: 'sums', inputs: [fp32([[at, at]])], id: String(at) })
      const bad = { model: 'sums', inputs: [fp32([[1, 2, 3]])], id: 'bad' }
      const requests = [good(0), good(1), bad, good(2), good(3)]
      for (const compression_algorithm of [null, 'gzip']) {
        const outcomes = await client.do<Outcome[]>('inferStream', { requests, stream: { compression_algorithm } })
        expect(outcomes.map((outcome) => ('error' in outcome ? 'refused' : numbers(outcome)[0]))).toEqual([
          2,
          3,
          'refused',
          4,
          5,
        ])
        expect((outcomes[2] as { error: { message: string } }).error.message).toContain('x')
        expect(outcomes.flatMap((outcome) => ('error' in outcome ? [] : outcome.id))).toEqual(['0', '1', '2', '3'])
        // Clients of models with several answers to a request wait for this one.
        for (const outcome of outcomes)
          if (!('error' in outcome)) expect(outcome.parameters.triton_final_response).toEqual({ bool_param: true })
      }
    })

    describe('raises InferenceServerException with what was wrong for', () => {
      const wrong: [string, () => Promise<unknown>, number, string, RegExp][] = [
        [
          'an unknown model',
          () => client.infer({ model: 'nobody', inputs: [fp32([[1, 2]])] }),
          404,
          'NOT_FOUND',
          /there is no deployment "nobody"/,
        ],
        ['an unknown version', () => sums({ version: '77' }), 404, 'NOT_FOUND', /"sums" does not serve version "77"/],
        [
          'an unknown input',
          () => sums({ inputs: [fp32([[1, 2]], 'z')] }),
          400,
          'INVALID_ARGUMENT',
          /unknown input "z".*"x"/,
        ],
        ['a missing input', () => sums({ inputs: [] }), 400, 'INVALID_ARGUMENT', /input "x" \(FP32\) is missing/],
        [
          'an unknown output',
          () => sums({ outputs: [{ name: 'w' }] }),
          400,
          'INVALID_ARGUMENT',
          /unknown output "w".*"y"/,
        ],
        ['a wrong shape', () => sums({ inputs: [fp32([[1, 2, 3]])] }), 400, 'INVALID_ARGUMENT', /"x".*3/],
        [
          'a wrong datatype',
          () => sums({ inputs: [{ name: 'x', datatype: 'INT32', shape: [1, 2], values: ['1', '2'] }] }),
          400,
          'INVALID_ARGUMENT',
          /"x".*FP32.*INT32/,
        ],
        [
          'a model that raises',
          () => client.infer({ model: 'patient', inputs: [fp32([[-1]])] }),
          500,
          'INTERNAL',
          /x is in the past/,
        ],
        [
          'metadata of an unknown model',
          () => client.do('metadata', { model: 'nobody' }),
          404,
          'NOT_FOUND',
          /there is no deployment "nobody"/,
        ],
        [
          'statistics of an unknown model',
          () => client.do('statistics', { model: 'nobody' }),
          404,
          'NOT_FOUND',
          /there is no deployment "nobody"/,
        ],
      ]
      test.each(wrong)('%s', async (_, ask, http, grpc, message) => {
        const error = await refusal(ask())
        expect(error.message).toMatch(message)
        expect(error.status).toBe(status(http, grpc))
      })
    })

    test('reads statistics that add up to what it sent', async () => {
      type Spans = Record<string, { count: string | number; ns: string | number }>
      type Stats = {
        model_stats: {
          name: string
          version: string
          inference_count: string | number
          execution_count: string | number
          inference_stats: Spans
          batch_stats: { batch_size: string | number; compute_infer: { count: string | number } }[]
        }[]
      }
      const read = async () => {
        const { model_stats } = await client.do<Stats>('statistics', { model: 'sums', version: '2' })
        expect(model_stats).toHaveLength(1)
        const { name, version, inference_count, execution_count, inference_stats, batch_stats } = model_stats[0]!
        const { success, fail } = inference_stats
        const whole = (one: { count: string | number } | undefined) => Number(one?.count ?? 0)
        return {
          name,
          version,
          rows: Number(inference_count),
          runs: Number(execution_count),
          answered: whole(success),
          failed: whole(fail),
          runsBySize: batch_stats.reduce((sum, { compute_infer }) => sum + whole(compute_infer), 0),
          rowsBySize: batch_stats.reduce((sum, one) => sum + whole(one.compute_infer) * Number(one.batch_size), 0),
        }
      }
      const before = await read()
      for (let request = 0; request < 5; request++)
        await sums({
          inputs: [
            fp32([
              [1, 2],
              [3, 4],
              [5, 6],
            ]),
          ],
        })
      await refusal(sums({ inputs: [fp32([[1]])] }))
      const after = await read()
      expect(after).toMatchObject({ name: 'sums', version: '2' })
      expect(after.answered - before.answered).toBe(5)
      expect(after.rows - before.rows).toBe(15)
      expect(after.runs - before.runs).toBe(5)
      expect(after.failed - before.failed).toBe(1)
      expect(after.runsBySize).toBe(after.runs)
      expect(after.rowsBySize).toBe(after.rows)
    })
  })
})
