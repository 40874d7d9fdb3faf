import type { Datatype, Signature, TensorSpec } from '@stead/contracts'
import type { ComputeSpans, Span, VersionCounters } from '../statistics.ts'

/** The documents of the Open Inference Protocol and of Triton's extensions. Their members are named as on the wire,
 *  in REST and gRPC alike, so that both front ends answer the same object. */

export interface ServerFacts {
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

export interface ModelFacts {
  /** The deployment's name. */
  readonly name: string
  readonly versions: readonly string[]
  /** As Triton calls it, for instance `onnxruntime_onnx`. */
  readonly platform: string
  readonly signature: Signature
  /** The most rows one request may have; 0 when the first axis is no batch. */
  readonly maxBatchSize: number
  readonly properties?: Readonly<Record<string, string>>
}

export const REPOSITORY_STATES = ['UNKNOWN', 'READY', 'UNAVAILABLE', 'LOADING', 'UNLOADING'] as const
export type RepositoryState = (typeof REPOSITORY_STATES)[number]

export function serverMetadata(server: ServerFacts) {
  return { name: server.name, version: server.version, extensions: [...server.extensions] }
}

export function modelMetadata(model: ModelFacts) {
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape: [...shape] })
  return {
    name: model.name,
    versions: [...model.versions],
    platform: model.platform,
    inputs: model.signature.inputs.map(tensor),
    outputs: model.signature.outputs.map(tensor),
    ...(model.properties === undefined ? {} : { properties: { ...model.properties } }),
  }
}

export function repositoryEntry(name: string, version: string, state: RepositoryState, reason = '') {
  return { name, version, state, reason }
}

/** The part of Triton's model configuration that clients read. `max_batch_size` above 0 tells them that `dims` leave
 *  the first axis out; it is only claimed when every tensor has a free first axis. */
export function modelConfig(model: ModelFacts) {
  const { inputs, outputs } = model.signature
  const isBatched = model.maxBatchSize > 0 && [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)
  const tensor = (spec: TensorSpec) => ({
    name: spec.name,
    data_type: configDatatype(spec.datatype),
    ...configDims(isBatched ? spec.shape.slice(1) : spec.shape),
  })
  return {
    name: model.name,
    platform: model.platform,
    max_batch_size: isBatched ? model.maxBatchSize : 0,
    input: inputs.map(tensor),
    output: outputs.map(tensor),
    ...(isBatched ? { dynamic_batching: {} } : {}),
    model_transaction_policy: { decoupled: false },
  }
}

function configDatatype(datatype: Datatype): string {
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`
}

/** A configuration has no empty dims: a single value is [1], reshaped to nothing. */
function configDims(shape: readonly number[]) {
  return shape.length === 0 ? { dims: [1], reshape: { shape: [] } } : { dims: [...shape] }
}

export interface VersionStatistics {
  readonly name: string
  readonly version: string
  readonly counters: VersionCounters
}

/** Triton's statistics document over any number of versions. */
export function modelStatistics(versions: readonly VersionStatistics[]) {
  return { model_stats: versions.map(versionStatistics) }
}

function versionStatistics({ name, version, counters }: VersionStatistics) {
  return {
    name,
    version,
    last_inference: counters.lastInferenceMs,
    inference_count: counters.inferenceCount,
    execution_count: counters.executionCount,
    inference_stats: {
      success: duration(counters.success),
      fail: duration(counters.fail),
      queue: duration(counters.queue),
      ...computeDurations(counters),
      cache_hit: { count: 0, ns: 0 },
      cache_miss: { count: 0, ns: 0 },
    },
    response_stats: {},
    batch_stats: Object.entries(counters.batches)
      .map(([size, spans]) => ({ batch_size: Number(size), ...computeDurations(spans) }))
      .sort((a, b) => a.batch_size - b.batch_size),
    memory_usage: [],
  }
}

function computeDurations(spans: ComputeSpans) {
  return {
    compute_input: duration(spans.computeInput),
    compute_infer: duration(spans.computeInfer),
    compute_output: duration(spans.computeOutput),
  }
}

/** Integers, as the wire has them. */
function duration({ count, ns }: Span) {
  return { count, ns: Math.round(ns) }
}
