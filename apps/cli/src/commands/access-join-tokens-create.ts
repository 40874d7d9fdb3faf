import { defineCommand } from '../command.ts'
import { daysFrom, LIFE_OPTIONS, tellSecret } from '../grants.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: LIFE_OPTIONS,
  about: 'As many runners and workers join with it as have it.',
  examples: ['stead access join-tokens create rack-2', 'stead access join-tokens create rack-2 --no-expiry'],
  async run({ arguments: { name }, options }, context) {
    const days = daysFrom(options)
    const body = { name, ...(days === undefined ? {} : { days }) }
    const platform = await context.connect()
    const token = await platform.call(platform.contracts.createJoinToken, { body })
    if (context.json) return context.document(token)
    tellSecret(token, context, 'Start a runner with it in STEAD_TOKEN.')
  },
})
