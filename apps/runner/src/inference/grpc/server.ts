import type { EventEmitter } from 'node:events'
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
import type { Door, Purpose } from '../../admission/door.ts'
import { ANYONE } from '../../admission/visitor.ts'
import type { Visitor } from '../../admission/visitor.ts'
import type { Desk } from '../desk.ts'
import { FAILURES, InferenceFailure } from '../failure.ts'
import type { Asked, Prediction } from '../predict.ts'
import { decodeModelInfer, encodeModelInfer, encodeStreamAnswer, encodeStreamFailure } from './codec.ts'
import { readRequest } from './messages.ts'
import type { WireRequest } from './messages.ts'
import { healthPackage, healthService, inferencePackage, inferenceService } from './services.ts'

type Plain = Record<string, unknown>
type Unary = ServerUnaryCall<Plain, unknown>

export interface GrpcServerParts {
  readonly desk: Desk
  readonly door: Door
  readonly guard: Guard
  readonly maxBody: number
}

/** The Open Inference Protocol over gRPC, with Triton's extensions, the health service and reflection. */
export function createGrpcServer({ desk, door, guard, maxBody }: GrpcServerParts): Server {
  const server = new Server({
    'grpc.max_receive_message_length': maxBody,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 4096,
  })

  /** Answers a call, with every failure as a status; a foreign host name is refused first, then a stranger. */
  const unary =
    (answer: (request: Plain, visitor: Visitor, call: Unary) => unknown, purpose?: Purpose): UntypedHandleCall =>
    (call: Unary, done: sendUnaryData<unknown>) => {
      Promise.resolve()
        .then(() => {
          refuseForeign(guard, call)
          return answer(call.request, purpose ? door.admitCall(call.metadata, purpose) : ANYONE, call)
        })
        .then(
          (value) => done(null, value),
          (error: unknown) => done(statusOf(error)),
        )
    }

  server.addService(inferenceService, {
    ServerLive: unary(() => ({ live: true })),
    ServerReady: unary(() => ({ ready: desk.ready })),
    ModelReady: unary(
      ({ name, version }, visitor) => ({ ready: desk.isReady(visitor, String(name), textOf(version)) }),
      'call',
    ),
    ServerMetadata: unary(() => desk.server(), 'call'),
    ModelMetadata: unary(({ name, version }, visitor) => desk.metadata(visitor, String(name), textOf(version)), 'call'),
    ModelConfig: unary(
      ({ name, version }, visitor) => ({ config: desk.config(visitor, String(name), textOf(version)) }),
      'call',
    ),
    ModelStatistics: unary(
      ({ name, version }, visitor) => desk.statistics(visitor, textOf(name), textOf(version)),
      'call',
    ),
    RepositoryIndex: unary(({ ready }, visitor) => ({ models: desk.repositoryIndex(visitor, ready === true) }), 'call'),
    RepositoryModelLoad: unary(
      ({ model_name, parameters }, visitor) =>
        desk.load(visitor, String(model_name), plainParameters(parameters)).then(() => ({})),
      'repository',
    ),
    RepositoryModelUnload: unary(
      ({ model_name }, visitor) => desk.unload(visitor, String(model_name)).then(() => ({})),
      'repository',
    ),
    ModelInfer: inferHandler(desk, door, guard),
    ModelStreamInfer: streamHandler(desk, door, guard),
  })
  server.addService(healthService, {
    Check: unary(({ service }, _nobody, call) => {
      const name = textOf(service) ?? ''
      return { status: healthOf(desk, visitorTo(name, door, call.metadata), name) }
    }),
    Watch: watchHealth(desk, door, guard),
  })
  addReflection(server, door, guard)
  return server
}

export const grpcCredentials = (tls: { readonly cert: string; readonly key: string } | undefined) =>
  tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }])
    : ServerCredentials.createInsecure()

/** How the whole is may be asked by anybody: whoever watches over processes has no key. */
const visitorTo = (service: string, door: Door, metadata: Metadata): Visitor =>
  service === '' ? ANYONE : door.admitCall(metadata, 'call')

/** The service of the library, behind our door. */
function addReflection(server: Server, door: Door, guard: Guard): void {
  const addService: Server['addService'] = (definition, handlers) => {
    const guarded = Object.entries(handlers).map(([name, handle]) => [
      name,
      (call: ServerDuplexStream<unknown, unknown>) => {
        try {
          refuseForeign(guard, call)
          door.admitCall(call.metadata, 'call')
        } catch (error) {
          return endStream(call, error)
        }
        ;(handle as (call: ServerDuplexStream<unknown, unknown>) => void)(call)
      },
    ])
    server.addService(definition, Object.fromEntries(guarded) as typeof handlers)
  }
  const reflection = new ReflectionService({ ...inferencePackage, ...healthPackage })
  reflection.addToServer({ addService } as Server)
}

function inferHandler(desk: Desk, door: Door, guard: Guard): UntypedHandleCall {
  const stamps = createStamps(desk)
  return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    const fail = (error: unknown) => done(statusOf(error))
    try {
      refuseForeign(guard, call)
      const visitor = door.admitCall(call.metadata, 'call')
      const message = readRequest(call.request)
      desk
        .predict(message.modelName, askedOf(visitor, message, call.metadata, call.getDeadline()), (signature) =>
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

function streamHandler(desk: Desk, door: Door, guard: Guard): UntypedHandleCall {
  return (call: ServerDuplexStream<Buffer, Buffer>) => {
    let isOver = false
    const refuse = (error: unknown) => {
      stopAsking()
      if (!isOver) endStream(call, error)
      isOver = true
    }
    const admit = () => door.admitCall(call.metadata, 'call')
    let stopAsking = () => {}
    try {
      refuseForeign(guard, call)
      admit()
    } catch (error) {
      return refuse(error)
    }
    stopAsking = door.keepAsking(admit, refuse)
    call.on('close', stopAsking)
    call.on('cancelled', stopAsking)
    const pending = new Set<Promise<void>>()
    // Answers keep the order of the requests: a stream is a conversation.
    let last: Promise<void> = Promise.resolve()
    const one = async (bytes: Buffer, before: Promise<void>) => {
      let message: WireRequest | undefined
      let out: Buffer
      try {
        const visitor = admit()
        const read = readRequest(bytes)
        message = read
        const prediction = await desk.predict(
          read.modelName,
          askedOf(visitor, read, call.metadata, call.getDeadline()),
          (signature) => decodeModelInfer(read, signature),
        )
        out = encodeStreamAnswer(encodeModelInfer(answerOf(read, prediction, LAST_OF_STREAM)))
      } catch (error) {
        if (first(call.metadata, 'triton_grpc_error') === 'true' || isOfCaller(error)) return refuse(error)
        out = encodeStreamFailure(statusOf(error).details, message?.modelName ?? '', message?.id)
      }
      await before
      if (!call.cancelled && !isOver) call.write(out)
    }
    call.on('data', (bytes: Buffer) => {
      if (isOver) return
      const turn = one(bytes, last)
      last = turn
      pending.add(turn)
      void turn.finally(() => pending.delete(turn))
    })
    call.on('end', () => {
      void Promise.allSettled(pending).then(() => {
        stopAsking()
        call.end()
      })
    })
  }
}

/** grpc-js sends the status of an error that it hears, and none when a stream is destroyed. */
function endStream(call: Pick<EventEmitter, 'emit'>, error: unknown): void {
  call.emit('error', statusOf(error))
}

/** What is wrong with the caller is wrong with all of the stream. */
const isOfCaller = (error: unknown) =>
  error instanceof InferenceFailure && (error.kind === 'unauthenticated' || error.kind === 'detached_too_long')

function watchHealth(desk: Desk, door: Door, guard: Guard): handleServerStreamingCall<Plain, unknown> {
  return (call: ServerWritableStream<Plain, unknown>) => {
    const service = textOf(call.request.service) ?? ''
    const refuse = (error: unknown) => endStream(call, error)
    let visitor: Visitor = ANYONE
    const admit = () => void (visitor = visitorTo(service, door, call.metadata))
    try {
      refuseForeign(guard, call)
      admit()
    } catch (error) {
      return refuse(error)
    }
    const stopAsking = door.keepAsking(admit, (error) => {
      clearInterval(timer)
      refuse(error)
    })
    let told: string | undefined
    const tell = () => {
      const now = healthOf(desk, visitor, service, true)
      if (now !== told) call.write({ status: now })
      told = now
      if (desk.draining) call.end()
    }
    const timer = setInterval(tell, 250)
    const stop = () => {
      clearInterval(timer)
      stopAsking()
    }
    call.on('close', stop)
    call.on('cancelled', stop)
    tell()
  }
}

function healthOf(desk: Desk, visitor: Visitor, service: string, watching = false): string {
  if (service === '' || service === 'inference.GRPCInferenceService') return desk.ready ? 'SERVING' : 'NOT_SERVING'
  try {
    return desk.isReady(visitor, service, undefined) ? 'SERVING' : 'NOT_SERVING'
  } catch (error) {
    if (watching) return 'SERVICE_UNKNOWN'
    throw error
  }
}

function askedOf(visitor: Visitor, message: WireRequest, metadata: Metadata, deadline: Date | number): Asked {
  const until = typeof deadline === 'number' ? deadline : deadline.getTime()
  return {
    visitor,
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
    if (error.retryAfterS !== undefined) metadata.set('retry-after', String(error.retryAfterS))
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
