import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, ProjectName } from './names.ts'
import { InProject } from './projects.ts'

/** Addresses that are told of what happens in a project. Each telling is a delivery: it is written down with the change it
 *  tells of, signed, and sent until it arrives or a day has passed. docs of the signature: webhooks/signature.ts. */

/** What a webhook can be told of. Prompts are registered models that MLflow's client marks as such. */
export const WEBHOOK_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
] as const
export const WebhookEvent = z.enum(WEBHOOK_EVENTS)
export type WebhookEvent = z.infer<typeof WebhookEvent>

export const WebhookName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i, {
    error: 'webhook name: 1 to 63 letters, digits, ".", "_" or "-", beginning and ending with a letter or digit',
  })
  .brand<'WebhookName'>()
export type WebhookName = z.infer<typeof WebhookName>

export const WebhookStatus = z.enum(['ACTIVE', 'DISABLED'])
export type WebhookStatus = z.infer<typeof WebhookStatus>

export const Webhook = z.object({
  id: z.string(),
  name: WebhookName,
  description: z.string(),
  url: z.string(),
  events: z.array(WebhookEvent),
  status: WebhookStatus,
  /** Whether deliveries are signed; the secret itself is told to nobody. */
  hasSecret: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Webhook = z.infer<typeof Webhook>

/** One try to deliver, and what came of it. */
export const DeliveryAttempt = z.object({
  at: Instant,
  /** The status that was answered; null where nothing was. */
  status: z.number().int().nullable(),
  /** Milliseconds. */
  took: z.number().int(),
  /** Why there was no answer. */
  error: z.string().nullable(),
  /** The beginning of the answer. */
  answer: z.string(),
})
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>

export const Delivery = z.object({
  id: z.string(),
  event: WebhookEvent,
  /** Of the event in the activity of the project; null for one that was sent again. */
  sequence: z.number().int().nullable(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  /** When it is tried next. */
  nextAt: Instant.nullable(),
  /** The last ones, in their order. */
  log: z.array(DeliveryAttempt),
  body: z.string(),
  createdAt: Instant,
})
export type Delivery = z.infer<typeof Delivery>

/** A webhook with what came of the last delivery that was tried; `last` is null where none was. */
export const ListedWebhook = Webhook.extend({
  /** Sealed with a key that is not here, as after a restore elsewhere: nothing is sent until it is set again. */
  isSecretLost: z.boolean(),
  last: Delivery.pick({ id: true, event: true, state: true, attempts: true, nextAt: true })
    .extend({ attempt: DeliveryAttempt })
    .nullable(),
})
export type ListedWebhook = z.infer<typeof ListedWebhook>

/** A webhook whose secret is to be set again. */
export const LostSecret = z.object({ project: ProjectName, webhook: z.string(), name: WebhookName })
export type LostSecret = z.infer<typeof LostSecret>

const Url = z.string().min(1).max(2048)
const Secret = z.string().min(1).max(1000)
const Described = z.object({
  name: WebhookName,
  description: z.string().max(1000),
  url: Url,
  events: z.array(WebhookEvent).min(1).max(WEBHOOK_EVENTS.length),
  status: WebhookStatus,
})
const OneWebhook = InProject.extend({ webhook: z.string().min(1).max(100) })

export const listWebhooks = endpoint({
  act: 'webhook.list',
  method: 'GET',
  path: '/api/v1/projects/:project/webhooks',
  says: 'Lists the webhooks of a project, the oldest first, each with what came of its last delivery.',
  params: InProject,
  returns: z.object({ webhooks: z.array(ListedWebhook) }),
  fails: ['project_not_found'],
})

export const createWebhook = endpoint({
  act: 'webhook.create',
  method: 'POST',
  path: '/api/v1/projects/:project/webhooks',
  says: 'Makes a webhook. Its address must be https and reach a public machine.',
  status: 201,
  params: InProject,
  body: Described.extend({
    description: Described.shape.description.default(''),
    status: WebhookStatus.default('ACTIVE'),
    /** With which deliveries are signed. */
    secret: Secret.optional(),
  }),
  returns: Webhook,
  fails: ['project_not_found', 'invalid_request', 'webhook_refused', 'forbidden'],
})

export const changeWebhook = endpoint({
  act: 'webhook.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/webhooks/:webhook',
  says: 'Changes a webhook: what is given. A null secret ends the signing.',
  params: OneWebhook,
  body: Described.partial().extend({ secret: Secret.nullable().optional() }),
  returns: Webhook,
  fails: ['project_not_found', 'webhook_not_found', 'invalid_request', 'webhook_refused', 'forbidden'],
})

export const deleteWebhook = endpoint({
  act: 'webhook.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/webhooks/:webhook',
  says: 'Deletes a webhook with its deliveries, those that are still to be sent included.',
  status: 204,
  params: OneWebhook,
  fails: ['project_not_found', 'webhook_not_found', 'forbidden'],
})

export const testWebhook = endpoint({
  act: 'webhook.change',
  method: 'POST',
  path: '/api/v1/projects/:project/webhooks/:webhook/test',
  says: 'Sends an example of an event, once, and tells what was answered.',
  params: OneWebhook,
  body: z.object({ event: WebhookEvent.optional() }),
  returns: DeliveryAttempt.extend({ success: z.boolean() }),
  fails: ['project_not_found', 'webhook_not_found', 'forbidden'],
})

export const listDeliveries = endpoint({
  act: 'webhook.list',
  method: 'GET',
  path: '/api/v1/projects/:project/webhooks/:webhook/deliveries',
  says: 'Lists the deliveries of a webhook, the newest first. Those that are over are kept for 30 days, at most 1,000 of a webhook.',
  params: OneWebhook,
  query: z.object({
    after: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  returns: z.object({ deliveries: z.array(Delivery), next: z.string().nullable() }),
  fails: ['project_not_found', 'webhook_not_found', 'invalid_request'],
})

export const redeliver = endpoint({
  act: 'webhook.change',
  method: 'POST',
  path: '/api/v1/projects/:project/webhooks/:webhook/deliveries/:delivery/again',
  says: 'Sends what a delivery said once more, as a delivery of its own.',
  status: 202,
  params: OneWebhook.extend({ delivery: z.string().min(1).max(100) }),
  returns: Delivery,
  fails: ['project_not_found', 'webhook_not_found', 'delivery_not_found', 'forbidden'],
})
