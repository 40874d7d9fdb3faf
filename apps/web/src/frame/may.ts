import { ACTS, isDenied, mayInProject, rolesFor } from '@stead/contracts'
import type { Act, ActRule, Session } from '@stead/contracts'
import { grantsIn, useSession } from '../live/session.ts'
import { doing, doingAnything, may as words, roleAs } from '../strings/may.ts'
import { say } from '../strings/message.ts'
import { useProject } from './project.ts'

/** `because` says why not, for the button that is there all the same. */
export type Permission = { readonly isAllowed: true; readonly because?: undefined } | Refusal
interface Refusal {
  readonly isAllowed: false
  readonly because: string
}

const ALLOWED: Permission = { isAllowed: true }
const refused = (because: string): Permission => ({ isAllowed: false, because })

/** Whether whoever looks may do this in the project of the address. The server decides; this only says so beforehand. */
export function useMay(act: Act): Permission {
  return permissionOf(act, useSession(), useProject())
}

/** The same in a project that is not the address's. */
export function useMayIn(act: Act, project: string): Permission {
  return permissionOf(act, useSession(), project)
}

export function permissionOf(act: Act, session: Session, project: string): Permission {
  const rule: ActRule = ACTS[act]
  const what = doing[act] ?? doingAnything
  if (!('circle' in rule)) return inProject(act, what, session, project)
  const { circle } = rule
  if (circle === 'person') return session.profile ? ALLOWED : refused(say(words.peopleOnly, { doing: what }))
  if (session.state === 'open' || circle === 'anyone') return ALLOWED
  if (circle === 'signed in')
    return session.state === 'signed in' ? ALLOWED : refused(say(words.peopleOnly, { doing: what }))
  return session.profile?.isInstallationOwner ? ALLOWED : refused(say(words.ownersOnly, { doing: what }))
}

function inProject(act: Act, what: string, session: Session, project: string): Permission {
  const grants = grantsIn(session, project)
  if (mayInProject(act, grants)) return ALLOWED
  const [least] = rolesFor(act)
  const hasRole = rolesFor(act).some((role) => grants.roles.includes(role))
  if (hasRole && isDenied(act, grants.denies)) return refused(say(words.denied, { doing: what, project }))
  return refused(say(words.needsRole, { doing: what, role: least ?? 'owner', you: youAre(grants.roles, project) }))
}

function youAre(roles: readonly (keyof typeof roleAs)[], project: string): string {
  if (roles.length === 0) return say(words.youAreNobody, { project })
  return say(words.youAre, { roles: roles.map((role) => roleAs[role]).join(words.and), project })
}
