import { defineCommand } from '../command.ts'
import { tokenIdOf } from '../grants.ts'

export const command = defineCommand({
  arguments: ['token'],
  options: {},
  about: 'By its name or its id. It stops working at once, for what it is in the middle of as well.',
  examples: ['stead access tokens revoke laptop'],
  async run({ arguments: { token } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { tokens } = await platform.call(contracts.listTokens, {})
    await platform.call(contracts.revokeToken, { params: { token: tokenIdOf(tokens, token) } })
    if (context.json) return context.document({ revoked: { token } })
    context.print(`token ${token} is revoked`)
  },
})
