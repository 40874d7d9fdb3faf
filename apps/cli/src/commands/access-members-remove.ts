import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {},
  about: 'Refused while they answer for deployments of the project, and for its last owner.',
  examples: ['stead access members remove bob'],
  async run({ arguments: { name } }, context) {
    const platform = await context.connect()
    await platform.call(platform.contracts.removeMember, { params: { member: name } })
    if (context.json) return context.document({ removed: { project: context.project, member: name } })
    context.print(`${name} is no member of ${context.project} any more`)
  },
})
