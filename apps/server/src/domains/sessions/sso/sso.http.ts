import { beginSso, endSso, SteadError } from '@stead/contracts'
import type { ErrorCode } from '@stead/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieOf } from '../../../http/door.ts'
import type { Mount } from '../../../http/mount.ts'
import { writeCookie } from '../cookies.ts'
import { giveSession, tellingWhen, whenceOf } from '../sessions.http.ts'
import type { Sessions } from '../sessions.ts'
import { ownPath } from './own-path.ts'
import type { SingleSignOn } from './sso.ts'

/** Holds what must come back, for as long as somebody may take to sign in at the provider. */
const COOKIE = 'stead_sso'
export const ON_THE_WAY_MS = 10 * 60_000

export interface SsoServing {
  readonly sso: SingleSignOn | undefined
  /** A browser has one session: the one before ends. */
  readonly signOut: Sessions['signOut']
  /** The origin by which browsers call this server; by default the one that they have called. */
  readonly publicUrl: string | undefined
  readonly isSecure: boolean
}

export function serveSso(mount: Mount, { sso, signOut, publicUrl, isSecure }: SsoServing): void {
  const keep = (reply: FastifyReply, value: string) => {
    const seconds = value === '' ? 0 : ON_THE_WAY_MS / 1_000
    void reply.header('set-cookie', writeCookie({ name: COOKIE, value, path: beginSso.path, seconds, isSecure }))
  }

  mount(beginSso, ({ query }, { request, reply }) =>
    tellingWhen(reply, async () => {
      if (!sso) throw new SteadError('sso_unavailable')
      const redirectTo = `${publicUrl ?? originOf(request)}${endSso.path}`
      try {
        const { address, sealed } = await sso.begin(query.to, redirectTo, whenceOf(request))
        keep(reply, sealed)
        return reply.header('cache-control', 'no-store').redirect(address.href)
      } catch (error) {
        // A person's browser is on its way: it gets a page, not JSON.
        if (error instanceof SteadError && error.code === 'sso_failed') return turnBack(reply, error.code, query.to)
        throw error
      }
    }),
  )
  mount(endSso, async (_, { principal, request, reply }) => {
    if (!sso) throw new SteadError('sso_unavailable')
    keep(reply, '')
    const mark = request.url.indexOf('?')
    const query = mark < 0 ? '' : request.url.slice(mark)
    const sealed = cookieOf(request.headers.cookie, COOKIE)
    const back = await tellingWhen(reply, () => sso.finish(query, sealed, whenceOf(request)))
    if (back.is === 'refused') return turnBack(reply, back.code, back.to)
    await signOut(principal)
    giveSession(reply, back.begun.secret, isSecure)
    return reply.redirect(back.to)
  })
}

/** To the sign-in, which says why. */
const turnBack = (reply: FastifyReply, refused: ErrorCode, to: string): FastifyReply =>
  reply
    .header('cache-control', 'no-store')
    .redirect(
      `/sign-in?${String(new URLSearchParams({ refused, ...(ownPath(to) === '/' ? {} : { to: ownPath(to) }) }))}`,
    )

/** The guard has found the host on the list of those that this server goes by. */
const originOf = ({ protocol, host }: FastifyRequest) => `${protocol}://${host}`
