import type { ServiceDefinition } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { inferencePackage } from '../grpc/services.ts'
import { countExecution, countFailure, merge, NO_COUNTERS } from '../statistics.ts'
import {
  modelConfig,
  type ModelFacts,
  modelMetadata,
  modelStatistics,
  repositoryEntry,
  serverMetadata,
} from './documents.ts'

const model: ModelFacts = {
  name: 'forecast',
  versions: ['7', '8'],
  platform: 'onnxruntime_onnx',
  signature: {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 8], dimensionNames: ['batch', null] },
      { name: 'city', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
  },
  maxBatchSize: 64,
}

const service = inferencePackage['inference.GRPCInferenceService'] as ServiceDefinition

/** The document as a gRPC client reads it. */
function overGrpc(method: string, document: object): unknown {
  const { responseSerialize, responseDeserialize } = service[method]!
  return JSON.parse(JSON.stringify(responseDeserialize(responseSerialize(document))))
}

test('metadata has the tensors with the names and members of the wire, in REST as in gRPC', () => {
  const document = modelMetadata(model)
  expect(document).toEqual({
    name: 'forecast',
    versions: ['7', '8'],
    platform: 'onnxruntime_onnx',
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 8] },
      { name: 'city', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
  })
  expect(overGrpc('ModelMetadata', document)).toMatchObject(document)
  const server = serverMetadata({ name: 'stead', version: '0.1.0', extensions: ['binary_tensor_data'] })
  expect(overGrpc('ServerMetadata', server)).toEqual(server)
})

test('a configuration leaves the batch out of dims, and a single value is [1] reshaped', () => {
  const config = modelConfig(model)
  expect(config).toMatchObject({
    max_batch_size: 64,
    input: [
      { name: 'x', data_type: 'TYPE_FP32', dims: [8] },
      { name: 'city', data_type: 'TYPE_STRING', dims: [1], reshape: { shape: [] } },
    ],
    output: [{ name: 'y', data_type: 'TYPE_INT64', dims: [1] }],
    dynamic_batching: {},
  })
  expect(overGrpc('ModelConfig', { config })).toMatchObject({ config })
})

test('a configuration without a batch has whole shapes, also where only one tensor has a fixed first size', () => {
  expect(modelConfig({ ...model, maxBatchSize: 0 })).toMatchObject({
    max_batch_size: 0,
    input: [{ dims: [-1, 8] }, { dims: [-1] }],
  })
  const fixed = { ...model.signature, outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [3] }] }
  const config = modelConfig({ ...model, signature: fixed })
  expect(config.max_batch_size).toBe(0)
  expect(config).not.toHaveProperty('dynamic_batching')
})

test('statistics count requests, rows and executions, and batches by size', () => {
  const execution = {
    requests: [
      { queueNs: 5, totalNs: 100 },
      { queueNs: 7, totalNs: 120 },
    ],
    inputNs: 1,
    inferNs: 50.4,
    outputNs: 2,
    atMs: 99,
  }
  const counters = [
    countExecution({ ...execution, rows: 16 }),
    countExecution({ ...execution, rows: 2 }),
    countFailure(11),
  ]
  const document = modelStatistics([{ name: 'forecast', version: '7', counters: counters.reduce(merge, NO_COUNTERS) }])
  expect(document.model_stats[0]).toMatchObject({
    last_inference: 99,
    inference_count: 18,
    execution_count: 2,
    inference_stats: {
      success: { count: 4, ns: 440 },
      fail: { count: 1, ns: 11 },
      queue: { count: 4, ns: 24 },
      compute_input: { count: 4, ns: 4 },
      compute_infer: { count: 4, ns: 202 },
    },
    batch_stats: [
      { batch_size: 2, compute_infer: { count: 1, ns: 50 } },
      { batch_size: 16, compute_infer: { count: 1, ns: 50 } },
    ],
  })
  expect(overGrpc('ModelStatistics', document)).toMatchObject(document)
})

test('an index entry has its reason', () => {
  const models = [repositoryEntry('forecast', '7', 'UNAVAILABLE', 'parked'), repositoryEntry('forecast', '8', 'READY')]
  expect(overGrpc('RepositoryIndex', { models })).toEqual({ models })
  expect(models[1]!.reason).toBe('')
})
