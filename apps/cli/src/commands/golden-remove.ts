import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment', 'name'],
  options: {},
  examples: ['stead golden forecast remove golden-1'],
  async run({ arguments: { deployment, name } }, context) {
    const platform = await context.connect()
    await platform.call(platform.contracts.removeGolden, { params: { deployment, golden: name } })
    if (context.json) return context.document({ removed: { deployment, golden: name } })
    context.print(`${deployment}: golden request ${name} is removed`)
  },
})
