import { SteadError } from '@stead/contracts'
import type { AccountName, changeProfile, Profile, RequestOf } from '@stead/contracts'
import type { Principal } from '../access/principal.ts'
import type { PasswordHashing } from './password-hashing.ts'
import type { PeopleStore, PersonChange } from './people.store.ts'
import { personIn, tooMany, type Whence } from '../sessions/sessions.ts'
import type { SessionStore } from '../sessions/sessions.store.ts'
import type { Throttle } from '../sessions/throttle.ts'

export interface ProfileParts {
  readonly people: Pick<PeopleStore, 'change'>
  readonly store: Pick<SessionStore, 'profileOf'>
  readonly hashing: PasswordHashing
  readonly throttle: Throttle
}

export type ChangeProfile = (
  change: RequestOf<typeof changeProfile>['body'],
  principal: Principal,
  from: Whence,
) => Promise<Profile>

/** What people change of themselves. A new password takes the old one, and ends all sessions but the one it came by. */
export function createProfileChange({ people, store, hashing, throttle }: ProfileParts): ChangeProfile {
  async function refuseWrongPassword(current: string, hash: string | null, name: string, from: Whence): Promise<void> {
    const wait = throttle.begin(name, from.address)
    if (wait > 0) throw tooMany(wait)
    if (!(await hashing.fits(current, hash)))
      throw new SteadError('password_wrong', undefined, { where: 'body.password.current' })
    throttle.succeed(name, from.address)
  }

  return async ({ displayName, password }, principal, from) => {
    const { id, name, isSession, credential } = personIn(principal)
    const known = await store.profileOf(id)
    if (!known) throw new SteadError('unauthenticated')
    const { passwordHash, ...profile } = known
    if (password) await refuseWrongPassword(password.current, passwordHash, name, from)
    if (password === undefined && (displayName === undefined || displayName === profile.displayName)) return profile
    const change: PersonChange = { displayName, passwordHash: password && (await hashing.hash(password.next)) }
    const changed = await people.change(name as AccountName, change, () => {}, isSession ? credential : undefined)
    if (!changed) throw new SteadError('unauthenticated')
    return { ...profile, displayName: changed.displayName, hasPassword: changed.hasPassword }
  }
}
