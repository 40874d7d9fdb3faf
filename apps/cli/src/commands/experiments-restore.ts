import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'

export const command = defineCommand({
  arguments: ['experiment'],
  options: {},
  about: 'With all its runs.',
  examples: ['stead experiments restore demand'],
  async run({ arguments: { experiment: given } }, context) {
    const platform = await context.connect()
    const { id } = await findExperiment(platform, given)
    const restored = await platform.call(platform.contracts.restoreExperiment, { params: { experiment: id } })
    if (context.json) return context.document(restored)
    context.print(`${restored.name} is restored with its runs (${restored.runs})`)
  },
})
