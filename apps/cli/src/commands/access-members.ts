import { defineCommand } from '../command.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead access members', 'stead access members --project energy'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { members } = await platform.call(platform.contracts.listMembers, {})
    if (context.json) return context.document({ project: context.project, members })
    if (members.length === 0)
      return context.note(`${context.project} has no members; add one with: stead access members set NAME --role ROLE`)
    const rows = members.map(({ name, displayName, roles, denies, isInherited, since, deployments }) => [
      name,
      displayName,
      `${roles.join(' ')}${isInherited ? ' (of the installation)' : ''}`,
      denies.join(' '),
      deployments.join(' '),
      age(since, Date.now()),
    ])
    context.print(...table(['MEMBER', 'NAME', 'ROLES', 'DENIED', 'ANSWERS FOR', 'SINCE'], rows, context.paint))
  },
})
