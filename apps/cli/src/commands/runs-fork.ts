import { defineCommand } from '../command.ts'
import { findRunId } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run'],
  options: {
    name: { takes: 'NAME', says: 'What to call the new one.' },
    step: { takes: 'N', number: { whole: true }, says: 'Take its metrics over, up to this step.' },
    files: { says: 'Take its files over; no byte is copied.' },
  },
  about: 'Begins a run with the params and tags of another, to go on from there.',
  examples: ['stead runs fork bold-finch-12 --step 1000 --files --name second-try'],
  async run({ arguments: { run: given }, options: { name, step, files } }, context) {
    const platform = await context.connect()
    const run = await findRunId(platform, given)
    const body = { files, ...(name === undefined ? {} : { name }), ...(step === undefined ? {} : { step }) }
    const forked = await platform.call(platform.contracts.forkRun, { params: { run }, body })
    if (context.json) return context.document(forked)
    context.print(`${forked.name} is begun, as ${forked.id}`)
  },
})
