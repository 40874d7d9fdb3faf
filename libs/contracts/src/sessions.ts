import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AccountName, Instant, Label, ProjectName } from './names.ts'
import { ROLES } from './roles.ts'

/** Who acts, and how they showed it: people by a session in the browser, people and service accounts by API tokens. */

const GrantsHeld = z.object({ roles: z.array(z.enum(ROLES)), denies: z.array(z.string()) })

/** At least twelve characters; bounded, for a hash of it is computed before anybody is known. */
export const Password = z
  .string()
  .min(12, { error: 'password: at least 12 characters' })
  .max(512, { error: 'password: at most 512 characters' })

export const Profile = z.object({
  name: AccountName,
  /** As others read it. */
  displayName: z.string(),
  /** Owns the installation: people, projects, runners, backups; owner in every project. */
  isInstallationOwner: z.boolean(),
  /** False for those who come by single sign-on only. */
  hasPassword: z.boolean(),
})
export type Profile = z.infer<typeof Profile>

export const Session = z.object({
  /** `open`: nobody is configured, this machine's user may do everything. `signed out`: credentials are asked for. */
  state: z.enum(['open', 'signed in', 'signed out']),
  /** The name that the record of events has for whoever asks: `local`, `ada`, `service:ci`. */
  actor: z.string().nullable(),
  profile: Profile.nullable(),
  /** By project, for those that may be seen. */
  projects: z.record(ProjectName, GrantsHeld),
  /** How to sign in here. */
  ways: z.object({ password: z.boolean(), sso: z.object({ name: z.string() }).nullable() }),
})
export type Session = z.infer<typeof Session>

export const readSession = endpoint({
  act: 'session.read',
  method: 'GET',
  path: '/api/v1/session',
  says: 'Tells who is asking and what they may do; strangers are told how to sign in, and nothing else.',
  returns: Session,
  fails: [],
})

export const signIn = endpoint({
  act: 'session.create',
  method: 'POST',
  path: '/api/v1/session',
  says: 'Signs a person in; the session is a cookie that scripts cannot read. Too many failures make name and address wait.',
  body: z.object({ name: z.string().max(250), password: z.string().max(512) }),
  returns: Session,
  fails: ['invalid_request', 'sign_in_refused', 'too_many_attempts'],
})

export const signOut = endpoint({
  act: 'session.end',
  method: 'DELETE',
  path: '/api/v1/session',
  says: 'Ends the session of this browser, at once and everywhere.',
  status: 204,
  fails: ['unauthenticated'],
})

export const beginSso = endpoint({
  act: 'session.create',
  method: 'GET',
  path: '/api/v1/session/sso',
  says: 'Sends the browser to the provider of single sign-on (OpenID Connect), and afterwards back to `to`.',
  query: z.object({ to: z.string().max(2_000).default('/') }),
  fails: ['sso_unavailable', 'sso_failed', 'too_many_attempts'],
})

export const endSso = endpoint({
  act: 'session.create',
  method: 'GET',
  path: '/api/v1/session/sso/callback',
  says: 'Where the provider of single sign-on sends the browser back to: makes the session, or tells at the sign-in why not.',
  fails: ['sso_unavailable', 'sso_expired', 'sso_failed', 'sso_unknown', 'sign_in_refused'],
})

export const OpenSession = z.object({
  id: z.string(),
  createdAt: Instant,
  seenAt: Instant,
  expiresAt: Instant,
  /** The browser, as it names itself. */
  agent: z.string(),
  from: z.string(),
  isThis: z.boolean(),
})
export type OpenSession = z.infer<typeof OpenSession>

export const listSessions = endpoint({
  act: 'profile.read',
  method: 'GET',
  path: '/api/v1/me/sessions',
  says: 'Lists where one is signed in.',
  returns: z.object({ sessions: z.array(OpenSession) }),
  fails: ['unauthenticated'],
})

export const endSession = endpoint({
  act: 'profile.change',
  method: 'DELETE',
  path: '/api/v1/me/sessions/:session',
  says: 'Ends one of one’s sessions, its open streams included.',
  status: 204,
  params: z.object({ session: z.string().max(100) }),
  fails: ['unauthenticated', 'session_not_found'],
})

export const changeProfile = endpoint({
  act: 'profile.change',
  method: 'PATCH',
  path: '/api/v1/me',
  says: 'Changes how others read one’s name, or the password; a new password ends all other sessions.',
  body: z.object({
    displayName: Label.optional(),
    password: z.object({ current: z.string().max(512), next: Password }).optional(),
  }),
  returns: Profile,
  fails: ['unauthenticated', 'invalid_request', 'password_wrong', 'too_many_attempts'],
})
