import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import type { Platform } from '../connect.ts'
import { isNamed } from '../failures.ts'
import { plain } from '../text.ts'

const RECONNECT_MS = 1_000

export const command = defineCommand({
  arguments: [],
  options: {
    follow: { says: 'Go on with what happens next, until Ctrl-C.' },
    limit: {
      takes: 'N',
      number: { whole: true, min: 1, max: 500 },
      says: 'The most past events to show; 20 with --follow, 100 otherwise.',
    },
  },
  examples: ['stead events --limit 20', 'stead events --follow --json'],
  async run({ options: { follow, limit } }, context) {
    const platform = await context.connect()
    const { events: newestFirst } = await platform.call(platform.contracts.listEvents, {
      query: { limit: limit ?? (follow ? 20 : 100) },
    })
    const past = newestFirst.toReversed()
    if (!follow && context.json) return context.document({ events: past })
    for (const event of past) tell(event, context)
    if (follow) await followEvents(past.at(-1)?.sequence ?? 0, platform, context)
  },
})

/** Reads on after the last event seen, over broken connections and restarts of the server. */
async function followEvents(last: number, platform: Platform, context: Context): Promise<void> {
  const { streamEvents, Event: EventSchema, ProjectName } = platform.contracts
  const query = () => ({ after: last, project: ProjectName.parse(context.project) })
  const { signal } = context.terminal
  // Ending it is how following ends, and no failure.
  while (!signal.aborted) {
    try {
      await platform.watch(streamEvents, { query: query() }, (data) => {
        const event = EventSchema.parse(data)
        if (event.sequence <= last) return
        last = event.sequence
        tell(event, context)
      })
    } catch (error) {
      if (!signal.aborted && !isNamed(error, 'UnreachableError')) throw error
    }
    await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {})
  }
}

function tell(event: Event, context: Context): void {
  if (context.json) return context.document(event)
  const details =
    Object.keys(event.document).length > 0 ? `  ${context.paint.dim(plain(JSON.stringify(event.document)))}` : ''
  context.print(
    `${context.paint.dim(event.at)}  ${plain(event.kind).padEnd(20)}  ${plain(event.subject)}  by ${plain(event.actor)}${details}`,
  )
}
