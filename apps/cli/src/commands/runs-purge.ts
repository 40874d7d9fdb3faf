import { defineCommand } from '../command.ts'
import { agreeToPurge } from '../purge.ts'
import { findRunIds } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run...'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'For good, with all that they logged and their files.',
  examples: ['stead runs purge bold-finch-12 --yes'],
  async run({ arguments: { run: given }, options: { yes } }, context) {
    const platform = await context.connect()
    const runs = await findRunIds(platform, given)
    const what = runs.length === 1 ? `the run ${given[0]}` : `${runs.length} runs`
    await agreeToPurge(what, yes, `stead runs purge ${given.join(' ')}`, context)
    const answer = await platform.call(platform.contracts.deleteRuns, { body: { runs: runs as never, purge: true } })
    if (context.json) return context.document({ purged: runs, runs: answer.runs })
    context.print(answer.runs === 1 ? 'the run is purged' : `${answer.runs} runs are purged`)
  },
})
