import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'
import { agreeToPurge } from '../purge.ts'

export const command = defineCommand({
  arguments: ['experiment'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'For good, with its runs and their files; its name is free again.',
  examples: ['stead experiments purge demand --yes'],
  async run({ arguments: { experiment: given }, options: { yes } }, context) {
    const platform = await context.connect()
    const { id, name, runs } = await findExperiment(platform, given)
    await agreeToPurge(`the experiment ${name} and its ${runs} runs`, yes, `stead experiments purge ${id}`, context)
    const query = { purge: 'true' as const }
    await platform.call(platform.contracts.deleteExperiment, { params: { experiment: id }, query })
    if (context.json) return context.document({ purged: { experiment: id, name } })
    context.print(`${name} is purged`)
  },
})
