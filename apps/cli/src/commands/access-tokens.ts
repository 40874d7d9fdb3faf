import { defineCommand } from '../command.ts'
import { TOKEN_HEAD, tokenCells } from '../grants.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  about: 'Of the person whose token is in STEAD_TOKEN; those of service accounts are listed with them.',
  examples: ['stead access tokens'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { tokens } = await platform.call(platform.contracts.listTokens, {})
    if (context.json) return context.document({ tokens })
    if (tokens.length === 0)
      return context.note('you have no API token; make one with: stead access tokens create NAME')
    context.print(...table(TOKEN_HEAD, tokens.map(tokenCells), context.paint))
  },
})
