import { type Webhook, WEBHOOK_EVENTS, type WebhookEvent, WebhookName, WebhookStatus } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { invalid, missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import type { Webhooks } from './webhooks.ts'

const EVENT = { entity: required('string'), action: required('string') }
const ID = { webhook_id: required('string') }
const DEFAULT_PAGE = 100
const MOST = 1000

const refused = (message: string) => new MlflowError('INVALID_PARAMETER_VALUE', message)

export function serveWebhooksToMlflow(mount: MlflowMount, webhooks: Webhooks): void {
  const all = { path: 'webhooks' } as const
  const one = { path: 'webhooks/:webhook_id' } as const
  const described = { description: optional('string'), secret: optional('string'), status: optional('string') }
  mount(
    {
      ...all,
      act: 'webhook.create',
      method: 'POST',
      takes: { ...described, name: required('string'), url: required('string'), events: repeated(EVENT) },
    },
    async (input, { project, actor }) => {
      if (input.events === undefined || input.events.length === 0) throw missing('events')
      const asked = {
        name: nameIn(input.name),
        description: descriptionIn(input.description) ?? '',
        url: urlIn(input.url),
        events: input.events.map(eventIn),
        status: statusIn(input.status) ?? ('ACTIVE' as const),
        secret: secretIn(input.secret) ?? null,
      }
      return { webhook: webhookOut(await webhooks.create(project, asked, actor)) }
    },
  )
  mount({ ...one, act: 'webhook.list', method: 'GET', takes: ID }, async ({ webhook_id: id }, { project }) => ({
    webhook: webhookOut(await webhooks.get(project, id)),
  }))
  mount(
    {
      ...one,
      act: 'webhook.change',
      method: 'PATCH',
      takes: { ...ID, ...described, name: optional('string'), url: optional('string'), events: repeated(EVENT) },
    },
    async ({ webhook_id: id, events = [], ...input }, { project, actor }) => {
      const change = {
        name: input.name ? nameIn(input.name) : undefined,
        description: descriptionIn(input.description) || undefined,
        url: input.url ? urlIn(input.url) : undefined,
        events: events.length === 0 ? undefined : events.map(eventIn),
        status: statusIn(input.status),
        secret: secretIn(input.secret),
      }
      return { webhook: webhookOut(await webhooks.change(project, id, change, actor)) }
    },
  )
  mount({ ...one, act: 'webhook.delete', method: 'DELETE', takes: ID }, async ({ webhook_id: id }, caller) => {
    await webhooks.remove(caller.project, id, caller.actor)
    return {}
  })
  serveList(mount, webhooks)
  serveTest(mount, webhooks)
}

function serveList(mount: MlflowMount, webhooks: Webhooks): void {
  const takes = { max_results: optional('int64'), page_token: optional('string') }
  mount({ act: 'webhook.list', method: 'GET', path: 'webhooks', takes }, async (input, { project }) => {
    const limit = input.max_results || DEFAULT_PAGE
    if (limit < 1 || limit > MOST) throw refused('max_results must be between 1 and 1000.')
    // A project has few of them, so all are read.
    const found = (await webhooks.list(project)).toReversed()
    const last = readToken(input.page_token, 'webhooks')?.values[0]
    const from = last === undefined ? 0 : found.findIndex(({ id }) => id === last) + 1
    const page = found.slice(from, from + limit)
    const next =
      found.length > from + limit ? writeToken({ part: 0, values: [page.at(-1)!.id] }, 'webhooks') : undefined
    return {
      ...(page.length === 0 ? {} : { webhooks: page.map(webhookOut) }),
      ...(next === undefined ? {} : { next_page_token: next }),
    }
  })
}

function serveTest(mount: MlflowMount, webhooks: Webhooks): void {
  const takes = { ...ID, event: optional(EVENT) }
  mount(
    { act: 'webhook.change', method: 'POST', path: 'webhooks/:webhook_id/test', takes },
    async ({ webhook_id: id, event }, { project }) => {
      const { success, status, answer, error } = await webhooks.test(project, id, event && eventIn(event))
      return {
        result: {
          success,
          ...(status === null ? {} : { response_status: status, response_body: answer }),
          ...(error === null ? {} : { error_message: `Failed to test webhook: ${error}` }),
        },
      }
    },
  )
}

function nameIn(name: string): WebhookName {
  const parsed = WebhookName.safeParse(name)
  if (parsed.success) return parsed.data
  throw refused(
    `Webhook name '${name.slice(0, 100)}' is invalid. It must start and end with a letter or digit, be less than 63 ` +
      'characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).',
  )
}

function boundedIn(name: string, most: number): (text: string | undefined) => string | undefined {
  return (text) => {
    if (text !== undefined && text.length > most) throw invalid(name, text)
    return text
  }
}
const descriptionIn = boundedIn('description', 1000)
const urlIn = (url: string) => boundedIn('url', 2048)(url) ?? url
/** An empty one is none. */
const secretIn = (secret: string | undefined) => boundedIn('secret', 1000)(secret) || undefined

function statusIn(status: string | undefined) {
  if (status === undefined || status === '') return undefined
  const parsed = WebhookStatus.safeParse(status)
  if (!parsed.success) throw invalid('status', status)
  return parsed.data
}

function eventIn({ entity, action }: { readonly entity: string; readonly action: string }): WebhookEvent {
  const [noun, verb] = [entity.toLowerCase(), action.toLowerCase()]
  const found = WEBHOOK_EVENTS.find((event) => event === `${noun}.${verb}`)
  if (found !== undefined) return found
  const valid = WEBHOOK_EVENTS.filter((event) => event.startsWith(`${noun}.`)).map(
    (event) => `'${event.split('.')[1]!}'`,
  )
  throw refused(
    `Invalid action '${verb.slice(0, 100)}' for entity '${noun.slice(0, 100)}'. Valid actions are: [${valid.join(', ')}]`,
  )
}

function webhookOut(webhook: Webhook): object {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    ...(webhook.description === '' ? {} : { description: webhook.description }),
    url: webhook.url,
    events: webhook.events.map((event) => {
      const [entity = '', action = ''] = event.split('.')
      return { entity: entity.toUpperCase(), action: action.toUpperCase() }
    }),
    status: webhook.status,
    creation_timestamp: Date.parse(webhook.createdAt),
    last_updated_timestamp: Date.parse(webhook.updatedAt),
  }
}
