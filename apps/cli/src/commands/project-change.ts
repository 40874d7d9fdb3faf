import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'

export const command = defineCommand({
  arguments: [],
  options: { description: { takes: 'TEXT', says: 'What it is for.' } },
  about: 'Of the project named by --project.',
  examples: ["stead project change --project energy --description 'load and prices'"],
  async run({ options: { description } }, context) {
    if (description === undefined)
      throw new UsageError('there is nothing to change', 'See: stead project change --help')
    const platform = await context.connect()
    const project = await platform.call(platform.contracts.changeProject, { body: { description } })
    if (context.json) return context.document(project)
    context.print(`project ${project.name} is changed`)
  },
})
