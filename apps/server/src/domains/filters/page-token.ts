import { createHash } from 'node:crypto'
import { SteadError } from '@stead/contracts'
import { z } from 'zod'

/** A place in an order: the part of the order it is in (numbers, then NaN, then missing), and the sort values of a row
 *  there, as the database wrote them. */
export interface Place {
  readonly part: number
  readonly values: readonly string[]
}

const Written = z.strictObject({ o: z.string(), p: z.int().min(0).max(9), v: z.array(z.string()).max(100) })

/** A place as callers carry it to the next page, good for the same order only. */
export function writeToken(place: Place, order: unknown): string {
  const written = { o: mark(order), p: place.part, v: place.values }
  return Buffer.from(JSON.stringify(written)).toString('base64url')
}

/** Fails with `invalid_request` for what `writeToken` has not written, or has for another order. */
export function readToken(token: string | undefined, order: unknown): Place | undefined {
  if (token === undefined || token === '') return undefined
  const written = parse(token)
  if (written.o !== mark(order)) throw invalidToken('it belongs to a search with another order')
  return { part: written.p, values: written.v }
}

export const invalidToken = (why: string): SteadError =>
  new SteadError('invalid_request', `Invalid page token, ${why}`, { where: 'page_token' })

function parse(token: string): z.infer<typeof Written> {
  if (token.length > 100_000 || !/^[\w-]+={0,2}$/.test(token)) throw invalidToken('decoding failed')
  try {
    const written = Written.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
    if (written.v.every((text) => !text.includes('\0'))) return written
  } catch (cause) {
    throw new SteadError('invalid_request', 'Invalid page token, parsing failed', { where: 'page_token', cause })
  }
  throw invalidToken('parsing failed')
}

const mark = (order: unknown) => createHash('sha256').update(JSON.stringify(order)).digest('base64url').slice(0, 8)
