import type {
  Consumer,
  ConsumerKey,
  ConsumerName,
  DeploymentName,
  Event,
  ProjectName,
  UsagePoint,
} from '@stead/contracts'

export interface KeptKey extends ConsumerKey {
  /** SHA-256 of the whole key, in hexadecimal. */
  readonly hash: string
}

export interface KeptConsumer extends Omit<Consumer, 'keys' | 'used'> {
  readonly id: string
  readonly projectId: string
  readonly project: ProjectName
  readonly keys: readonly KeptKey[]
}

export type NewConsumer = Pick<Consumer, 'name' | 'description' | 'limits'>
export type NewKey = Pick<KeptKey, 'name' | 'hash' | 'hint' | 'deployments' | 'expiresAt'>

/** Who does it, for the event; the audit log knows by itself. */
export interface Change {
  readonly projectId: string
  readonly consumer: ConsumerName
  readonly actor: string
}

/** Consumers and their keys. Every change is one transaction with its entry of the audit log and its event, or nothing;
 *  `gone` tells that there is nothing of that name. Changes of one consumer follow one another. */
export interface ConsumerStore {
  /** By name: those of a project, or of all of them. */
  list(projectId?: string): Promise<KeptConsumer[]>
  find(projectId: string, name: ConsumerName): Promise<KeptConsumer | undefined>
  create(projectId: string, consumer: NewConsumer, actor: string): Promise<Event | 'name_taken'>
  /** `next` is given what is there and returns what shall be; what it throws, the change fails with. */
  change(
    change: Change,
    next: (before: NewConsumer) => Pick<NewConsumer, 'description' | 'limits'>,
  ): Promise<Event | 'gone'>
  remove(change: Change): Promise<Event | 'gone'>
  addKey(
    change: Change,
    key: NewKey,
  ): Promise<
    | { readonly event: Event; readonly key: ConsumerKey }
    | 'gone'
    | 'name_taken'
    | { readonly missing: readonly DeploymentName[] }
  >
  removeKey(change: Change, keyId: string): Promise<Event | 'gone' | 'key_gone'>
  /** Tokens, as hashes, of owners of the installation, that are for reading figures of operation and say so. */
  monitors(): Promise<{ readonly hash: string; readonly expiresAt: string | null }[]>
}

/** What one key asked of one version in one hour. */
export interface HourlyUse {
  readonly projectId: string
  readonly consumerId: string
  readonly key: string
  readonly deployment: string
  readonly version: number
  /** Milliseconds since 1970 of its beginning. */
  readonly hour: number
  readonly requests: number
  readonly failed: number
}

/** What was used, by hours. It refers to nothing that can be removed. */
export interface UsageStore {
  /** Adds to what is there, and notes when keys were last used: all of it or nothing. */
  add(uses: readonly HourlyUse[], keysUsed: readonly { readonly key: string; readonly at: Date }[]): Promise<void>
  /** The requests of each consumer since the beginnings of a day and a month. */
  sums(day: Date, month: Date): Promise<{ consumerId: string; today: number; thisMonth: number }[]>
  /** In order of time. */
  read(consumerId: string, from: Date, step: 'hour' | 'day'): Promise<UsagePoint[]>
}
