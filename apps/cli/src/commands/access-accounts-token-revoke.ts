import { defineCommand } from '../command.ts'
import { tokenIdOf } from '../grants.ts'

export const command = defineCommand({
  arguments: ['account', 'token'],
  options: {},
  about: 'By its name or its id. It stops working at once, for what it is in the middle of as well.',
  examples: ['stead access accounts token revoke ci nightly'],
  async run({ arguments: { account, token } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { accounts } = await platform.call(contracts.listAccounts, {})
    const tokens = accounts.find(({ name }) => name === account)?.tokens ?? []
    await platform.call(contracts.revokeAccountToken, { params: { account, token: tokenIdOf(tokens, token) } })
    if (context.json) return context.document({ revoked: { project: context.project, account, token } })
    context.print(`token ${token} of ${account} is revoked`)
  },
})
