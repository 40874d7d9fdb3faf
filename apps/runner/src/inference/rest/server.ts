import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createConnections, HTTP_LIMITS } from '@stead/chassis'
import type { Guard } from '@stead/chassis'
import { ERRORS } from '@stead/contracts'
import type { Door, Purpose } from '../../admission/door.ts'
import { ANYONE } from '../../admission/visitor.ts'
import type { Visitor } from '../../admission/visitor.ts'
import { FAILURES, InferenceFailure } from '../failure.ts'
import type { Desk } from '../desk.ts'
import { chooseCoding, compress, inflateBody } from '../inflate.ts'
import type { Prediction } from '../predict.ts'
import type { InferAnswer } from '../request.ts'
import { decodeInfer } from './decode.ts'
import { encodeInfer } from './encode.ts'
import type { EncodedAnswer } from './encode.ts'
import { decodePredict, encodePredict } from './kserve.ts'
import { splitPath } from './paths.ts'
import type { Place } from './paths.ts'
import { readBody } from './body.ts'

export interface RestServerParts {
  readonly desk: Desk
  readonly door: Door
  readonly guard: Guard
  readonly maxBody: number
  /** PEM; without it HTTP is spoken. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

/** The Open Inference Protocol over HTTP, KServe's first protocol and Triton's extensions, all of one desk. */
export function createRestServer({ desk, door, guard, maxBody, tls }: RestServerParts): Server {
  const connections = createConnections({ wholeMs: WHOLE_BODY_MS, refusal: refuseUnreadable })
  const options = { ...HTTP_LIMITS, keepAliveTimeout: 75_000, noDelay: true }
  const hear = (request: IncomingMessage, response: ServerResponse) => {
    connections.note(response)
    try {
      serve(request, response)?.catch((error: unknown) => answerFailure(request, response, error))
    } catch (error) {
      answerFailure(request, response, error)
    }
  }
  const server = tls ? createTlsServer({ ...options, ...tls }, hear) : createServer(options, hear)
  server.on('clientError', connections.clientError)

  /** Not asynchronous itself, as `send` below: each such function would cost every request. */
  function serve(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    if (desk.draining) response.shouldKeepAlive = false
    const refusal = guard(request)
    if (refusal && !isPlainClient(request, refusal.code))
      return refuse(request, response, refusal.status, refusal.message)
    const place = splitPath(request.url ?? '/')
    if (place.at === 'infer' || place.at === 'predict')
      return serveInference(request, response, place, door.admit(request.headers, 'call'))
    if (place.at === 'tokenInUrl')
      throw new InferenceFailure('token_in_url', `${ERRORS.token_in_url.says} ${ERRORS.token_in_url.fix}`)
    const visitor = isHealth(place) ? ANYONE : door.admit(request.headers, purposeOf(place))
    return serveDocument(request, response, place, visitor)
  }

  async function serveInference(
    request: IncomingMessage,
    response: ServerResponse,
    place: Extract<Place, { at: 'infer' | 'predict' }>,
    visitor: Visitor,
  ): Promise<void> {
    if (request.method !== 'POST')
      return refuse(request, response, 405, 'send inference requests by POST', { allow: 'POST' })
    const { headers } = request
    let body = await readBody(request, maxBody)
    if (headers['content-encoding'] !== undefined) body = await inflateBody(body, headers['content-encoding'], maxBody)
    const asked = {
      visitor,
      version: place.version,
      key: one(headers['stead-key']),
      idempotent: headers['stead-idempotent'] === 'true',
      timeoutMs: timeoutOf(one(headers['stead-timeout-ms'])),
      traceparent: one(headers.traceparent),
    }
    if (place.at === 'predict') {
      const prediction = await desk.predict(place.model, asked, (signature) => decodePredict(body, signature))
      return send(request, response, prediction, encodePredict(answerOf(place.model, prediction, false)))
    }
    const prediction = await desk.predict(place.model, asked, (signature) =>
      decodeInfer(body, headers as Record<string, string | undefined>, signature),
    )
    return send(request, response, prediction, encodeInfer(answerOf(place.model, prediction, true)))
  }

  function send(
    request: IncomingMessage,
    response: ServerResponse,
    { table, version }: Prediction,
    { body, headers: own }: EncodedAnswer,
  ): Promise<void> | void {
    // As a flat list, which Node writes out without making an object of it first.
    const headers = ['stead-version', String(version), 'stead-generation', table.generation]
    headers.push('x-request-id', requestId(request))
    for (const name in own) headers.push(name, own[name]!)
    if (desk.detached) headers.push('stead-detached', 'true')
    const accepted = request.headers['accept-encoding']
    const coding = accepted === undefined ? undefined : chooseCoding(one(accepted), body.length)
    if (coding === undefined) return finish(response, headers, body)
    headers.push('content-encoding', coding)
    return compress(body, coding).then((compressed) => finish(response, headers, compressed))
  }

  function finish(response: ServerResponse, headers: string[], body: Buffer | string): void {
    const length = Buffer.byteLength(body)
    headers.push('content-length', String(length))
    if (desk.draining) response.shouldKeepAlive = false
    response.writeHead(200, headers)
    // A text of as many bytes as characters is ASCII, and that needs no conversion to be written.
    response.end(body, length === body.length ? 'latin1' : 'utf8')
  }

  async function serveDocument(
    request: IncomingMessage,
    response: ServerResponse,
    place: Place,
    visitor: Visitor,
  ): Promise<void> {
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (place.at === 'nowhere')
      return refuse(request, response, 404, `there is nothing at ${request.url?.split('?')[0]?.slice(0, 200)}`)
    const wanted = WRITES.has(place.at) ? 'POST' : 'GET'
    if (method !== wanted) return refuse(request, response, 405, `use ${wanted} here`, { allow: wanted })
    const body = wanted === 'POST' ? await readBody(request, maxBody) : undefined
    const { status, document, text } = await desk.answer(visitor, place, body)
    const payload = text ?? JSON.stringify(document)
    response.writeHead(status, {
      'content-type': text === undefined ? 'application/json' : 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': Buffer.byteLength(payload),
      'x-request-id': requestId(request),
      ...(desk.detached ? { 'stead-detached': 'true' } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : payload)
  }

  function answerOf(model: string, { request, version, outputs, table }: Prediction, stamped: boolean): InferAnswer {
    return {
      modelName: model,
      modelVersion: String(version),
      id: request.id,
      outputs,
      requested: request.outputs,
      binary: request.binaryOutput,
      parameters: stamped ? stamps(table.generation, desk.detached) : undefined,
    }
  }

  return server
}

const isHealth = ({ at }: Place) => at === 'live' || at === 'ready'
const purposeOf = ({ at }: Place): Purpose =>
  at === 'metrics' ? 'metrics' : at === 'load' || at === 'unload' ? 'repository' : 'call'

const WRITES = new Set<Place['at']>(['repositoryIndex', 'load', 'unload'])

/** Stamps of the body, for clients that do not show headers; made once per generation. */
const stampsByGeneration = new Map<
  string,
  { attached: Readonly<Record<string, unknown>>; detached: Readonly<Record<string, unknown>> }
>()
function stamps(generation: string, detached: boolean): Readonly<Record<string, unknown>> {
  let known = stampsByGeneration.get(generation)
  if (!known) {
    if (stampsByGeneration.size > 1000) stampsByGeneration.clear()
    const attached = Object.freeze({ 'stead-generation': Number(generation) })
    known = { attached, detached: Object.freeze({ ...attached, 'stead-detached': true }) }
    stampsByGeneration.set(generation, known)
  }
  return detached ? known.detached : known.attached
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

function timeoutOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = Number(header)
  if (!(ms > 0 && ms <= 86_400_000))
    throw new InferenceFailure('invalid', 'stead-timeout-ms must be a number of milliseconds above 0 and at most a day')
  return ms
}

/** Inference clients that are no browser often name no content type; browsers always tell where a request comes from. */
function isPlainClient({ headers }: IncomingMessage, code: string): boolean {
  return (
    code === 'content_type_not_allowed' &&
    headers['content-type'] === undefined &&
    headers.origin === undefined &&
    headers['sec-fetch-site'] === undefined
  )
}

const idPrefix = Math.random().toString(36).slice(2, 8)
let idCount = 0

/** The caller's own id, or a new one of ours: each request is answered once, and asks for it then. */
function requestId(request: IncomingMessage): string {
  const own = one(request.headers['x-request-id'])
  return own !== undefined && own.length <= 200 ? own : `${idPrefix}-${(++idCount).toString(36)}`
}

/** The largest body there may be, over a slow line. */
const WHOLE_BODY_MS = 600_000
const WHY = {
  400: 'this is not a readable HTTP request',
  408: 'the request did not come in time',
  431: 'the headers of the request have more than 16 KiB',
} as const

/** The answer to what never became a request, or was never whole. */
const refuseUnreadable = (status: keyof typeof WHY) => ({
  body: JSON.stringify({ error: WHY[status] }),
  headers: ['content-type: application/json'],
})

function answerFailure(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const failure =
    error instanceof InferenceFailure
      ? error
      : new InferenceFailure('internal', 'something went wrong inside the runner', { cause: error })
  refuse(request, response, FAILURES[failure.kind].http, failure.message, {
    ...adviceFor(failure),
    'stead-failure': failure.kind,
  })
}

function adviceFor({ kind, retryAfterS }: InferenceFailure): Record<string, string> {
  if (retryAfterS !== undefined) return { 'retry-after': `${retryAfterS}` }
  if (FAILURES[kind].http === 503) return { 'retry-after': kind === 'parked' ? '30' : '1' }
  if (kind === 'unauthenticated') return { 'www-authenticate': 'Bearer' }
  return kind === 'too_large' ? { connection: 'close' } : {}
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify({ error: message })
  // What is left of a refused body is read and dropped, so that the connection stays usable.
  if (!request.complete) request.resume()
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId(request),
    ...headers,
  })
  response.end(body)
}
