import type { ColumnType, Generated } from 'kysely'

/** The tables as the code sees them; `schema.sql` is the database's view of the same. */

/** timestamptz: an ISO 8601 text in UTC with milliseconds. */
type Moment = ColumnType<string, string | Date, string | Date>
/** A moment the database fills in where none is given. */
type Now = ColumnType<string, string | Date | undefined, string | Date>
/** jsonb: an object or an array goes in, and what comes out is parsed but not trusted. */
type Document = ColumnType<unknown, object, object>

export interface Tables {
  projects: Projects
  artifacts: Artifacts
  models: Models
  versions: Versions
  aliases: Aliases
  deployments: Deployments
  generations: Generations
  generation_versions: GenerationVersions
  golden_requests: GoldenRequests
  idempotency: Idempotency
  runners: Runners
  events: Events
  figures: Figures
  settings: Settings
  people: People
  sessions: Sessions
  members: Members
  service_accounts: ServiceAccounts
  tokens: Tokens
  consumers: Consumers
  consumer_keys: ConsumerKeys
  usage: Usage
  audit: Audit
  migrations: Migrations
}

export interface Projects {
  id: string
  name: string
  created_at: Now
}

export interface Artifacts {
  project_id: string
  digest: string
  size: number
  created_at: Now
}

export interface Models {
  id: string
  project_id: string
  name: string
  description: Generated<string>
  /** The highest number ever given to a version; numbers are never given twice. */
  last_version: Generated<number>
  created_at: Now
}

export interface Versions {
  id: string
  model_id: string
  project_id: string
  number: number
  /** Of the bundle's manifest. */
  digest: string
  runtime: string
  signature: Document
  /** `[{ path, digest, size }]` */
  files: Document
  size: number
  provenance: Document
  description: Generated<string>
  created_at: Now
}

export interface Aliases {
  model_id: string
  project_id: string
  alias: string
  version_number: number
  updated_at: Now
}

export interface Deployments {
  id: string
  project_id: string
  name: string
  model_id: string
  generation: number
  created_at: Now
  /** Who answers for it: `person:` or `account:` and an id; null for those made before there were people. */
  owner: string | null
}

export interface Generations {
  deployment_id: string
  project_id: string
  generation: number
  kind: string
  /** Contract, routes, shadows, configuration, parked. */
  document: Document
  reason: string | null
  actor: string
  stages: Document
  idempotency_key: string | null
  committed_at: Now
}

/** The versions a deployment holds: those of its current generation and of those it may still return to. */
export interface GenerationVersions {
  deployment_id: string
  project_id: string
  generation: number
  version_id: string
}

export interface GoldenRequests {
  id: string
  deployment_id: string
  project_id: string
  name: string
  request: Document
  assertion: Document
  created_at: Now
}

export interface Idempotency {
  project_id: string
  scope: string
  key: string
  request_hash: string
  /** Both null while the first request is still being answered. */
  status: number | null
  answer: ColumnType<unknown, object | null, object | null>
  created_at: Now
}

export interface Runners {
  name: string
  document: Document
  seen_at: Now
}

export interface Events {
  sequence: Generated<number>
  project_id: string
  kind: string
  subject: string
  document: Document
  actor: string
  at: Now
}

export interface Figures {
  deployment_id: string
  project_id: string
  version: number
  /** Seconds. */
  step: 10 | 300
  at: Moment
  document: Document
}

export interface Settings {
  key: string
  value: Document
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
export interface Sessions {
  id: string
  hash: string
  person_id: string
  agent: string
  address: string
  created_at: Now
  seen_at: Now
  expires_at: Moment
}

export interface Members {
  project_id: string
  person_id: string
  /** Lists of text. */
  roles: Document
  denies: Document
  created_at: Now
}

export interface ServiceAccounts {
  id: string
  project_id: string
  name: string
  description: string
  roles: Document
  denies: Document
  created_at: Now
}

export interface Tokens {
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

export interface Consumers {
  id: string
  project_id: string
  name: string
  description: string
  limits: Document
  created_at: Now
}

export interface ConsumerKeys {
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

export interface Usage {
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

export interface Audit {
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

export interface Migrations {
  name: string
  applied_at: Now
}
