import type { Act, Grants } from '@stead/contracts'

/** Whoever asks, once their credentials have been looked at. */
export type Principal =
  /** This machine's user, while nobody is configured: may do everything. */
  | { readonly kind: 'local' }
  /** Nobody that is known. */
  | { readonly kind: 'stranger' }
  | Person
  | Account
  | { readonly kind: 'runner'; readonly credential: string }

export interface Person {
  readonly kind: 'person'
  readonly id: string
  readonly name: string
  readonly isInstallationOwner: boolean
  /** By project id. */
  readonly grants: ReadonlyMap<string, Grants>
  /** The ids of the projects they are members of, by name. */
  readonly memberOf: ReadonlyMap<string, string>
  readonly credential: string
  /** A browser's session; the others show a token. */
  readonly isSession: boolean
  readonly scope: Scope
}

/** A service account. */
export interface Account {
  readonly kind: 'account'
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly project: string
  readonly grants: Grants
  readonly credential: string
  readonly scope: Scope
}

/** What a token is narrowed to; null for no bound. */
export interface Scope {
  /** Names. */
  readonly projects: readonly string[] | null
  readonly acts: readonly Act[] | null
}

/** The name that events and the audit log have for them. */
export function actorOf(principal: Principal): string {
  if (principal.kind === 'person') return principal.name
  if (principal.kind === 'account') return `service:${principal.name}`
  return principal.kind
}

/** Under which a deployment belongs to them; null where there are no people. */
export function ownerOf(principal: Principal): string | null {
  return principal.kind === 'person' || principal.kind === 'account' ? `${principal.kind}:${principal.id}` : null
}
