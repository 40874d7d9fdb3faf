import { defineCommand } from '../command.ts'
import { DENY_OPTION, grantsFrom, ROLE_OPTION } from '../grants.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { role: ROLE_OPTION, deny: DENY_OPTION },
  about: 'What is given replaces what they held. It counts from their next request on.',
  examples: [
    'stead access members set ada --role operator --role reviewer',
    'stead access members set bob --role operator --deny deployment.delete',
  ],
  async run({ arguments: { name }, options }, context) {
    const body = grantsFrom(options)
    const platform = await context.connect()
    const member = await platform.call(platform.contracts.setMember, { params: { member: name }, body })
    if (context.json) return context.document(member)
    const denied = member.denies.length === 0 ? '' : `, without ${member.denies.join(', ')}`
    context.print(`${name} is ${member.roles.join(' and ')} in ${context.project}${denied}`)
  },
})
