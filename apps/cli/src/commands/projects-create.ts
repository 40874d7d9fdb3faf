import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {},
  examples: ['stead projects create energy'],
  async run({ arguments: { name } }, context) {
    const platform = await context.connect()
    const project = await platform.call(platform.contracts.createProject, { body: { name } })
    if (context.json) return context.document(project)
    context.print(`project ${project.name} is created; work in it with --project ${project.name}`)
  },
})
