import { defineCommand } from '../command.ts'
import { pairsOf } from '../pairs.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    tag: { takes: 'KEY=VALUE', many: true, says: 'A tag.' },
    artifacts: { takes: 'URI', says: 'Where its runs keep their files; in the platform otherwise.' },
    description: { takes: 'TEXT', says: 'What it is about.' },
  },
  examples: ['stead experiments create demand --tag team=solar'],
  async run({ arguments: { name }, options: { tag, artifacts, description } }, context) {
    const tags = {
      ...pairsOf('tag', tag),
      ...(description === undefined ? {} : { 'mlflow.note.content': description }),
    }
    const platform = await context.connect()
    const experiment = await platform.call(platform.contracts.createExperiment, {
      body: { name, tags, ...(artifacts === undefined ? {} : { artifactLocation: artifacts }) },
    })
    if (context.json) return context.document(experiment)
    context.print(`experiment ${experiment.name} is created, as ${experiment.id}`)
  },
})
