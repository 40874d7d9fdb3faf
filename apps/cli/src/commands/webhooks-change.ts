import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { EVENTS_OPTION, eventsFrom, findWebhook, SECRET_OPTIONS, secretFrom } from '../webhooks.ts'

export const command = defineCommand({
  arguments: ['webhook'],
  options: {
    name: { takes: 'NAME', says: 'What to call it.' },
    to: { takes: 'URL', says: 'Where to: https, and reachable by everybody.' },
    events: EVENTS_OPTION,
    description: { takes: 'TEXT', says: 'What it is for.' },
    enable: { says: 'It is told of what happens from now on.' },
    disable: { says: 'It is told of nothing; what was still to be sent waits.' },
    'new-secret': { says: 'Ask for another secret.' },
    ...SECRET_OPTIONS,
  },
  about: 'WEBHOOK is its name or its id. What is not named stays, the secret included.',
  examples: [
    'stead webhooks change chat --events all',
    'stead webhooks change chat --disable',
    'echo "$SECRET" | stead webhooks change chat --secret-stdin',
  ],
  async run({ arguments: { webhook: given }, options }, context) {
    const { name, to, description, enable, disable } = options
    if (enable && disable) throw new UsageError('either --enable or --disable, not both')
    const isAsked = options['new-secret']
    if (isAsked && (context.json || !context.terminal.askSecretly))
      throw new UsageError('nobody is there to be asked for the secret', 'Use --secret-stdin.')
    const secret = await secretFrom(options, isAsked ? `The new secret of ${given}: ` : undefined, context)
    if (isAsked && secret === null) throw new UsageError('the secret is empty', 'To end the signing, use --no-secret.')
    const platform = await context.connect()
    const body = {
      ...(name === undefined ? {} : { name: name as never }),
      ...(to === undefined ? {} : { url: to }),
      ...(description === undefined ? {} : { description }),
      ...(options.events.length === 0 ? {} : { events: eventsFrom(options.events, platform) }),
      ...(enable || disable ? { status: enable ? ('ACTIVE' as const) : ('DISABLED' as const) } : {}),
      ...(secret === undefined ? {} : { secret }),
    }
    if (Object.keys(body).length === 0)
      throw new UsageError('there is nothing to change', 'See: stead webhooks change --help')
    const { id } = await findWebhook(platform, given)
    const webhook = await platform.call(platform.contracts.changeWebhook, { params: { webhook: id }, body })
    if (context.json) return context.document(webhook)
    const state = webhook.status === 'ACTIVE' ? 'active' : 'disabled'
    context.print(`webhook ${webhook.name} is ${state}, ${webhook.hasSecret ? 'signed' : 'not signed'}: ${webhook.url}`)
  },
})
