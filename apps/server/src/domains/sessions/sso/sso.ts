import { SteadError } from '@stead/contracts'
import type { ErrorCode } from '@stead/contracts'
import { type Begun, type OnRefused, type Sessions, tooMany, type Whence } from '../sessions.ts'
import type { Applicant } from '../sessions.store.ts'
import type { Throttle } from '../throttle.ts'
import { ownPath } from './own-path.ts'
import { type Claims, isRefusal, type Pending, type Provider } from './provider.ts'
import type { Sealing } from './sealing.ts'

/** Finds the person behind a sign-in at the provider: whoever came by that account before, or, the first time, who has
 *  the name or the verified e-mail address that it tells. A person is tied to one account, for good. */
export interface SsoStore {
  /** `creates` makes a person of somebody unknown. Undefined where there is nobody, or a person who is disabled or tied
   *  to another account. */
  personOf(claims: Claims, creates: boolean): Promise<Applicant | undefined>
}

/** Kept by the browser between being sent away and coming back. */
export interface OnTheWay {
  readonly pending: Pending
  readonly to: string
}

/** How a browser came back: with a session, or with the reason why not. */
export type Return =
  | { readonly is: 'in'; readonly begun: Begun; readonly to: string }
  | { readonly is: 'refused'; readonly code: ErrorCode; readonly to: string }

/** Single sign-on. */
export interface SingleSignOn {
  begin(to: string, redirectTo: string, from: Whence): Promise<{ readonly address: URL; readonly sealed: string }>
  finish(query: string, sealed: string | undefined, from: Whence): Promise<Return>
}

export interface SsoParts {
  readonly provider: Provider
  readonly store: SsoStore
  readonly sessions: Pick<Sessions, 'begin'>
  readonly throttle: Throttle
  readonly sealing: Sealing<OnTheWay>
  readonly createsPeople: boolean
  /** Told why the provider could not be used, in words that hold nothing secret. */
  readonly onFailure: (reason: string) => void
  readonly onRefused: OnRefused
}

export function createSso(parts: SsoParts): SingleSignOn {
  const { provider, store, sessions, throttle, sealing, createsPeople, onFailure, onRefused } = parts

  async function claimsFor(query: string, pending: Pending): Promise<Claims | ErrorCode> {
    try {
      return await provider.finish(query, pending)
    } catch (error) {
      if (isRefusal(error)) return 'sign_in_refused'
      onFailure(reasonOf(error))
      return 'sso_failed'
    }
  }

  return {
    async begin(to, redirectTo, { address: caller }) {
      const wait = throttle.waitOf(caller)
      if (wait > 0) throw tooMany(wait)
      const { address, pending } = await provider.begin(redirectTo).catch((error: unknown) => {
        onFailure(reasonOf(error))
        throw new SteadError('sso_failed', undefined, { cause: error })
      })
      return { address, sealed: sealing.seal({ pending, to: ownPath(to) }) }
    },
    async finish(query, sealed, from) {
      const onTheWay = sealed === undefined ? undefined : sealing.open(sealed)
      if (!onTheWay) return { is: 'refused', code: 'sso_expired', to: '/' }
      const { pending, to } = onTheWay
      const refused = (code: ErrorCode, reason: string): Return => {
        onRefused({ projectId: null, act: 'session.create', subject: 'single sign-on', reason })
        return { is: 'refused', code, to }
      }
      // Each try asks the provider: one sealed by us is not good for any number of them.
      const wait = throttle.begin(pending.state, from.address)
      if (wait > 0) throw tooMany(wait)
      const claims = await claimsFor(query, pending)
      if (typeof claims === 'string') return refused(claims, 'the provider did not confirm the sign-in')
      const person = await store.personOf(claims, createsPeople)
      if (!person) return refused('sso_unknown', 'nobody here goes by that account')
      const begun = await sessions.begin(person, from, 'single sign-on')
      throttle.succeed(pending.state, from.address)
      return { is: 'in', begun, to }
    },
  }
}

/** The messages alone: the errors of the exchange carry what was exchanged. */
function reasonOf(error: unknown): string {
  const reasons: string[] = []
  for (let reason = error; reason instanceof Error; reason = reason.cause) reasons.push(reason.message)
  return reasons.join('; ') || 'unknown'
}
