import type { Trace } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { findExperiment } from '../experiments.ts'
import { eachOf } from '../pages.ts'
import { age, duration, table } from '../text.ts'
import { nameOfTrace, stateOf, tokensOf } from '../traces.ts'

const AT_ONCE = 500
const WIDEST = 60

export const command = defineCommand({
  arguments: ['experiment'],
  options: {
    filter: {
      takes: 'EXPRESSION',
      says: "Only traces that it holds for, like \"trace.status = 'ERROR' and span.name = 'search'\".",
    },
    order: { takes: 'COLUMN', says: 'Sort by it, like "execution_time_ms desc"; the latest first otherwise.' },
    limit: { takes: 'N', number: { whole: true, min: 1 }, says: 'The most traces; 50 otherwise.' },
  },
  about: 'Calls of an application that an experiment has, by its number or name.',
  examples: ['stead traces support', 'stead traces support --filter "trace.status = \'ERROR\'" --limit 5'],
  async run({ arguments: { experiment }, options: { filter, order, limit = 50 } }, context) {
    const platform = await context.connect()
    const { id } = await findExperiment(platform, experiment)
    const asked = {
      experiment: id,
      ...(filter === undefined ? {} : { filter }),
      ...(order === undefined ? {} : { order }),
    }
    const found: Trace[] = []
    const pages = eachOf(async (after) => {
      const query = { ...asked, limit: Math.min(AT_ONCE, limit - found.length), ...after }
      const { traces, next } = await platform.call(platform.contracts.searchTraces, { query })
      return { items: traces, next: found.length + traces.length < limit ? next : null }
    })
    for await (const trace of pages) found.push(trace)
    if (context.json) return context.document({ traces: found })
    if (found.length === 0) return context.note('there is no such trace')
    const now = Date.now()
    const rows = found.map((trace) => [
      trace.id,
      nameOfTrace(trace),
      stateOf(trace),
      age(new Date(trace.startedAt).toISOString(), now),
      trace.duration === null ? '-' : duration(trace.duration),
      tokensOf(trace) ?? '-',
      short(trace.requestPreview ?? ''),
    ])
    context.print(...table(['ID', 'NAME', 'STATE', 'STARTED', 'TOOK', 'TOKENS', 'REQUEST'], rows, context.paint))
  },
})

const short = (text: string) => (text.length > WIDEST ? `${text.slice(0, WIDEST - 1).toWellFormed()}…` : text)
