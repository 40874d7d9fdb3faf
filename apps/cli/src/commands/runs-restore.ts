import { defineCommand } from '../command.ts'
import { findRunIds } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run...'],
  options: {},
  about: 'Of those that were deleted.',
  examples: ['stead runs restore bold-finch-12'],
  async run({ arguments: { run: given } }, context) {
    const platform = await context.connect()
    const runs = await findRunIds(platform, given)
    const answer = await platform.call(platform.contracts.restoreRuns, { body: { runs: runs as never } })
    if (context.json) return context.document({ restored: runs, runs: answer.runs })
    context.print(answer.runs === 1 ? 'the run is restored' : `${answer.runs} runs are restored`)
  },
})
