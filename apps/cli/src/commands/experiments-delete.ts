import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'

export const command = defineCommand({
  arguments: ['experiment'],
  options: {},
  about: 'With its runs. They can be restored until they are purged; until then its name stays taken.',
  examples: ['stead experiments delete demand'],
  async run({ arguments: { experiment: given } }, context) {
    const platform = await context.connect()
    const { id, name } = await findExperiment(platform, given)
    await platform.call(platform.contracts.deleteExperiment, { params: { experiment: id }, query: {} })
    if (context.json) return context.document({ deleted: { experiment: id, name } })
    context.print(`${name} is deleted; back with: stead experiments restore ${id}`)
  },
})
