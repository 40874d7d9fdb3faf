import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'

export const command = defineCommand({
  arguments: ['experiment', 'name'],
  options: {},
  about: 'EXPERIMENT is its number or its name.',
  examples: ['stead experiments rename demand demand-hourly'],
  async run({ arguments: { experiment: given, name } }, context) {
    const platform = await context.connect()
    const { id, name: former } = await findExperiment(platform, given)
    const changed = await platform.call(platform.contracts.changeExperiment, {
      params: { experiment: id },
      body: { name },
    })
    if (context.json) return context.document(changed)
    context.print(`${former} is now ${changed.name}`)
  },
})
