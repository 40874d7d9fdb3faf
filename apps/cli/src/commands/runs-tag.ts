import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { pairsOf } from '../pairs.ts'
import { findRunIds } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run...'],
  options: {
    set: { takes: 'KEY=VALUE', many: true, says: 'Set a tag.' },
    remove: { takes: 'KEY', many: true, says: 'Remove a tag.' },
  },
  examples: ['stead runs tag bold-finch-12 --set team=solar --remove draft'],
  async run({ arguments: { run: given }, options: { set, remove } }, context) {
    const tags = { ...pairsOf('set', set), ...Object.fromEntries(remove.map((key) => [key, null])) }
    if (Object.keys(tags).length === 0) throw new UsageError('there is nothing to set or to remove')
    const platform = await context.connect()
    const runs = await findRunIds(platform, given)
    const answer = await platform.call(platform.contracts.tagRuns, { body: { runs: runs as never, tags } })
    if (context.json) return context.document({ tagged: runs, tags, runs: answer.runs })
    context.print(answer.runs === 1 ? 'the run is tagged' : `${answer.runs} runs are tagged`)
  },
})
