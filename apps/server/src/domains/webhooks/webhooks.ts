import { randomUUID } from 'node:crypto'
import {
  type Delivery,
  type DeliveryAttempt,
  type Event,
  type ListedWebhook,
  type LostSecret,
  type ProjectName,
  SteadError,
  type Webhook,
  type WebhookEvent,
} from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import type { Sent } from './sending.ts'
import { bodyOf, exampleOf } from './tellings.ts'
import type { DeliveryStore, DueDelivery, KeptWebhook, NewWebhook, WebhookStore } from './webhooks.store.ts'

/** Keeps what the database must not know. What was sealed `of` one thing opens for no other. */
export interface SecretSealing {
  seal(of: string, secret: string): string
  /** Undefined for what another key has sealed. */
  open(of: string, sealed: string): string | undefined
}

export type AskedWebhook = Omit<NewWebhook, 'id' | 'secret'> & { readonly secret: string | null }
/** A secret that is null ends the signing; one that is not given stays. */
export type AskedChange = { readonly [K in keyof AskedWebhook]?: AskedWebhook[K] | undefined }

/** Who is told of events, by project. Failures: `webhook_not_found`, `webhook_refused` for an address that is not to be
 *  asked, `delivery_not_found`, `invalid_request`. */
export interface Webhooks {
  list(project: ProjectName): Promise<ListedWebhook[]>
  get(project: ProjectName, id: string): Promise<Webhook>
  /** Those that cannot be signed for here, of all projects. */
  lostSecrets(): Promise<LostSecret[]>
  create(project: ProjectName, webhook: AskedWebhook, actor: string): Promise<Webhook>
  change(project: ProjectName, id: string, change: AskedChange, actor: string): Promise<Webhook>
  remove(project: ProjectName, id: string, actor: string): Promise<void>
  /** Sends an example once, and keeps nothing of it. */
  test(
    project: ProjectName,
    id: string,
    event: WebhookEvent | undefined,
  ): Promise<DeliveryAttempt & { readonly success: boolean }>
  deliveries(project: ProjectName, id: string, page: Parameters<DeliveryStore['list']>[2]): Promise<Delivery[]>
  redeliver(project: ProjectName, id: string, delivery: string): Promise<Delivery>
}

export interface WebhookParts {
  readonly store: WebhookStore
  readonly deliveries: Pick<DeliveryStore, 'list' | 'repeat'>
  readonly sealing: SecretSealing
  readonly projects: Pick<Projects, 'idOf'>
  /** Why an address must not be asked; undefined for one that may. */
  readonly objection: (url: string) => Promise<string | undefined>
  readonly send: (delivery: DueDelivery) => Promise<Sent>
  /** There may be something to be sent. */
  readonly onDue: () => void
  readonly clock: { now(): Date }
  publish(event: Event): void
}

const MOST = 100

export function createWebhooks(parts: WebhookParts): Webhooks {
  const { store, deliveries, sealing, projects, clock, publish } = parts

  async function find(project: ProjectName, id: string): Promise<KeptWebhook> {
    return (await store.find(await projects.idOf(project), id)) ?? missing(id)
  }
  const get = async (project: ProjectName, id: string): Promise<Webhook> => {
    const { secret: _, ...webhook } = await find(project, id)
    return webhook
  }
  async function refuseAddress(url: string): Promise<void> {
    const objection = await parts.objection(url)
    if (objection !== undefined) throw new SteadError('webhook_refused', objection, { where: 'url' })
  }
  const isLost = (id: string, secret: string | null) => secret !== null && sealing.open(id, secret) === undefined
  const sealed = (id: string, secret: string | null) => (secret === null ? null : sealing.seal(id, secret))

  return {
    get,
    async list(project) {
      const found = await store.list(await projects.idOf(project))
      return found.map(({ secret, ...webhook }) => ({ ...webhook, isSecretLost: isLost(webhook.id, secret) }))
    },
    async lostSecrets() {
      const sealedOnes = await store.sealed()
      return sealedOnes.flatMap(({ secret, ...one }) => (isLost(one.webhook, secret) ? [one] : []))
    },
    async create(project, { secret, ...asked }, actor) {
      await refuseAddress(asked.url)
      const id = randomUUID()
      const webhook = { ...asked, id, events: [...new Set(asked.events)], secret: sealed(id, secret) }
      const event = await store.create(await projects.idOf(project), webhook, actor, MOST)
      if (event === 'full')
        throw new SteadError('invalid_request', `a project has at most ${MOST} webhooks; delete one that is not needed`)
      publish(event)
      return get(project, id)
    },
    async change(project, id, { secret, events, ...change }, actor) {
      if (change.url !== undefined) await refuseAddress(change.url)
      const event = await store.change(
        await projects.idOf(project),
        id,
        {
          ...change,
          ...(events === undefined ? {} : { events: [...new Set(events)] }),
          ...(secret === undefined ? {} : { secret: sealed(id, secret) }),
        },
        actor,
      )
      if (event === 'gone') missing(id)
      else publish(event)
      // What waits for an address that did not work is not sent to the new one before its time; what is due is.
      parts.onDue()
      return get(project, id)
    },
    async remove(project, id, actor) {
      const event = await store.remove(await projects.idOf(project), id, actor)
      if (event === 'gone') missing(id)
      else publish(event)
    },
    async test(project, id, event) {
      const { url, secret, events } = await find(project, id)
      const now = clock.now().toISOString()
      const body = bodyOf(exampleOf(event ?? events[0]!), now)
      const { retryAfter: _, ...attempt } = await parts.send({
        id: randomUUID(),
        webhook: id,
        url,
        secret,
        body,
        attempts: 0,
        createdAt: now,
      })
      return { ...attempt, success: attempt.status !== null && attempt.status < 400 }
    },
    async deliveries(project, id, page) {
      await find(project, id)
      return deliveries.list(await projects.idOf(project), id, page)
    },
    async redeliver(project, id, delivery) {
      await find(project, id)
      const again = await deliveries.repeat(await projects.idOf(project), id, delivery, randomUUID(), clock.now())
      if (again === undefined)
        throw new SteadError('delivery_not_found', `webhook ${id} has no delivery "${delivery.slice(0, 100)}"`)
      parts.onDue()
      return again
    },
  }
}

function missing(id: string): never {
  throw new SteadError('webhook_not_found', `Webhook with ID ${id.slice(0, 100)} not found.`)
}
