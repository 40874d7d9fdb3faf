import type { CallOf, createToken } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { ACT_OPTION, actsFrom, daysFrom, LIFE_OPTIONS, tellSecret } from '../grants.ts'
import { createTokenByPassword } from '../sign-in.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    ...LIFE_OPTIONS,
    in: { takes: 'PROJECT', many: true, says: 'Only for this project; all that you see otherwise.' },
    act: ACT_OPTION,
    as: {
      takes: 'PERSON',
      says: 'Who you are, if you have no token yet; the password is asked for, or read from standard input.',
    },
  },
  about: 'It never allows more than you may at that moment. One that is narrowed cannot make others.',
  examples: [
    'stead access tokens create laptop --as ada',
    'stead access tokens create dashboards --in energy --act deployment.list --act deployment.figures --days 365',
  ],
  async run({ arguments: { name }, options }, context) {
    const days = daysFrom(options)
    const projects = options.in.length === 0 ? null : [...options.in]
    const body = { name, projects, acts: actsFrom(options.act), ...(days === undefined ? {} : { days }) }
    const token = await (options.as === undefined
      ? make(body, context)
      : createTokenByPassword(options.as, body, context))
    if (context.json) return context.document(token)
    tellSecret(token, context, 'Put it into STEAD_TOKEN, or into the password of Basic authentication.')
  },
})

async function make(body: CallOf<typeof createToken>['body'], context: Context) {
  const platform = await context.connect()
  return platform.call(platform.contracts.createToken, { body })
}
