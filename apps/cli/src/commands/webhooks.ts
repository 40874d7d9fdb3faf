import { defineCommand } from '../command.ts'
import { age, table } from '../text.ts'
import { attemptText } from '../webhooks.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead webhooks', 'stead webhooks --project energy --json'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { webhooks } = await platform.call(platform.contracts.listWebhooks, {})
    if (context.json) return context.document({ project: context.project, webhooks })
    if (webhooks.length === 0)
      return context.note(
        `nobody is told of what happens in ${context.project}; make a webhook with: stead webhooks create NAME --to URL --events LIST`,
      )
    const now = Date.now()
    const rows = webhooks.map(({ name, status, hasSecret, url, events, last, id, isSecretLost }) => [
      name,
      status === 'ACTIVE' ? 'active' : 'disabled',
      isSecretLost ? 'secret lost' : hasSecret ? 'yes' : 'no',
      `${events.length}`,
      url,
      last === null ? 'nothing yet' : `${attemptText(last.attempt)}, ${age(last.attempt.at, now)}`,
      id,
    ])
    context.print(...table(['WEBHOOK', 'STATE', 'SIGNED', 'EVENTS', 'URL', 'LAST DELIVERY', 'ID'], rows, context.paint))
  },
})
