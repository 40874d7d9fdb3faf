import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {},
  about: 'Its keys stop working within two seconds. What it used stays counted.',
  examples: ['stead consumers delete partner'],
  async run({ arguments: { name } }, context) {
    const platform = await context.connect()
    await platform.call(platform.contracts.deleteConsumer, { params: { consumer: name } })
    if (context.json) return context.document({ deleted: { consumer: name } })
    context.print(`consumer ${name} is deleted, and its keys with it`)
  },
})
