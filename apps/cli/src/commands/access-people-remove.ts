import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {},
  about:
    'Sessions, tokens and memberships go with them; what they did stays told. Refused while they answer for deployments, and for the last owner.',
  examples: ['stead access people remove bo'],
  async run({ arguments: { name } }, context) {
    const platform = await context.connect()
    await platform.call(platform.contracts.deletePerson, { params: { person: name } })
    if (context.json) return context.document({ removed: { person: name } })
    context.print(`${name} is removed`)
  },
})
