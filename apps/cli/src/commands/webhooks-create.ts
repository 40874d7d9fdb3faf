import { defineCommand } from '../command.ts'
import { EVENTS_OPTION, eventsFrom, SECRET_OPTIONS, secretFrom } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    to: { takes: 'URL', required: true, says: 'Where to: https, and reachable by everybody.' },
    events: { ...EVENTS_OPTION, required: true },
    description: { takes: 'TEXT', says: 'What it is for.' },
    disabled: { says: 'It is told of nothing until it is enabled.' },
    ...SECRET_OPTIONS,
  },
  about:
    'At a terminal the secret is asked for. Nobody is shown it again: keep it where the receiver checks signatures.',
  examples: [
    'stead webhooks create chat --to https://example.org/hook --events model_version.created',
    'echo "$SECRET" | stead webhooks create ci --to https://ci.example.org/stead --events all --secret-stdin',
  ],
  async run({ arguments: { name }, options }, context) {
    const platform = await context.connect()
    const events = eventsFrom(options.events, platform)
    const question = `The secret that signs deliveries to ${name}; nothing for none: `
    const secret = await secretFrom(options, question, context)
    const webhook = await platform.call(platform.contracts.createWebhook, {
      body: {
        name: name as never,
        url: options.to,
        events,
        status: options.disabled ? 'DISABLED' : 'ACTIVE',
        ...(options.description === undefined ? {} : { description: options.description }),
        ...(secret ? { secret } : {}),
      },
    })
    if (context.json) return context.document(webhook)
    context.print(
      `webhook ${webhook.name} is made, ${webhook.hasSecret ? 'signed' : 'not signed'}, as ${webhook.id}`,
      `try it with: stead webhooks test ${webhook.name}`,
    )
  },
})
