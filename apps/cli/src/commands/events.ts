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
    subject: {
      takes: 'NAME',
      says: 'Only of this deployment, model (with all its versions and aliases), or `model/8`.',
    },
    kind: { takes: 'KIND', says: 'Only of this kind: `deployment`, or `version.created`.' },
    actor: { takes: 'NAME', says: 'Only what this one did.' },
  },
  examples: [
    'stead events --limit 20',
    'stead events --follow --json',
    'stead events --subject weather --kind version',
  ],
  async run({ options: { follow, limit, ...filter } }, context) {
    const platform = await context.connect()
    const { listEvents } = platform.contracts
    const isWhole = Object.values(filter).every((value) => value === undefined)
    // What others do is not listed: following begins where the list was made, and not at the last event that passed.
    const newest =
      follow && !isWhole ? (await platform.call(listEvents, { query: { limit: 1 } })).events[0]?.sequence : undefined
    const { events: newestFirst } = await platform.call(listEvents, {
      query: { limit: limit ?? (follow ? 20 : 100), ...given(filter) },
    })
    const past = newestFirst.toReversed()
    if (!follow && context.json) return context.document({ events: past })
    for (const event of past) tell(event, context)
    const last = Math.max(newest ?? 0, past.at(-1)?.sequence ?? 0)
    if (follow) await followEvents(last, filter, platform, context)
  },
})

interface Filter {
  readonly subject: string | undefined
  readonly kind: string | undefined
  readonly actor: string | undefined
}

const given = (filter: Filter): { subject?: string; kind?: string; actor?: string } =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))

/** As the platform lists them; its stream has all. */
function passes(event: Event, { subject, kind, actor }: Filter): boolean {
  const isAbout = (name: string) =>
    event.subject === name || event.subject.startsWith(`${name}/`) || event.subject.startsWith(`${name}@`)
  const isOf = (noun: string) => event.kind === noun || event.kind.startsWith(`${noun}.`)
  return (
    (subject === undefined || isAbout(subject)) &&
    (kind === undefined || isOf(kind)) &&
    (actor === undefined || event.actor === actor)
  )
}

/** Reads on after the last event seen, over broken connections and restarts of the server. */
async function followEvents(last: number, filter: Filter, platform: Platform, context: Context): Promise<void> {
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
        if (passes(event, filter)) tell(event, context)
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
