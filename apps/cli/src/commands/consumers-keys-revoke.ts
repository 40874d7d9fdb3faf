import { defineCommand } from '../command.ts'
import { tokenIdOf } from '../grants.ts'

export const command = defineCommand({
  arguments: ['consumer', 'key'],
  options: {},
  about: 'By its name or its id. Runners refuse it within two seconds, on open streams as well.',
  examples: ['stead consumers keys revoke webshop live'],
  async run({ arguments: { consumer, key } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { consumers } = await platform.call(contracts.listConsumers, {})
    const keys = consumers.find(({ name }) => name === consumer)?.keys ?? []
    await platform.call(contracts.revokeConsumerKey, { params: { consumer, key: tokenIdOf(keys, key) } })
    if (context.json) return context.document({ revoked: { consumer, key } })
    context.print(`key ${key} of ${consumer} is revoked`)
  },
})
