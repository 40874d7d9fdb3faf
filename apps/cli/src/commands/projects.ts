import { defineCommand } from '../command.ts'
import { age, table } from '../text.ts'

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
        ['PROJECT', 'CREATED'],
        projects.map(({ name, createdAt }) => [name, age(createdAt, Date.now())]),
        context.paint,
      ),
    )
  },
})
