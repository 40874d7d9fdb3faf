import type { OpenSession, Profile } from '@stead/contracts'

/** A person as they sign in. */
export interface Applicant {
  readonly id: string
  readonly name: string
  readonly passwordHash: string | null
}

export interface NewSession {
  /** SHA-256 of its secret, in hexadecimal. */
  readonly hash: string
  /** The browser, as it names itself. */
  readonly agent: string
  readonly address: string
  readonly expiresAt: Date
  /** For the audit log. */
  readonly way: 'password' | 'single sign-on'
}

/** Where people are signed in. A session that begins or ends and its entry in the audit log are one transaction. */
export interface SessionStore {
  /** Of those who are not disabled. */
  find(name: string): Promise<Applicant | undefined>
  /** Only if the person may still sign in and their password is still the one that was checked; then true. Sessions
   *  that have ended by themselves are removed on the way. */
  begin(person: Applicant, session: NewSession, idleMs: number): Promise<boolean>
  /** Newest first, those alive. */
  list(personId: string, idleMs: number): Promise<Omit<OpenSession, 'isThis'>[]>
  /** False when the person has no such session. */
  end(personId: string, session: string): Promise<boolean>
  profileOf(personId: string): Promise<(Profile & { readonly passwordHash: string | null }) | undefined>
}
