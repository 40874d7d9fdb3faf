import { defineCommand } from '../command.ts'
import { TOKEN_HEAD, tokenCells } from '../grants.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead access accounts', 'stead access accounts --project energy'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { accounts } = await platform.call(platform.contracts.listAccounts, {})
    if (context.json) return context.document({ project: context.project, accounts })
    if (accounts.length === 0)
      return context.note(
        `${context.project} has no service account; make one with: stead access accounts create NAME --role ROLE`,
      )
    const rows = accounts.map(({ name, roles, denies, deployments, createdAt, description }) => [
      name,
      roles.join(' '),
      denies.join(' '),
      deployments.join(' '),
      age(createdAt, Date.now()),
      description,
    ])
    context.print(...table(['ACCOUNT', 'ROLES', 'DENIED', 'ANSWERS FOR', 'MADE', 'DESCRIPTION'], rows, context.paint))
    const tokens = accounts.flatMap(({ name, tokens: own }) => own.map((token) => [name, ...tokenCells(token)]))
    if (tokens.length > 0) context.print('', ...table(['ACCOUNT', ...TOKEN_HEAD], tokens, context.paint))
  },
})
