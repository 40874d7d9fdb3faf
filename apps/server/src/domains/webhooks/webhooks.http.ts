import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  testWebhook,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import type { Webhooks } from './webhooks.ts'

export function serveWebhooks(mount: Mount, webhooks: Webhooks): void {
  mount(listWebhooks, async ({ params }) => ({ webhooks: await webhooks.list(params.project) }))
  mount(createWebhook, ({ params, body: { secret = null, ...body } }, { actor }) =>
    webhooks.create(params.project, { ...body, secret }, actor),
  )
  mount(changeWebhook, ({ params, body }, { actor }) => webhooks.change(params.project, params.webhook, body, actor))
  mount(deleteWebhook, ({ params }, { actor }) => webhooks.remove(params.project, params.webhook, actor))
  mount(testWebhook, ({ params, body }) => webhooks.test(params.project, params.webhook, body.event))
  mount(listDeliveries, async ({ params, query: { after, limit } }) => {
    const place = readToken(after, 'deliveries')?.values
    const found = await webhooks.deliveries(params.project, params.webhook, {
      after: place && { createdAt: place[0] ?? '', id: place[1] ?? '' },
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    const next = last ? writeToken({ part: 0, values: [last.createdAt, last.id] }, 'deliveries') : null
    return { deliveries: page, next }
  })
  mount(redeliver, ({ params }) => webhooks.redeliver(params.project, params.webhook, params.delivery))
}
