import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js'
import type {
  handleServerStreamingCall,
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
} from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import type { Guard } from '@stead/chassis'
import type { Desk } from '../desk.ts'
import { FAILURES, InferenceFailure } from '../failure.ts'
import type { Asked, Prediction } from '../predict.ts'
import { decodeModelInfer, encodeModelInfer, encodeStreamAnswer, encodeStreamFailure } from './codec.ts'
import { readRequest } from './messages.ts'
import type { WireRequest } from './messages.ts'
import { healthPackage, healthService, inferencePackage, inferenceService } from './services.ts'

type Plain = Record<string, unknown>
type Unary = ServerUnaryCall<Plain, unknown>

/** The Open Inference Protocol over gRPC, with Triton's extensions, the health service and reflection. */
export function createGrpcServer({ desk, guard, maxBody }: { desk: Desk; guard: Guard; maxBody: number }): Server {
  const server = new Server({
    'grpc.max_receive_message_length': maxBody,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 4096,
  })

  /** Answers a call, with every failure as a status; a foreign host name is refused first. */
  const unary =
    (answer: (request: Plain, call: Unary) => unknown): UntypedHandleCall =>
    (call: Unary, done: sendUnaryData<unknown>) => {
      Promise.resolve()
        .then(() => {
          refuseForeign(guard, call)
          return answer(call.request, call)
        })
        .then(
          (value) => done(null, value),
          (error: unknown) => done(statusOf(error)),
        )
    }

  server.addService(inferenceService, {
    ServerLive: unary(() => ({ live: true })),
    ServerReady: unary(() => ({ ready: desk.ready })),
    ModelReady: unary(({ name, version }) => ({ ready: isReady(desk, String(name), textOf(version)) })),
    ServerMetadata: unary(() => desk.server()),
    ModelMetadata: unary(({ name, version }) => desk.metadata(String(name), textOf(version))),
    ModelConfig: unary(({ name, version }) => ({ config: desk.config(String(name), textOf(version)) })),
    ModelStatistics: unary(({ name, version }) => desk.statistics(textOf(name), textOf(version))),
    RepositoryIndex: unary(({ ready }) => ({ models: desk.repositoryIndex(ready === true) })),
    RepositoryModelLoad: unary(({ model_name, parameters }) =>
      desk.load(String(model_name), plainParameters(parameters)).then(() => ({})),
    ),
    RepositoryModelUnload: unary(({ model_name }) => desk.unload(String(model_name)).then(() => ({}))),
    ModelInfer: inferHandler(desk, guard),
    ModelStreamInfer: streamHandler(desk, guard),
  })
  server.addService(healthService, {
    Check: unary(({ service }) => ({ status: healthOf(desk, textOf(service) ?? '') })),
    Watch: watchHealth(desk, guard),
  })
  new ReflectionService({ ...inferencePackage, ...healthPackage }).addToServer(server)
  return server
}

export const insecure = ServerCredentials.createInsecure()

function inferHandler(desk: Desk, guard: Guard): UntypedHandleCall {
  const stamps = createStamps(desk)
  return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    const fail = (error: unknown) => done(statusOf(error))
    try {
      refuseForeign(guard, call)
      const message = readRequest(call.request)
      desk
        .predict(message.modelName, askedOf(message, call.metadata, call.getDeadline()), (signature) =>
          decodeModelInfer(message, signature),
        )
        .then((prediction) => {
          const answer = encodeModelInfer(answerOf(message, prediction))
          call.sendMetadata(stamps(prediction, first(call.metadata, 'x-request-id')))
          done(null, answer)
        })
        .catch(fail)
    } catch (error) {
      fail(error)
    }
  }
}

/** The metadata of answers. It is the same from one to the next until the table changes, and grpc-js only reads it. */
function createStamps(desk: Desk): (prediction: Prediction, requestId: string | undefined) => Metadata {
  let of: { table: Prediction['table']; version: number; detached: boolean; metadata: Metadata } | undefined
  return ({ table, version }, requestId) => {
    const { detached } = desk
    if (of === undefined || of.table !== table || of.version !== version || of.detached !== detached) {
      const metadata = new Metadata()
      metadata.set('stead-version', String(version))
      metadata.set('stead-generation', table.generation)
      if (detached) metadata.set('stead-detached', 'true')
      of = { table, version, detached, metadata }
    }
    if (requestId === undefined) return of.metadata
    const own = of.metadata.clone()
    own.set('x-request-id', requestId)
    return own
  }
}

function streamHandler(desk: Desk, guard: Guard): UntypedHandleCall {
  return (call: ServerDuplexStream<Buffer, Buffer>) => {
    const pending = new Set<Promise<void>>()
    // Answers keep the order of the requests: a stream is a conversation.
    let last: Promise<void> = Promise.resolve()
    const one = async (bytes: Buffer, before: Promise<void>) => {
      let message: WireRequest | undefined
      let out: Buffer
      try {
        refuseForeign(guard, call)
        const read = readRequest(bytes)
        message = read
        const prediction = await desk.predict(
          read.modelName,
          askedOf(read, call.metadata, call.getDeadline()),
          (signature) => decodeModelInfer(read, signature),
        )
        out = encodeStreamAnswer(encodeModelInfer(answerOf(read, prediction, LAST_OF_STREAM)))
      } catch (error) {
        if (first(call.metadata, 'triton_grpc_error') === 'true')
          return void call.destroy(statusOf(error) as unknown as Error)
        out = encodeStreamFailure(statusOf(error).details, message?.modelName ?? '', message?.id)
      }
      await before
      if (!call.cancelled) call.write(out)
    }
    call.on('data', (bytes: Buffer) => {
      const turn = one(bytes, last)
      last = turn
      pending.add(turn)
      void turn.finally(() => pending.delete(turn))
    })
    call.on('end', () => void Promise.allSettled(pending).then(() => call.end()))
  }
}

function watchHealth(desk: Desk, guard: Guard): handleServerStreamingCall<Plain, unknown> {
  return (call: ServerWritableStream<Plain, unknown>) => {
    try {
      refuseForeign(guard, call)
    } catch (error) {
      call.destroy(statusOf(error) as unknown as Error)
      return
    }
    let told: string | undefined
    const tell = () => {
      const now = healthOf(desk, textOf(call.request.service) ?? '', true)
      if (now !== told) call.write({ status: now })
      told = now
      if (desk.draining) call.end()
    }
    const timer = setInterval(tell, 250)
    call.on('close', () => clearInterval(timer))
    call.on('cancelled', () => clearInterval(timer))
    tell()
  }
}

function healthOf(desk: Desk, service: string, watching = false): string {
  if (service === '' || service === 'inference.GRPCInferenceService') return desk.ready ? 'SERVING' : 'NOT_SERVING'
  try {
    return desk.isReady(service, undefined) ? 'SERVING' : 'NOT_SERVING'
  } catch (error) {
    if (watching) return 'SERVICE_UNKNOWN'
    throw error
  }
}

function isReady(desk: Desk, name: string, version: string | undefined): boolean {
  return desk.isReady(name, version)
}

function askedOf(message: WireRequest, metadata: Metadata, deadline: Date | number): Asked {
  const until = typeof deadline === 'number' ? deadline : deadline.getTime()
  return {
    version: textOf(message.modelVersion),
    key: first(metadata, 'stead-key'),
    idempotent: first(metadata, 'stead-idempotent') === 'true',
    traceparent: first(metadata, 'traceparent'),
    timeoutMs: Number.isFinite(until)
      ? Math.max(0, until - Date.now())
      : timeoutOf(first(metadata, 'stead-timeout-ms')),
  }
}

/** Triton's clients may wait for it: no further answer to the same request comes in the stream. */
const LAST_OF_STREAM = { triton_final_response: true }

function answerOf(message: WireRequest, { table, version, request, outputs }: Prediction, more: object = {}) {
  return {
    modelName: message.modelName,
    modelVersion: String(version),
    id: request.id,
    outputs,
    requested: request.outputs,
    binary: true,
    parameters: { 'stead-generation': Number(table.generation), ...more },
  }
}

/** HTTP/2 carries the host name as `:authority`, which grpc-js gives as the call's host. */
function refuseForeign(guard: Guard, call: { getHost(): string }): void {
  const refusal = guard({ method: 'GET', headers: { host: call.getHost() }, httpVersion: '2.0' })
  if (refusal) throw Object.assign(new Error(refusal.message), { code: status.PERMISSION_DENIED })
}

function statusOf(error: unknown): { code: number; details: string; metadata?: Metadata } {
  if (error instanceof InferenceFailure) {
    const metadata = new Metadata()
    metadata.set('stead-failure', error.kind)
    return { code: FAILURES[error.kind].grpc, details: error.message, metadata }
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'number')
    return { code: error.code, details: error.message }
  return { code: status.INTERNAL, details: 'something went wrong inside the runner' }
}

const textOf = (text: unknown): string | undefined => (typeof text === 'string' && text !== '' ? text : undefined)
const timeoutOf = (text: string | undefined): number | undefined =>
  text !== undefined && Number(text) > 0 ? Number(text) : undefined
const first = (metadata: Metadata, name: string): string | undefined => {
  const value = metadata.get(name)[0]
  return value === undefined ? undefined : String(value)
}

/** `{name: {string_param: …}}` as plain values. */
function plainParameters(parameters: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((parameters ?? {}) as Record<string, Plain>).map(([name, value]) => {
      const choice = value.parameter_choice
      return [name, typeof choice === 'string' ? value[choice] : undefined]
    }),
  )
}
