import type { Delivery } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { eachOf } from '../pages.ts'
import { age, table } from '../text.ts'
import { attemptText, findWebhook } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['webhook'],
  options: { limit: { takes: 'N', number: { whole: true, min: 1 }, says: 'The most to list; 20 otherwise.' } },
  about: 'The newest first. With --json each has what it said and its last attempts.',
  examples: ['stead webhooks deliveries chat', 'stead webhooks deliveries chat --limit 1 --json'],
  async run({ arguments: { webhook: given }, options: { limit = 20 } }, context) {
    const platform = await context.connect()
    const { id, name } = await findWebhook(platform, given)
    const deliveries: Delivery[] = []
    const pages = eachOf(async (after) => {
      const query = { ...after, limit: Math.min(limit - deliveries.length, 200) }
      const page = await platform.call(platform.contracts.listDeliveries, { params: { webhook: id }, query })
      return { items: page.deliveries, next: page.next }
    })
    for await (const delivery of pages) if (deliveries.push(delivery) >= limit) break
    if (context.json) return context.document({ webhook: id, deliveries })
    if (deliveries.length === 0) return context.note(`${name} was told of nothing yet`)
    const now = Date.now()
    const rows = deliveries.map((delivery) => [
      delivery.event,
      delivery.state,
      `${delivery.attempts}`,
      lastOf(delivery),
      age(delivery.createdAt, now),
      delivery.nextAt === null ? '' : delivery.nextAt.slice(0, 19).replace('T', ' '),
      delivery.id,
    ])
    context.print(
      ...table(['EVENT', 'STATE', 'TRIES', 'LAST TRY', 'MADE', 'NEXT TRY (UTC)', 'ID'], rows, context.paint),
    )
  },
})

function lastOf({ log }: Delivery): string {
  const last = log.at(-1)
  return last === undefined ? 'none yet' : attemptText(last)
}
