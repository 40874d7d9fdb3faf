import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { DENY_OPTION, ROLE_OPTION } from '../grants.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    role: ROLE_OPTION,
    deny: DENY_OPTION,
    'deny-nothing': { says: 'Take all denials back.' },
    description: { takes: 'TEXT', says: 'What it is for.' },
  },
  about: 'What is given replaces what there was; what is not given stays.',
  examples: ['stead access accounts change ci --role operator', 'stead access accounts change ci --deny-nothing'],
  async run({ arguments: { name }, options }, context) {
    const { role, deny, description } = options
    if (options['deny-nothing'] && deny.length > 0)
      throw new UsageError('--deny and --deny-nothing contradict each other')
    const body = {
      ...(role.length === 0 ? {} : { roles: [...role] }),
      ...(deny.length > 0 || options['deny-nothing'] ? { denies: [...deny] } : {}),
      ...(description === undefined ? {} : { description }),
    }
    if (Object.keys(body).length === 0)
      throw new UsageError('nothing to change is given', 'Give --role, --deny, --deny-nothing or --description.')
    const platform = await context.connect()
    const account = await platform.call(platform.contracts.changeAccount, { params: { account: name }, body })
    if (context.json) return context.document(account)
    const denied = account.denies.length === 0 ? '' : `, without ${account.denies.join(', ')}`
    context.print(`service account ${name} is ${account.roles.join(' and ')} in ${context.project}${denied}`)
  },
})
