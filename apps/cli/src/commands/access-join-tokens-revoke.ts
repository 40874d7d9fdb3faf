import { defineCommand } from '../command.ts'
import { tokenIdOf } from '../grants.ts'

export const command = defineCommand({
  arguments: ['token'],
  options: {},
  about:
    'By its name or its id. Runners that joined with it are cut off; what they serve goes on for as long as that is allowed.',
  examples: ['stead access join-tokens revoke rack-2'],
  async run({ arguments: { token } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { tokens } = await platform.call(contracts.listJoinTokens, {})
    await platform.call(contracts.revokeJoinToken, { params: { token: tokenIdOf(tokens, token) } })
    if (context.json) return context.document({ revoked: { token } })
    context.print(`join token ${token} is revoked`)
  },
})
