import { defineCommand } from '../command.ts'
import { findWebhook } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['webhook', 'delivery'],
  options: {},
  about: 'Says the same once more, as a delivery of its own with an id of its own.',
  examples: ['stead webhooks redeliver chat 0b0f7c9e-3c1b-4a55-9d53-0d5b6a8c6e11'],
  async run({ arguments: { webhook: given, delivery } }, context) {
    const platform = await context.connect()
    const { id, name } = await findWebhook(platform, given)
    const again = await platform.call(platform.contracts.redeliver, { params: { webhook: id, delivery } })
    if (context.json) return context.document(again)
    context.print(`${again.event} goes to ${name} once more, as ${again.id}`)
  },
})
