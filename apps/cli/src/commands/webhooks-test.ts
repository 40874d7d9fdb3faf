import { defineCommand } from '../command.ts'
import { Failure } from '../failures.ts'
import { plain } from '../text.ts'
import { attemptText, eventsFrom, findWebhook } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['webhook'],
  options: { event: { takes: 'EVENT', says: 'What the example tells of; the first of its events otherwise.' } },
  about: 'Sends an example once, and tells what was answered. Nothing of it is kept.',
  examples: ['stead webhooks test chat', 'stead webhooks test chat --event model_version_alias.created'],
  async run({ arguments: { webhook: given }, options: { event: named } }, context) {
    const platform = await context.connect()
    const [event] = named === undefined ? [] : eventsFrom([named], platform)
    const { id, name } = await findWebhook(platform, given)
    const tried = await platform.call(platform.contracts.testWebhook, {
      params: { webhook: id },
      body: event === undefined ? {} : { event },
    })
    if (!tried.success) {
      const answer = tried.answer === '' ? '' : `: ${tried.answer.slice(0, 200)}`
      throw new Failure(`webhook ${name} ${attemptText(tried)}${answer}`, 'Mend the receiver, and try again.')
    }
    if (context.json) return context.document(tried)
    context.print(`webhook ${name} ${attemptText(tried)}`, ...(tried.answer === '' ? [] : [plain(tried.answer)]))
  },
})
