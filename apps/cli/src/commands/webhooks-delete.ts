import { defineCommand } from '../command.ts'
import { Failure, UsageError } from '../failures.ts'
import { findWebhook } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['webhook'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'By its name or its id, with its deliveries: what was still to be sent is not sent.',
  examples: ['stead webhooks delete chat --yes'],
  async run({ arguments: { webhook: given }, options: { yes } }, context) {
    const { ask } = context.terminal
    if (!yes && (!ask || context.json))
      throw new UsageError('deleting a webhook wants a yes', `stead webhooks delete ${given} --yes`)
    const platform = await context.connect()
    const { id, name } = await findWebhook(platform, given)
    if (!yes && ask) {
      const answer = await ask(`Delete the webhook ${name} with its deliveries? Type yes: `)
      if (answer.trim() !== 'yes') throw new Failure('nothing was deleted')
    }
    await platform.call(platform.contracts.deleteWebhook, { params: { webhook: id } })
    if (context.json) return context.document({ deleted: { webhook: id, name } })
    context.print(`webhook ${name} is deleted`)
  },
})
