import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** For `createServer`. Headers must have come within 20 s of the connection or of the answer before; bodies have no
 *  bound here, for one that is still coming may take hours: `createConnections` looks after them. */
export const HTTP_LIMITS = {
  headersTimeout: 20_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
} as const satisfies ServerOptions

export interface ConnectionOptions {
  /** How long nothing may come of a body that is not whole; 30 s unless told. */
  readonly stallMs?: number
  /** How long a body may take that must be whole before anything is done with it; 5 min unless told. */
  readonly wholeMs?: number
  /** A body that is taken in as it comes may take any time, as long as something comes. */
  readonly mayTrickle?: (request: IncomingMessage) => boolean
  /** The answer to what cannot be read as a request. */
  readonly refusal: (status: 400 | 408 | 431) => { readonly body: string; readonly headers: readonly string[] }
}

export interface Connections {
  /** To be told of every request, before anything of its body is read. */
  note(response: ServerResponse): void
  /** For the event of the same name: one answer at most for what is no HTTP, and the connection ends. */
  clientError(error: Error & { readonly code?: string }, socket: Duplex): void
}

const REASONS = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const

interface Progress {
  readonly since: number
  movedAt: number
  bytes: number
}

/** Ends connections that are held without being used: bodies that do not come, and bytes that are no request. */
export function createConnections(options: ConnectionOptions): Connections {
  const { stallMs = 30_000, wholeMs = 300_000, mayTrickle = () => false, refusal } = options
  /** The last request of each connection. */
  const latest = new Map<Duplex, ServerResponse>()
  const progress = new WeakMap<ServerResponse, Progress>()
  let timer: NodeJS.Timeout | undefined

  function sweep(): void {
    const now = performance.now()
    for (const [socket, response] of latest) {
      if (response.req.complete || socket.destroyed) continue
      if (isTooSlow(response, now)) clientError(Object.assign(new Error('too slow'), { code: TIMEOUT }), socket)
    }
    if (latest.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function isTooSlow(response: ServerResponse, now: number): boolean {
    const { req: request } = response
    const bytes = request.socket.bytesRead
    const known = progress.get(response)
    if (!known) {
      progress.set(response, { since: now, movedAt: now, bytes })
      return false
    }
    // What has come and waits for us is no fault of the sender's.
    if (bytes !== known.bytes || request.readableLength > 0) known.movedAt = now
    known.bytes = bytes
    if (now - known.movedAt >= stallMs) return true
    return now - known.since >= wholeMs && !mayTrickle(request)
  }

  function clientError(error: Error & { readonly code?: string }, socket: Duplex): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const last = latest.get(socket)
    if (last && !last.writableFinished) {
      if (last.req.complete && !last.headersSent) {
        // What came behind a request is no part of it: its own answer is still due, and is the last one.
        last.shouldKeepAlive = false
        return
      }
      // Half an answer is no place for another; without a socket it still waits for the one before.
      if (last.headersSent || last.socket === null) return void socket.destroy()
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === TIMEOUT ? 408 : 400
    const { body, headers } = refusal(status)
    const head = [`HTTP/1.1 ${status} ${REASONS[status]}`, ...headers, `content-length: ${Buffer.byteLength(body)}`]
    socket.end(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`)
    // Whoever does not read it has no claim to the socket either.
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }

  return {
    note(response) {
      const { socket } = response.req
      if (!latest.has(socket)) socket.once('close', () => latest.delete(socket))
      latest.set(socket, response)
      timer ??= setInterval(sweep, Math.min(2_000, stallMs / 4)).unref()
    },
    clientError,
  }
}

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT'
const LINGER_MS = 2_000
