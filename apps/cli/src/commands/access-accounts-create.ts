import { defineCommand } from '../command.ts'
import { DENY_OPTION, grantsFrom, ROLE_OPTION } from '../grants.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    role: ROLE_OPTION,
    deny: DENY_OPTION,
    description: { takes: 'TEXT', says: 'What it is for.' },
  },
  about: 'A machine that acts in one project: a build, a schedule, a notebook server.',
  examples: ['stead access accounts create ci --role contributor --description "pushes what was trained"'],
  async run({ arguments: { name }, options }, context) {
    const { description } = options
    const body = { name, ...grantsFrom(options), ...(description === undefined ? {} : { description }) }
    const platform = await context.connect()
    const account = await platform.call(platform.contracts.createAccount, { body })
    if (context.json) return context.document(account)
    context.print(
      `service account ${name} is ${account.roles.join(' and ')} in ${context.project}; it acts by a token: ` +
        `stead access accounts token create ${name} NAME`,
    )
  },
})
