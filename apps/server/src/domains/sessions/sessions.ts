import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { SteadError } from '@stead/contracts'
import type { OpenSession, Session } from '@stead/contracts'
import { type Gate, SESSION_IDLE_MS } from '../access/gate.ts'
import { actorOf, type Principal } from '../access/principal.ts'
import { actAs, authorNow } from '../audit/author.ts'
import type { Projects } from '../projects/projects.ts'
import type { PasswordHashing } from '../people/password-hashing.ts'
import type { Applicant, NewSession, SessionStore } from './sessions.store.ts'
import type { Throttle } from './throttle.ts'

/** However much it is used, a session ends this long after the sign-in. */
export const SESSION_LASTS_MS = 30 * 86_400_000

/** Where a request comes from, as a person would know it again. */
export interface Whence {
  readonly address: string
  readonly agent: string
}

/** A session that has just begun. Its secret is told once, to the browser. */
export interface Begun {
  readonly secret: string
}

/** Where people are signed in. */
export interface Sessions {
  read(principal: Principal): Promise<Session>
  /** Throws `sign_in_refused` or `too_many_attempts`, whether or not there is such a person. */
  signIn(name: string, password: string, from: Whence): Promise<Begun>
  /** For a person who has shown otherwise who they are. */
  begin(person: Applicant, from: Whence, way: NewSession['way']): Promise<Begun>
  /** Ends the session that was shown, if it was one. */
  signOut(principal: Principal): Promise<void>
  /** The session of a secret that has just been given out, as its browser will see it. */
  readBegun(begun: Begun): Promise<Session>
  list(principal: Principal): Promise<OpenSession[]>
  end(principal: Principal, session: string): Promise<void>
}

/** A sign-in that was refused. */
export type OnRefused = (refused: {
  readonly projectId: null
  readonly act: 'session.create'
  readonly subject: string
  readonly reason: string
}) => void

export interface SessionParts {
  readonly store: SessionStore
  readonly hashing: PasswordHashing
  readonly throttle: Throttle
  readonly gate: Pick<Gate, 'identify' | 'visible' | 'grantsIn'>
  readonly projects: Pick<Projects, 'idOf' | 'list'>
  readonly clock: Pick<Clock, 'now'>
  readonly sso: { readonly name: string } | undefined
  readonly onRefused: OnRefused
}

export function createSessions(parts: SessionParts): Sessions {
  const { store, hashing, throttle, gate, clock, sso, onRefused } = parts

  const refused = (person: Applicant | undefined, reason: string) =>
    // Whoever fails is a stranger, also in a browser where somebody is signed in. And what was typed as a name may be a
    // password: only names that there are get into the log.
    actAs({ ...authorNow(), actor: 'stranger', credential: null }, () =>
      onRefused({
        projectId: null,
        act: 'session.create',
        subject: person ? `person ${person.name}` : 'nobody',
        reason,
      }),
    )

  async function read(principal: Principal): Promise<Session> {
    const isStranger = principal.kind === 'stranger'
    return {
      state: isStranger ? 'signed out' : principal.kind === 'local' ? 'open' : 'signed in',
      actor: isStranger ? null : actorOf(principal),
      profile: principal.kind === 'person' ? await profileOf(store, principal.id) : null,
      projects: isStranger ? {} : await grantsOf(principal, parts),
      ways: { password: true, sso: sso === undefined ? null : { name: sso.name } },
    }
  }

  async function begin(person: Applicant, from: Whence, way: NewSession['way']): Promise<Begun> {
    const secret = randomBytes(32).toString('base64url')
    const hash = createHash('sha256').update(secret).digest('hex')
    const expiresAt = new Date(clock.now().getTime() + SESSION_LASTS_MS)
    if (await store.begin(person, { ...from, hash, expiresAt, way }, SESSION_IDLE_MS)) return { secret }
    refused(person, 'the person was changed meanwhile')
    throw new SteadError('sign_in_refused')
  }

  return {
    read,
    begin,
    async signIn(name, password, from) {
      const person = await store.find(name)
      const wait = throttle.begin(name, from.address)
      if (wait > 0) {
        refused(person, 'too many attempts')
        throw tooMany(wait)
      }
      if (!(await hashing.fits(password, person?.passwordHash)) || !person) {
        refused(person, 'name and password do not go together')
        throw new SteadError('sign_in_refused')
      }
      const begun = await begin(person, from, 'password')
      throttle.succeed(name, from.address)
      return begun
    },
    async readBegun({ secret }) {
      return read(await gate.identify({ token: undefined, session: secret }))
    },
    async signOut(principal) {
      if (principal.kind === 'person' && principal.isSession) await store.end(principal.id, principal.credential)
    },
    async list(principal) {
      const { id, credential } = personIn(principal)
      const open = await store.list(id, SESSION_IDLE_MS)
      return open.map((session) => ({ ...session, isThis: session.id === credential }))
    },
    async end(principal, session) {
      if (!(await store.end(personIn(principal).id, session)))
        throw new SteadError('session_not_found', 'you have no such session')
    },
  }
}

export function personIn(principal: Principal) {
  if (principal.kind === 'person') return principal
  throw new SteadError('unauthenticated', 'nobody is signed in here')
}

/** Rounded up: whoever waits that long is let in. */
export function tooMany(waitMs: number): SteadError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000))
  return new SteadError('too_many_attempts', `too many attempts; the next one in ${retryAfter} s`, {
    details: { retryAfter },
  })
}

async function profileOf(store: SessionStore, id: string) {
  const found = await store.profileOf(id)
  // Removed since they were identified.
  if (!found) throw new SteadError('unauthenticated')
  const { passwordHash: _, ...profile } = found
  return profile
}

async function grantsOf(principal: Principal, { gate, projects }: SessionParts): Promise<Session['projects']> {
  const sees = gate.visible(principal)
  const granted: Session['projects'] = {}
  for (const { name } of await projects.list()) {
    const grants = sees(name) ? gate.grantsIn(principal, await projects.idOf(name)) : undefined
    if (grants) granted[name] = { roles: [...grants.roles], denies: [...grants.denies] }
  }
  return granted
}
