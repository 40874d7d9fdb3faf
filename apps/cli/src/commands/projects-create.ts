import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { description: { takes: 'TEXT', says: 'What it is for.' } },
  examples: ["stead projects create energy --description 'load and prices'"],
  async run({ arguments: { name }, options: { description } }, context) {
    const platform = await context.connect()
    const project = await platform.call(platform.contracts.createProject, {
      body: { name, ...(description === undefined ? {} : { description }) },
    })
    if (context.json) return context.document(project)
    context.print(`project ${project.name} is created; work in it with --project ${project.name}`)
  },
})
