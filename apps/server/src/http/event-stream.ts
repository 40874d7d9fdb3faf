import type { Server } from 'node:http'
import type { FastifyReply } from 'fastify'

export interface EventStream {
  send(event: string, data: unknown, id?: string | number): void
  /** A comment line, so that proxies and clients see the connection alive. */
  beat(): void
  end(): void
  readonly closed: AbortSignal
}

/** What a slow reader may leave unread before its stream is cut: it reconnects and reads a snapshot instead. */
const MOST_UNREAD = 64 * 1024 * 1024

/** The streams that are open, by the server they are open on. */
const openStreams = new WeakMap<Server, Set<EventStream>>()

export const countEventStreams = (server: Server): number => openStreams.get(server)?.size ?? 0

/** Ends them in good order; their readers connect again, to whoever serves then. */
export function endEventStreams(server: Server): void {
  for (const stream of openStreams.get(server) ?? []) stream.end()
}

/** Takes the reply over and writes server-sent events on it. */
export function openEventStream(reply: FastifyReply): EventStream {
  const gone = new AbortController()
  reply.hijack()
  const raw = reply.raw
  raw.socket?.setNoDelay(true)
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  raw.once('close', () => gone.abort())
  const write = (text: string) => {
    if (gone.signal.aborted) return
    raw.write(text)
    if (raw.writableLength > MOST_UNREAD) raw.destroy()
  }
  const stream: EventStream = {
    send: (event, data, id) =>
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    beat: () => write(': beat\n\n'),
    end: () => void raw.end(),
    closed: gone.signal,
  }
  const streams = openStreams.get(reply.server.server) ?? new Set()
  openStreams.set(reply.server.server, streams.add(stream))
  gone.signal.addEventListener('abort', () => streams.delete(stream), { once: true })
  return stream
}
