import type {
  Delivery,
  DeliveryAttempt,
  Event,
  ListedWebhook,
  LostSecret,
  Webhook,
  WebhookEvent,
} from '@stead/contracts'

export type NewWebhook = Pick<Webhook, 'id' | 'name' | 'description' | 'url' | 'events' | 'status'> & {
  /** Encrypted. */
  readonly secret: string | null
}
export type KeptWebhook = Webhook & { readonly secret: string | null }
export type WebhookChange = { readonly [K in Exclude<keyof NewWebhook, 'id'>]?: NewWebhook[K] | undefined }

/** Who is told. A change is one transaction with its entry of the audit log and its event; a webhook is told of what
 *  happens after it was made, and after it was active again. `gone` tells that there is none of that id. */
export interface WebhookStore {
  /** The oldest first. */
  list(projectId: string): Promise<(KeptWebhook & Pick<ListedWebhook, 'last'>)[]>
  /** Those of all projects that have a secret. */
  sealed(): Promise<(LostSecret & { readonly secret: string })[]>
  find(projectId: string, id: string): Promise<KeptWebhook | undefined>
  create(projectId: string, webhook: NewWebhook, actor: string, most: number): Promise<Event | 'full'>
  change(projectId: string, id: string, change: WebhookChange, actor: string): Promise<Event | 'gone'>
  remove(projectId: string, id: string, actor: string): Promise<Event | 'gone'>
}

/** One that is to be sent. */
export interface DueDelivery {
  readonly id: string
  readonly webhook: string
  readonly url: string
  readonly secret: string | null
  readonly body: string
  readonly attempts: number
  readonly createdAt: string
}

export type Outcome = { readonly is: 'delivered' | 'failed' } | { readonly is: 'again'; readonly at: Date }

/** What webhooks are told, and what became of it. */
export interface DeliveryStore {
  /** Writes a delivery for each webhook that wants to hear of an event since the last time, and where it has come to, in
   *  one transaction: none is forgotten and none written twice, whenever the server ends. True where more are waiting. */
  enqueue(tell: (event: Event, about: Subject) => Telling | undefined): Promise<boolean>
  /** Of active webhooks, the oldest first, at most one of each, and none of those named. */
  due(now: Date, limit: number, except: readonly string[]): Promise<DueDelivery[]>
  /** Also for one that is gone meanwhile. */
  settle(id: string, attempt: DeliveryAttempt, outcome: Outcome): Promise<void>
  /** The newest first. */
  list(
    projectId: string,
    webhook: string,
    page: { readonly after: { readonly createdAt: string; readonly id: string } | undefined; readonly limit: number },
  ): Promise<Delivery[]>
  /** The same again, due now. */
  repeat(projectId: string, webhook: string, delivery: string, id: string, now: Date): Promise<Delivery | undefined>
  /** Forgets those that are over and older, or more than `most` of a webhook. */
  prune(before: Date, most: number): Promise<void>
}

/** What a telling says, before it is dressed. */
export interface Telling {
  readonly event: WebhookEvent
  readonly data: Readonly<Record<string, unknown>>
}

/** What is known, at the time of telling, of the model and version that an event is about. */
export interface Subject {
  readonly isPrompt: boolean
  readonly model: { readonly description: string; readonly tags: Readonly<Record<string, string>> } | undefined
  readonly version:
    | {
        readonly source: string
        readonly run: string | null
        readonly description: string
        readonly tags: Readonly<Record<string, string>>
      }
    | undefined
}
