import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {},
  about: 'Its tokens stop working at once. Refused while it answers for deployments.',
  examples: ['stead access accounts delete ci'],
  async run({ arguments: { name } }, context) {
    const platform = await context.connect()
    await platform.call(platform.contracts.deleteAccount, { params: { account: name } })
    if (context.json) return context.document({ deleted: { project: context.project, account: name } })
    context.print(`service account ${name} is deleted, with its tokens`)
  },
})
