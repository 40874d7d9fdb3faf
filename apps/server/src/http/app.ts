import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Guard, Log, Refusal } from '@stead/chassis'
import { SteadError } from '@stead/contracts'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { refuseDeepJson, refuseUnfitJson } from './json-body.ts'
import { answerFailures } from './mount.ts'

export interface AppOptions {
  readonly guard: Guard
  readonly log: Log
  /** Bytes of JSON a body may have. */
  readonly maxBody: number
}

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}
/** The longest name in a path, with every byte percent-encoded. */
const LONGEST_PARAM = 4096
/** How long the rest of a refused upload is read and forgotten, so that its sender comes to read the answer. */
const LINGER_MS = 10_000

/** The HTTP side of the server before any endpoint: who may call, what bodies are, how answers look. */
export function createApp({ guard, log, maxBody }: AppOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: loggerOver(log),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBody,
    exposeHeadRoutes: false,
    genReqId: requestId,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error, request, reply) =>
      answerUnroutable(guard, error, request, reply as unknown as FastifyReply),
    clientErrorHandler: answerUnreadable,
  })
  app.addHook('onRequest', async (request, reply) => {
    dress(reply, request.id)
    const refusal = guard(request.raw)
    if (refusal) throw refusedBy(refusal)
  })
  app.addHook('onResponse', async (request) => readOn(request.raw))
  takeBodies(app)
  answerFailures(app)
  return app
}

/** An address that cannot be decoded never comes to the hooks. */
function answerUnroutable(guard: Guard, error: Error, request: FastifyRequest, reply: FastifyReply): void {
  dress(reply, request.id)
  const refusal = guard(request.raw)
  const told = refusal ? refusedBy(refusal) : new SteadError('invalid_request', error.message, { where: 'path' })
  void reply.code(told.status).send(told.toBody())
}

function takeBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined)
    try {
      refuseDeepJson(String(text))
    } catch (error) {
      return done(error as Error)
    }
    return parseJson(request, String(text), (error, value) => {
      if (error) return done(error)
      try {
        refuseUnfitJson(String(text), value)
      } catch (unfit) {
        return done(unfit as Error)
      }
      return done(null, value)
    })
  })
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
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

/** What is not HTTP, or headers too large for it. */
function answerUnreadable(this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = JSON.stringify(new SteadError('invalid_request', 'this is not a readable HTTP request').toBody())
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const headers = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${randomUUID()}`,
    'connection: close',
  ]
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
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
