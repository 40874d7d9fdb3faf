import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { ACTS, isDenied, mayInProject, rolesFor, SteadError, TOKEN_PREFIXES } from '@stead/contracts'
import type { Act, ActRule, Grants, ProjectName } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import { type GateStore, NO_GRANTS } from './gate.store.ts'
import type { Account, Person, Principal } from './principal.ts'

/** What a request shows of itself. */
export interface Credentials {
  /** Of `Authorization: Bearer`, or the password of Basic. */
  readonly token: string | undefined
  /** Of the cookie. */
  readonly session: string | undefined
}

/** Decides who is asking and whether they may. What it knows is at most a second old. */
export interface Gate {
  /** Nobody is configured: this machine's user may do everything. */
  isOpen(): boolean
  /** Throws `unauthenticated` for credentials that are not, or no longer, good. */
  identify(credentials: Credentials): Promise<Principal>
  /** Throws unless the principal may; gives the project's id where the act is of one. To those who are no members, a
   *  project that is there and one that is not are the same. */
  judge(principal: Principal, act: Act, project: ProjectName | undefined): Promise<string | undefined>
  /** What they hold in a project; undefined where they are no members. */
  grantsIn(principal: Principal, projectId: string): Grants | undefined
  /** The projects they may see, among all. */
  visible(principal: Principal): (project: ProjectName) => boolean
  /** Something of people, members or tokens has changed: nothing that was known counts any more. */
  forget(): Promise<void>
}

export interface GateParts {
  readonly store: GateStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** With which the runner beside this server joins; both were started by the same supervisor. */
  readonly joinSecret?: string | undefined
  readonly onOpenChanged?: (open: boolean) => void
}

/** Other servers' changes are seen after this long; those made here at once. */
const KNOWN_MS = 1_000
const TOUCHED_MS = 60_000
const MOST_KNOWN = 10_000
/** A session that nobody has used for this long has ended. */
export const SESSION_IDLE_MS = 7 * 86_400_000

/** All that a runner asks for in a project: what it is told to serve. */
const RUNNER_ACTS: ReadonlySet<Act> = new Set(['artifact.get'])
const OWNERS: Grants = { roles: ['owner'], denies: [] }

export async function createGate(parts: GateParts): Promise<Gate> {
  const { store, projects, clock, joinSecret, onOpenChanged = () => {} } = parts
  const known = new Map<string, { readonly principal: Promise<Principal | undefined>; readonly until: number }>()
  const touched = new Map<string, number>()
  let open = !(await store.hasOwner())

  /** One look at the database for all who show the same credential within a second. */
  function lookUp(kind: 'token' | 'session', secret: string): Promise<Principal | undefined> {
    const hash = createHash('sha256').update(secret).digest('hex')
    const place = `${kind} ${hash}`
    const now = clock.monotonic()
    const found = known.get(place)
    if (found && found.until > now) return found.principal
    if (known.size >= MOST_KNOWN) known.clear()
    const principal: Promise<Principal | undefined> =
      kind === 'token' ? store.byToken(hash) : store.bySession(hash, SESSION_IDLE_MS)
    known.set(place, { principal, until: now + KNOWN_MS })
    principal.then(
      (one) => one && noteUse(kind, one),
      () => known.delete(place),
    )
    return principal
  }

  function noteUse(kind: 'token' | 'session', principal: Principal): void {
    if (!('credential' in principal)) return
    const now = clock.monotonic()
    if ((touched.get(principal.credential) ?? -Infinity) > now - TOUCHED_MS) return
    if (touched.size >= MOST_KNOWN) touched.clear()
    touched.set(principal.credential, now)
    // Only when it was last used would be lost.
    store.touch(kind, principal.credential).catch(() => {})
  }

  async function byToken(token: string): Promise<Principal> {
    if (joinSecret !== undefined && isSame(token, joinSecret)) return { kind: 'runner', credential: 'supervised' }
    const principal = isOurs(token) ? await lookUp('token', token) : undefined
    if (principal) return principal
    // What other tools keep in their environment is no attempt at anything here.
    if (open && !isOurs(token)) return { kind: 'local' }
    throw new SteadError('unauthenticated', 'this token is unknown, expired or revoked')
  }

  function grantsIn(principal: Principal, projectId: string): Grants | undefined {
    if (principal.kind === 'local') return OWNERS
    if (principal.kind === 'account') return principal.projectId === projectId ? principal.grants : undefined
    if (principal.kind !== 'person') return undefined
    const grants = principal.grants.get(projectId)
    return principal.isInstallationOwner ? { roles: ['owner'], denies: (grants ?? NO_GRANTS).denies } : grants
  }

  async function idFor(principal: Person | Account, project: ProjectName): Promise<string | undefined> {
    if (principal.kind === 'account') return principal.project === project ? principal.projectId : undefined
    return principal.memberOf.get(project) ?? (principal.isInstallationOwner ? projects.idOf(project) : undefined)
  }

  async function judgeInProject(principal: Person | Account, act: Act, project: ProjectName): Promise<string> {
    const { scope } = principal
    // A project of others is not even looked for: that would take another time than one that is not there.
    const id = await idFor(principal, project)
    const grants = id === undefined ? undefined : grantsIn(principal, id)
    if (id === undefined || !grants || scope.projects?.includes(project) === false) throw noSuchProject(project)
    if (scope.acts && !scope.acts.includes(act))
      throw new SteadError('forbidden', `this token is not for ${act}`, { details: { act } })
    if (!mayInProject(act, grants)) throw forbidden(act, project, grants)
    return id
  }

  return {
    isOpen: () => open,
    async identify({ token, session }) {
      if (token !== undefined) return byToken(token)
      if (session !== undefined) {
        const person = await lookUp('session', session)
        if (person) return person
      }
      return { kind: open ? 'local' : 'stranger' }
    },
    async judge(principal, act, project) {
      const rule: ActRule = ACTS[act]
      if ('circle' in rule) {
        refuseOutside(principal, act, rule.circle)
        return undefined
      }
      if (project === undefined) throw new Error(`${act} is of a project, and its endpoint names none`)
      if (principal.kind === 'stranger') throw new SteadError('unauthenticated')
      if (principal.kind === 'local') return undefined
      if (principal.kind === 'runner') {
        if (!RUNNER_ACTS.has(act)) throw new SteadError('forbidden', `runners do not take part in ${act}`)
        return projects.idOf(project)
      }
      return judgeInProject(principal, act, project)
    },
    grantsIn,
    visible(principal) {
      if (principal.kind === 'local' || principal.kind === 'runner') return () => true
      if (principal.kind === 'stranger') return () => false
      return (project) => {
        const grants = grantsByName(principal, project)
        return (
          grants !== undefined &&
          mayInProject('project.get', grants) &&
          principal.scope.projects?.includes(project) !== false
        )
      }
    },
    async forget() {
      known.clear()
      const before = open
      open = !(await store.hasOwner())
      if (before !== open) onOpenChanged(open)
    },
  }
}

/** Without looking at which projects there are: an owner of the installation sees those to come as well. */
function grantsByName(principal: Person | Account, project: ProjectName): Grants | undefined {
  if (principal.kind === 'account') return principal.project === project ? principal.grants : undefined
  const id = principal.memberOf.get(project)
  const grants = id === undefined ? undefined : principal.grants.get(id)
  return principal.isInstallationOwner ? { roles: ['owner'], denies: (grants ?? NO_GRANTS).denies } : grants
}

const isOurs = (token: string) => Object.values(TOKEN_PREFIXES).some((prefix) => token.startsWith(prefix))

function isSame(given: string, secret: string): boolean {
  const [one, other] = [given, secret].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(one!, other!)
}

/** In the words of a project that is not there. */
const noSuchProject = (project: ProjectName) => new SteadError('project_not_found', `there is no project "${project}"`)

function forbidden(act: Act, project: ProjectName, grants: Grants): SteadError {
  const roles = rolesFor(act)
  const why = isDenied(act, grants.denies)
    ? `${act} is denied to you in ${project}`
    : `${act} takes the role ${roles.join(' or ')} in ${project}; yours: ${grants.roles.join(', ') || 'none'}`
  return new SteadError('forbidden', why, { details: { act, roles } })
}

function refuseOutside(principal: Principal, act: Act, circle: string): void {
  if (circle === 'anyone' || principal.kind === 'local') return
  if (principal.kind === 'stranger') throw new SteadError('unauthenticated')
  if (principal.kind === 'runner') {
    if (circle === 'runner' || circle === 'signed in') return
    throw new SteadError('forbidden', `runners do not take part in ${act}`)
  }
  if (circle === 'runner') throw new SteadError('forbidden', `${act} takes a join token`)
  if (principal.scope.acts && !principal.scope.acts.includes(act) && act !== 'session.end')
    throw new SteadError('forbidden', `this token is not for ${act}`, { details: { act } })
  if (principal.scope.projects && circle !== 'signed in')
    throw new SteadError('forbidden', `this token is for projects, not for ${act}`, { details: { act } })
  if (circle === 'person' && principal.kind !== 'person')
    throw new SteadError('forbidden', `${act} is for people, not for service accounts`)
  if (circle === 'installation owner' && !(principal.kind === 'person' && principal.isInstallationOwner))
    throw new SteadError('forbidden', `${act} takes an owner of the installation`)
}
