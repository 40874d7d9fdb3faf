import { defineCommand } from '../command.ts'
import { listAll } from '../experiments.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {
    search: { takes: 'TEXT', says: 'Only experiments with this in their name.' },
    filter: { takes: 'EXPRESSION', says: 'Only those that it holds for, like "tags.team = \'solar\'".' },
    deleted: { says: 'Those that were deleted and can be restored.' },
  },
  examples: ['stead experiments', 'stead experiments --search demand', 'stead experiments --deleted'],
  async run({ options: { search, filter, deleted } }, context) {
    const platform = await context.connect()
    const experiments = await listAll(platform, {
      ...(search === undefined ? {} : { search }),
      ...(filter === undefined ? {} : { filter }),
      lifecycle: deleted ? 'deleted' : 'active',
    })
    if (context.json) return context.document({ experiments })
    if (experiments.length === 0) return context.note('there is no such experiment')
    const now = Date.now()
    const rows = experiments.map(({ id, name, runs, running, lastRunAt, createdAt }) => [
      `${id}`,
      name,
      `${runs}`,
      `${running}`,
      lastRunAt === null ? '-' : age(lastRunAt, now),
      age(createdAt, now),
    ])
    context.print(...table(['ID', 'EXPERIMENT', 'RUNS', 'RUNNING', 'LAST RUN', 'CREATED'], rows, context.paint))
  },
})
