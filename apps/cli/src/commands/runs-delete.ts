import { defineCommand } from '../command.ts'
import { findRunIds } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run...'],
  options: {},
  about: 'They can be restored until they are purged.',
  examples: ['stead runs delete bold-finch-12'],
  async run({ arguments: { run: given } }, context) {
    const platform = await context.connect()
    const runs = await findRunIds(platform, given)
    const answer = await platform.call(platform.contracts.deleteRuns, { body: { runs: runs as never } })
    if (context.json) return context.document({ deleted: runs, runs: answer.runs })
    context.print(answer.runs === 1 ? 'the run is deleted' : `${answer.runs} runs are deleted`)
  },
})
