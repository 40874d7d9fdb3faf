import { defineCommand } from '../command.ts'
import { age, plain, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead projects'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { projects } = await platform.call(platform.contracts.listProjects, {})
    if (context.json) return context.document({ projects })
    context.print(
      ...table(
        ['PROJECT', 'CREATED', 'DESCRIPTION'],
        projects.map(({ name, createdAt, description }) => [name, age(createdAt, Date.now()), plain(description)]),
        context.paint,
      ),
    )
  },
})
