import type { ColumnType, Generated } from 'kysely'
import type { Document, Moment, Now } from './columns.ts'

/** Who may do what, and who did. */
export interface AccessTables {
  people: People
  sessions: Sessions
  members: Members
  service_accounts: ServiceAccounts
  tokens: Tokens
  consumers: Consumers
  consumer_keys: ConsumerKeys
  usage: Usage
  audit: Audit
}

export interface People {
  id: string
  name: string
  display_name: string
  /** Argon2id; null for those who come by single sign-on only. */
  password_hash: string | null
  sso_issuer: string | null
  sso_subject: string | null
  /** Of the installation. */
  is_owner: Generated<boolean>
  is_disabled: Generated<boolean>
  created_at: Now
  seen_at: Moment | null
}

/** Hashes are SHA-256 of the secret, in hexadecimal: secrets are random and long. */
interface Sessions {
  id: string
  hash: string
  person_id: string
  agent: string
  address: string
  created_at: Now
  seen_at: Now
  expires_at: Moment
}

interface Members {
  project_id: string
  person_id: string
  /** Lists of text. */
  roles: Document
  denies: Document
  created_at: Now
}

interface ServiceAccounts {
  id: string
  project_id: string
  name: string
  description: string
  roles: Document
  denies: Document
  created_at: Now
}

interface Tokens {
  id: string
  kind: 'person' | 'account' | 'runner'
  hash: string
  hint: string
  name: string
  person_id: string | null
  account_id: string | null
  /** Lists of text; null for no bound. */
  projects: ColumnType<unknown, object | null, object | null>
  acts: ColumnType<unknown, object | null, object | null>
  created_at: Now
  expires_at: Moment | null
  last_used_at: Moment | null
}

interface Consumers {
  id: string
  project_id: string
  name: string
  description: string
  limits: Document
  created_at: Now
}

interface ConsumerKeys {
  id: string
  consumer_id: string
  project_id: string
  hash: string
  hint: string
  name: string
  deployments: ColumnType<unknown, object | null, object | null>
  created_at: Now
  expires_at: Moment | null
  last_used_at: Moment | null
}

interface Usage {
  project_id: string
  consumer_id: string
  key_id: string
  deployment: string
  version: number
  /** Its beginning. */
  hour: Moment
  requests: number
  failed: number
}

interface Audit {
  /** A project's id, or `installation`. */
  chain: string
  sequence: number
  at: Moment
  outcome: 'done' | 'denied'
  act: string
  actor: string
  subject: string
  /** The canonical form of all that is hashed. */
  entry: string
  previous: string
  hash: string
}
