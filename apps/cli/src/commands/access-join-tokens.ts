import { defineCommand } from '../command.ts'
import { TOKEN_HEAD, tokenCells } from '../grants.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead access join-tokens'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { tokens } = await platform.call(platform.contracts.listJoinTokens, {})
    if (context.json) return context.document({ tokens })
    if (tokens.length === 0)
      return context.note('no runner can join from elsewhere; make a token with: stead access join-tokens create NAME')
    const rows = tokens.map((token) => tokenCells(token).toSpliced(2, 1))
    context.print(...table(TOKEN_HEAD.toSpliced(2, 1), rows, context.paint))
  },
})
