import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { createConnections, HTTP_LIMITS, type Guard, type Log, type Refusal } from '@stead/chassis'
import { SteadError } from '@stead/contracts'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { refuseDeepJson, refuseUnfitJson } from './json-body.ts'
import { isMlflowPath } from '../mlflow/project.ts'
import { answerFailures } from './mount.ts'
import { refuseUrlCredentials } from './url-credentials.ts'

export interface AppOptions {
  readonly guard: Guard
  readonly log: Log
  /** Bytes of JSON a body may have. */
  readonly maxBody: number
  /** With them HTTPS is spoken, and nothing else. In PEM. */
  readonly tls?: Tls | undefined
}

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}
/** For a year browsers come back by HTTPS alone. */
const ONLY_BY_TLS = { 'strict-transport-security': 'max-age=31536000' }
/** The longest name in a path, with every byte percent-encoded. */
const LONGEST_PARAM = 4096
/** How long the rest of a refused upload is read and forgotten, so that its sender comes to read the answer. */
const LINGER_MS = 10_000
const HANDSHAKE_MS = 20_000

/** The HTTP side of the server before any endpoint: who may call, what bodies are, how answers look. */
export function createApp({ guard, log, maxBody, tls }: AppOptions): FastifyInstance {
  // Uploads are taken in as they come.
  const mayTrickle = ({ headers, url = '' }: IncomingMessage) =>
    /^application\/octet-stream\b/i.test(headers['content-type'] ?? '') ||
    (isMlflowPath(url) && url.includes('/mlflow-artifacts/'))
  const connections = createConnections({ mayTrickle, refusal: refuseUnreadable })
  // Fastify tells the types of a server with and without TLS apart; nothing here does.
  const app = fastify({
    ...(tls ? { https: { ...tls, ...HTTP_LIMITS, handshakeTimeout: HANDSHAKE_MS } } : { http: HTTP_LIMITS }),
    loggerInstance: loggerOver(log),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBody,
    exposeHeadRoutes: false,
    genReqId: requestId,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error, request, reply) => {
      connections.note(reply.raw)
      answerUnroutable(guard, error, request, reply as unknown as FastifyReply)
    },
    clientErrorHandler: connections.clientError,
  }) as FastifyInstance
  app.addHook('onRequest', async (request, reply) => {
    connections.note(reply.raw)
    dress(reply, request.id)
    if (tls) void reply.headers(ONLY_BY_TLS)
    refuseEarly(guard, request)
  })
  app.addHook('onResponse', async (request) => readOn(request.raw))
  takeBodies(app)
  answerFailures(app)
  return app
}

/** Whatever the address is and whoever asks. */
function refuseEarly(guard: Guard, { raw }: FastifyRequest): void {
  const refusal = guard(raw)
  // Artifacts come with whatever type they have; what else that protocol takes, its routes say themselves.
  if (refusal && !(refusal.code === 'content_type_not_allowed' && isMlflowPath(raw.url ?? ''))) throw refusedBy(refusal)
  const target = raw.url ?? ''
  refuseUrlCredentials(target)
  // Only proxies are asked for an address with a host in it, and two hosts are one too many to check.
  if (!target.startsWith('/'))
    throw new SteadError('invalid_request', 'the target of a request begins with a slash', { where: 'path' })
}

/** An address that cannot be decoded never comes to the hooks. */
function answerUnroutable(guard: Guard, error: Error, request: FastifyRequest, reply: FastifyReply): void {
  dress(reply, request.id)
  let told = new SteadError('invalid_request', error.message, { where: 'path' })
  try {
    refuseEarly(guard, request)
  } catch (refused) {
    told = refused as SteadError
  }
  void reply.code(told.status).send(told.toBody())
}

function takeBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined)
    let text: string
    try {
      text = textOf(bytes as Buffer)
      refuseDeepJson(text)
    } catch (error) {
      return done(error as Error)
    }
    return parseJson(request, text, (error, value) => {
      if (error) return done(error)
      try {
        refuseUnfitJson(text, value)
      } catch (unfit) {
        return done(unfit as Error)
      }
      return done(null, value)
    })
  })
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
}

/** Bytes that are no UTF-8 would be read as U+FFFD, and two different names as the same. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SteadError('invalid_request', 'body: is no UTF-8', { where: 'body' })
  return bytes.toString()
}

function dress(reply: FastifyReply, requestId: string): void {
  void reply.headers(SECURITY_HEADERS).header('x-request-id', requestId)
}

/** The caller's own id where it is one, so that a request can be followed through several processes. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

function refusedBy({ status, message, where }: Refusal): SteadError {
  if (status === 415) return new SteadError('content_type_refused', message, { where })
  return new SteadError(status === 403 ? 'host_refused' : 'invalid_request', message, { where })
}

/** Closing at once would reset the connection, and the sender would see that instead of the answer. */
function readOn(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => clearTimeout(timer))
  request.resume()
}

const WHY = {
  400: 'this is not a readable HTTP request',
  408: 'the request did not come in time',
  431: 'the headers of the request have more than 16 KiB',
} as const

/** The answer to what never became a request, or was never whole. */
function refuseUnreadable(status: keyof typeof WHY): { body: string; headers: string[] } {
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': randomUUID(),
  }
  return {
    body: JSON.stringify(new SteadError('invalid_request', WHY[status]).toBody()),
    headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  }
}

/** Our log with what fastify asks of one besides. */
function loggerOver(log: Log): FastifyBaseLogger {
  const { trace, debug, info, warn, error, fatal } = log
  const logger = {
    trace,
    debug,
    info,
    warn,
    error,
    fatal,
    level: 'info',
    silent: () => {},
    child: (fields: object) => loggerOver(log.child(fields)),
  }
  return logger as unknown as FastifyBaseLogger
}

/** Stops listening, and cuts whatever is still connected after `patienceMs`. */
export async function closeApp(app: FastifyInstance, patienceMs: number): Promise<void> {
  const server: Server = app.server
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs)
  const closed = app.close()
  server.closeIdleConnections()
  await closed
  clearTimeout(timer)
}
