import { DeploymentName } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { counted } from '../laws/counts.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { startS3 } from '../services/s3.ts'
import { pythonWith, startClient } from './python.ts'
import type { ForeignClient } from './python.ts'

/** Unmodified clients of both generations that are in use, with one variable set. With a newer OpenTelemetry than it
 *  knew, 2.x ends no span. */
const CLIENTS = [
  { generation: '3.x', requirements: ['mlflow==3.17.2', 'lightgbm', 'skl2onnx', 'onnxruntime'] },
  {
    generation: '2.x',
    requirements: ['mlflow==2.22.5', 'lightgbm', 'skl2onnx', 'onnxruntime', 'opentelemetry-sdk<1.31', 'setuptools<81'],
  },
] as const

const s3 = await startS3()
if ('missing' in s3) leaveOut('foreign clients: files in a bucket', s3.missing)
else afterAll(() => s3.stop())

for (const { generation, requirements } of CLIENTS) {
  const found = await pythonWith(requirements)
  if ('missing' in found) leaveOut(`foreign clients: MLflow's ${generation}`, found.missing)

  describe.skipIf('missing' in found)(`MLflow's own client, ${generation}`, () => {
    const isNew = generation === '3.x'
    let platform: Platform
    let client: ForeignClient
    beforeAll(async () => {
      platform = await startPlatform()
      client = startClient('python' in found ? found.python : '', 'mlflow_client.py', [platform.url])
    })
    afterAll(async () => {
      await client?.stop()
      await platform?.stop()
    })

    test('logs params, metrics, tags, files and nested runs, and reads them again', async () => {
      const told = await client.do<Record<string, unknown>>('log', { experiment: 'first' })
      expect(told).toMatchObject({
        name: 'outer',
        status: 'FINISHED',
        params: { lr: '0.1', depth: '3', unicode: 'größer ☂' },
        metrics: { loss: '0.2', nan: 'nan', auc: '0.9' },
        team: 'weather',
        history: [0, 1, 2, 3, 4].map((step) => [step, 1 / (step + 1)]),
        files: ['notes/a.json', 'notes/hello.txt'],
        text: 'hello',
        parent: told.run,
      })
    })

    test('finds runs by filter, in order, page by page, deleted ones too', async () => {
      expect(await client.do('search', { experiment: 'found' })).toEqual({
        greater: [3, 2],
        both: [2],
        like: [2, 3],
        pages: [[1, 2], [3]],
        frame: 2,
        deleted: 1,
        experiments: ['found'],
      })
    })

    test('logs by itself what scikit-learn and LightGBM do', async () => {
      const forest = await client.do<{ depth: string; metrics: string[]; datasets: string[]; models: number }>(
        'autolog_sklearn',
        { experiment: 'auto' },
      )
      expect(forest).toMatchObject({ depth: '2', datasets: ['dataset'], models: 1 })
      expect(forest.metrics).toContain('training_accuracy_score')
      expect(await client.do('autolog_lightgbm', { experiment: 'auto' })).toEqual({ rounds: 20, falls: true })
    })

    test('registers a model, and each way to name it gives the same predictions', async () => {
      expect(await client.do('register', { experiment: 'models', name: 'irises' })).toEqual({
        equal: [true, true, true, true, true],
        second: '2',
        alias: '1',
        stage: 'Production',
        description: 'the first',
        tags: { checked: 'yes' },
        run: true,
        versions: [1, 2],
        models: ['irises'],
        latest: ['1'],
      })
    })

    test('registers an ONNX model, which answers here once it is deployed', async () => {
      const { input } = await client.do<{ input: string }>('onnx_model', { experiment: 'models', name: 'sums' })
      await platform.deploy('sums', 'sums', 1)
      const answer = await fetch(`${platform.runners[0]!.rest}/v2/models/${DeploymentName.parse('sums')}/infer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: [{ name: input, datatype: 'FP32', shape: [1, 2], data: [2, 3] }] }),
      })
      const { outputs } = (await answer.json()) as { outputs: { data: number[] }[] }
      expect(outputs[0]!.data[0]).toBeCloseTo(5, 4)
    })

    test('logs asynchronously without losing anything', async () => {
      expect(await client.do('asynchronous', { experiment: 'queued' })).toEqual({ values: 200, last: 199, params: 50 })
    })

    test('brings large files up and down as they are', async () => {
      const megabytes = counted({ test: 64, conformance: 512 })
      expect(await client.do('large_file', { experiment: 'large', megabytes })).toEqual({
        size: megabytes * 2 ** 20,
        same: true,
      })
    })

    test('brings files in parts, and fetches them through the server where no bucket can be asked', async () => {
      const megabytes = 12
      const same = { size: megabytes * 2 ** 20, same: true }
      expect(await client.do('in_parts', { experiment: 'parts', megabytes })).toEqual(same)
    })

    describe.skipIf('missing' in s3)('with its files in a bucket', () => {
      let bucketed: Platform
      let aside: ForeignClient
      beforeAll(async () => {
        if ('missing' in s3) return
        bucketed = await startPlatform({
          env: {
            STEAD_ARTIFACTS: `s3://${s3.bucket}/files`,
            STEAD_S3_ENDPOINT: s3.endpoint,
            AWS_ACCESS_KEY_ID: s3.accessKey,
            AWS_SECRET_ACCESS_KEY: s3.secretKey,
          },
        })
        aside = startClient('python' in found ? found.python : '', 'mlflow_client.py', [bucketed.url])
      })
      afterAll(async () => {
        await aside?.stop()
        await bucketed?.stop()
      })

      test('brings files in parts, and fetches them from the bucket itself', async () => {
        const megabytes = 12
        const same = { size: megabytes * 2 ** 20, same: true }
        expect(await aside.do('in_parts', { experiment: 'parts', megabytes })).toEqual(same)
      })
    })

    test('tells which data a run has used, and finds it by that', async () => {
      expect(await client.do('data', { experiment: 'data' })).toEqual({
        name: 'table',
        tags: { 'mlflow.data.context': 'training' },
        found: 1,
      })
    })

    test('keeps traces, and finds them again', async () => {
      expect(await client.do('tracing', { experiment: 'traced' })).toMatchObject({
        answer: 4,
        traces: 1,
        spans: ['inner', 'outer'],
        ...(isNew ? { tag: 'yes', feedback: ['good'] } : {}),
      })
    })

    test.runIf(isNew)('keeps data for evaluations', async () => {
      expect(await client.do('evaluation_data', { experiment: 'questions' })).toMatchObject({ records: 1 })
    })

    test('keeps prompts beside models, and apart from them', async () => {
      expect(await client.do('prompts', { name: 'greeting' })).toEqual({ first: 'Say hi.', models: [] })
    })

    test('is told of mistakes by the codes that it knows', async () => {
      const told = await client.do<Record<string, [string, string]>>('mistakes')
      expect(Object.fromEntries(Object.entries(told).map(([name, [code]]) => [name, code]))).toEqual({
        param: 'INVALID_PARAMETER_VALUE',
        run: 'RESOURCE_DOES_NOT_EXIST',
        experiment: 'RESOURCE_DOES_NOT_EXIST',
        filter: 'INVALID_PARAMETER_VALUE',
        model: 'RESOURCE_DOES_NOT_EXIST',
        alias: 'RESOURCE_DOES_NOT_EXIST',
      })
      expect(told.param![1]).toContain('Changing param values is not allowed.')
    })
  })
}
