import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'
import { findRunIds } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run...'],
  options: { to: { takes: 'EXPERIMENT', required: true, says: 'Where to, by number or name.' } },
  about: 'With the runs that are parts of them. Their files stay where they are.',
  examples: ['stead runs move bold-finch-12 --to demand'],
  async run({ arguments: { run: given }, options: { to } }, context) {
    const platform = await context.connect()
    const { id, name } = await findExperiment(platform, to)
    const runs = await findRunIds(platform, given)
    const answer = await platform.call(platform.contracts.moveRuns, { body: { runs: runs as never, experiment: id } })
    if (context.json) return context.document({ moved: runs, experiment: id, runs: answer.runs })
    context.print(answer.runs === 1 ? `the run is in ${name} now` : `${answer.runs} runs are in ${name} now`)
  },
})
