import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { kindOf } from './addresses.ts'

/** A proxy on this machine names the caller last; of any other sender the header is hearsay. */
export function callerAddressOf({ ip, headers }: FastifyRequest): string {
  const named = headers['x-forwarded-for']
  const last = (Array.isArray(named) ? named.join(',') : (named ?? '')).split(',').at(-1)?.trim() ?? ''
  return isIP(last) !== 0 && kindOf(ip.replace(/^::ffff:/, '')) === 'loopback' ? last : ip
}
