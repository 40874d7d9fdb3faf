import { Readable } from 'node:stream'
import { SteadError } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'

/** The body of an upload, unread. A request without a body is an upload of nothing. */
export function octetsOf({ body }: Pick<FastifyRequest, 'body'>): Readable {
  if (body instanceof Readable) return body
  if (body === undefined || body === null) return Readable.from([])
  throw new SteadError('content_type_refused', 'this takes bytes: application/octet-stream', {
    where: 'header.content-type',
  })
}
