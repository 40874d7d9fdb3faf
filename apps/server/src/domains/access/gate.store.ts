import type { Grants } from '@stead/contracts'
import type { Account, Person } from './principal.ts'

/** Reads who is behind a credential, as it is in the database at that moment. Hashes are SHA-256 in hexadecimal. */
export interface GateStore {
  /** Whether anybody owns the installation. */
  hasOwner(): Promise<boolean>
  /** Of tokens that have not expired and whose owner is not disabled. */
  byToken(hash: string): Promise<Person | Account | { kind: 'runner'; credential: string } | undefined>
  bySession(hash: string, idleMs: number): Promise<Person | undefined>
  /** Notes that it was just used. */
  touch(kind: 'token' | 'session', id: string): Promise<void>
}

export const NO_GRANTS: Grants = { roles: [], denies: [] }
