import { defineCommand } from '../command.ts'
import { ACT_OPTION, actsFrom, daysFrom, LIFE_OPTIONS, tellSecret } from '../grants.ts'

export const command = defineCommand({
  arguments: ['account', 'name'],
  options: { ...LIFE_OPTIONS, act: ACT_OPTION },
  examples: [
    'stead access accounts token create ci nightly',
    'stead access accounts token create ci push-only --act version.create --act artifact.put --days 30',
  ],
  async run({ arguments: { account, name }, options }, context) {
    const days = daysFrom(options)
    const body = { name, acts: actsFrom(options.act), ...(days === undefined ? {} : { days }) }
    const platform = await context.connect()
    const token = await platform.call(platform.contracts.createAccountToken, { params: { account }, body })
    if (context.json) return context.document(token)
    tellSecret(token, context, `Give it to ${account} as STEAD_TOKEN.`)
  },
})
