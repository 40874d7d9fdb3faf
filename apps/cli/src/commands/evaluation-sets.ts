import { defineCommand } from '../command.ts'
import { listSets } from '../evaluation-sets.ts'
import { findExperiment } from '../experiments.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['experiment?'],
  options: { filter: { takes: 'EXPRESSION', says: 'Only those that it holds for, like "name LIKE \'questions%\'".' } },
  about: 'What evaluations read: of one experiment, by its number or name, or of all.',
  examples: ['stead evaluation-sets', 'stead evaluation-sets support'],
  async run({ arguments: { experiment }, options: { filter } }, context) {
    const platform = await context.connect()
    const sets = await listSets(platform, {
      ...(experiment === undefined ? {} : { experiment: (await findExperiment(platform, experiment)).id }),
      ...(filter === undefined ? {} : { filter }),
    })
    if (context.json) return context.document({ evaluationSets: sets })
    if (sets.length === 0) return context.note('there is no such evaluation set')
    const now = Date.now()
    const rows = sets.map(({ id, name, records, updatedAt, createdBy }) => [
      id,
      name,
      `${records}`,
      age(new Date(updatedAt).toISOString(), now),
      createdBy ?? '-',
    ])
    context.print(...table(['ID', 'NAME', 'RECORDS', 'CHANGED', 'BY'], rows, context.paint))
  },
})
