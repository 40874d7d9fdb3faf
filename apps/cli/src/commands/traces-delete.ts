import { defineCommand } from '../command.ts'
import { agreeToPurge } from '../purge.ts'

export const command = defineCommand({
  arguments: ['trace...'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'For good, with their spans and assessments.',
  examples: ['stead traces delete tr-9f2c41 --yes'],
  async run({ arguments: { trace: given }, options: { yes } }, context) {
    const platform = await context.connect()
    const traces = [...new Set(given)]
    // None is deleted where one is not there.
    for (const trace of traces) await platform.call(platform.contracts.getTrace, { params: { trace } })
    const what = traces.length === 1 ? `the trace ${traces[0]}` : `${traces.length} traces`
    await agreeToPurge(what, yes, `stead traces delete ${traces.join(' ')}`, context)
    for (const trace of traces) await platform.call(platform.contracts.deleteTrace, { params: { trace } })
    if (context.json) return context.document({ deleted: traces })
    context.print(traces.length === 1 ? 'the trace is deleted' : `${traces.length} traces are deleted`)
  },
})
