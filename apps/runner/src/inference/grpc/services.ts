import { fileURLToPath } from 'node:url'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { readResponse, writeRequest } from './messages.ts'

/** Names as on the wire, so that the documents of both protocols are the same objects. */
const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true, arrays: true }

const load = (file: string): PackageDefinition => loadSync(fileURLToPath(new URL(file, import.meta.url)), OPTIONS)

/** The definitions as their files have them: for reflection, and for clients that want plain objects. */
export const inferencePackage = load('./inference.proto')
export const healthPackage = load('./health.proto')

export const healthService = healthPackage['grpc.health.v1.Health'] as ServiceDefinition

const loaded = inferencePackage['inference.GRPCInferenceService'] as ServiceDefinition

const asItIs = (bytes: Buffer): Buffer => bytes

/** At the server, ModelInfer takes and gives encoded messages (`readRequest`, `encodeModelInfer`): a failure to read
 *  one then has the handler's status, where grpc-js would answer INTERNAL. Clients have WireRequest, WireResponse. */
const modelInfer = {
  ...loaded.ModelInfer!,
  requestSerialize: writeRequest,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: readResponse,
}

/** As for ModelInfer; its responses are encoded ModelStreamInferResponses, which clients get as plain objects. */
const modelStreamInfer = {
  ...loaded.ModelStreamInfer!,
  requestSerialize: writeRequest,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
}

export const inferenceService: ServiceDefinition = {
  ...loaded,
  ModelInfer: modelInfer,
  ModelStreamInfer: modelStreamInfer,
}
