import { defineCommand } from '../command.ts'
import { age, plain, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead project', 'stead project --project energy --json'],
  about: 'Of the project named by --project.',
  async run(_invocation, context) {
    const platform = await context.connect()
    const project = await platform.call(platform.contracts.getProject, {})
    if (context.json) return context.document(project)
    const counts = [project.models, project.versions, project.deployments].map(String)
    const row = [project.name, ...counts, age(project.createdAt, Date.now())]
    if (project.description !== '') context.print(plain(project.description))
    context.print(...table(['PROJECT', 'MODELS', 'VERSIONS', 'DEPLOYMENTS', 'CREATED'], [row], context.paint))
  },
})
