import { defineCommand } from '../command.ts'
import { limitsText } from '../limits.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead consumers', 'stead consumers --project energy'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { consumers } = await platform.call(platform.contracts.listConsumers, {})
    if (context.json) return context.document({ project: context.project, consumers })
    if (consumers.length === 0)
      return context.note(
        `nobody calls the deployments of ${context.project} by a key; make a consumer with: stead consumers create NAME`,
      )
    const rows = consumers.map(({ name, limits, used, description }) => [
      name,
      limitsText(limits),
      `${used.today}`,
      `${used.thisMonth}`,
      description,
    ])
    context.print(...table(['CONSUMER', 'LIMITS', 'TODAY', 'THIS MONTH', 'DESCRIPTION'], rows, context.paint))
    const now = Date.now()
    const keys = consumers.flatMap(({ name, keys: own }) =>
      own.map((key) => [
        name,
        key.name,
        `${key.hint}…`,
        key.deployments?.join(' ') ?? 'all',
        age(key.createdAt, now),
        key.expiresAt === null ? 'never' : Date.parse(key.expiresAt) < now ? 'expired' : key.expiresAt.slice(0, 10),
        key.lastUsedAt === null ? 'never' : age(key.lastUsedAt, now),
      ]),
    )
    const head = ['CONSUMER', 'KEY', 'BEGINS', 'DEPLOYMENTS', 'MADE', 'EXPIRES', 'LAST USED']
    if (keys.length > 0) context.print('', ...table(head, keys, context.paint))
  },
})
