import type { ColumnType, Generated } from 'kysely'
import type { Document, Now } from './columns.ts'

/** Of the installation, its projects and what they tell. */
export interface PlatformTables {
  projects: Projects
  settings: Settings
  idempotency: Idempotency
  events: Events
  webhooks: Webhooks
  deliveries: Deliveries
  migrations: Migrations
}

export interface Projects {
  id: string
  name: string
  description: Generated<string>
  created_at: Now
  /** The number that was last given to an experiment. */
  last_experiment: Generated<number>
}

interface Settings {
  key: string
  value: Document
}

interface Idempotency {
  project_id: string
  scope: string
  key: string
  request_hash: string
  /** Both null while the first request is still being answered. */
  status: number | null
  answer: ColumnType<unknown, object | null, object | null>
  created_at: Now
}

interface Events {
  sequence: Generated<number>
  project_id: string
  kind: string
  subject: string
  document: Document
  actor: string
  at: Now
}

interface Webhooks {
  id: string
  project_id: string
  name: string
  description: Generated<string>
  url: string
  /** List of text. */
  events: Document
  status: Generated<'ACTIVE' | 'DISABLED'>
  /** Encrypted; null where deliveries are not signed. */
  secret: string | null
  /** The sequence of the last event that it is not told of. */
  since: number
  created_at: Now
  updated_at: Now
}

interface Deliveries {
  id: string
  webhook_id: string
  project_id: string
  /** Of the event it tells of; null for tests and those sent again. */
  sequence: number | null
  event: string
  /** What is sent, byte for byte. */
  body: string
  state: Generated<'pending' | 'delivered' | 'failed'>
  attempts: Generated<number>
  next_at: ColumnType<string | null, string | Date | null, string | Date | null>
  /** The last attempts. */
  log: ColumnType<unknown, object | undefined, object>
  created_at: Now
}

interface Migrations {
  name: string
  applied_at: Now
}
