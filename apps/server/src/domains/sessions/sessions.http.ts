import { changeProfile, endSession, listSessions, readSession, signIn, signOut, SteadError } from '@stead/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerAddressOf } from '../../http/caller-address.ts'
import { SESSION_COOKIE } from '../../http/door.ts'
import type { Mount } from '../../http/mount.ts'
import { writeCookie } from './cookies.ts'
import type { ChangeProfile } from '../people/profile.ts'
import { SESSION_LASTS_MS, type Sessions, type Whence } from './sessions.ts'

export interface SessionServing {
  readonly sessions: Sessions
  readonly changeProfile: ChangeProfile
  readonly isSecure: boolean
}

export function serveSessions(mount: Mount, { sessions, changeProfile: change, isSecure }: SessionServing): void {
  mount(readSession, (_, { principal }) => sessions.read(principal))
  mount(signIn, ({ body }, { principal, request, reply }) =>
    tellingWhen(reply, async () => {
      const begun = await sessions.signIn(body.name, body.password, whenceOf(request))
      await sessions.signOut(principal)
      const session = await sessions.readBegun(begun)
      giveSession(reply, begun.secret, isSecure)
      return session
    }),
  )
  mount(signOut, async (_, { principal, reply }) => {
    await sessions.signOut(principal)
    giveSession(reply, '', isSecure)
  })
  mount(listSessions, async (_, { principal }) => ({ sessions: await sessions.list(principal) }))
  mount(endSession, ({ params }, { principal }) => sessions.end(principal, params.session))
  mount(changeProfile, ({ body }, { principal, request, reply }) =>
    tellingWhen(reply, () => change(body, principal, whenceOf(request))),
  )
}

/** An empty secret takes the session back. */
export function giveSession(reply: FastifyReply, secret: string, isSecure: boolean): void {
  const seconds = secret === '' ? 0 : SESSION_LASTS_MS / 1_000
  void reply
    .header('set-cookie', writeCookie({ name: SESSION_COOKIE, value: secret, path: '/', seconds, isSecure }))
    .header('cache-control', 'no-store')
}

/** Says in the header as well how long to wait. */
export async function tellingWhen<T>(reply: FastifyReply, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof SteadError && error.code === 'too_many_attempts') {
      const { retryAfter } = (error.details ?? {}) as { retryAfter?: number }
      void reply.header('retry-after', retryAfter ?? 1)
    }
    throw error
  }
}

const LONGEST_AGENT = 300

export function whenceOf(request: FastifyRequest): Whence {
  const agent = (request.headers['user-agent'] ?? '').replaceAll(/\p{C}/gu, '').slice(0, LONGEST_AGENT)
  return { address: callerAddressOf(request), agent }
}
