import { listEvents, streamEvents } from '@stead/contracts'
import { openEventStream } from '../../http/event-stream.ts'
import type { Mount } from '../../http/mount.ts'
import { namesIn } from '../../http/names.ts'
import type { Watched } from '../deployments/watching.ts'
import type { Projects } from '../projects/projects.ts'
import type { Events } from './events.ts'

const BEAT_MS = 5_000

/** Tells of deployments, beside the events, until the signal aborts. */
export type Watch = (
  asked: Watched,
  send: (kind: 'deployment' | 'figures', told: unknown) => void,
  signal: AbortSignal,
) => void

export function serveEvents(mount: Mount, events: Events, projects: Projects, watch: Watch): void {
  mount(listEvents, async ({ params, query }) => {
    const found = await events.list(await projects.idOf(params.project), query)
    return { events: found, next: found.length === query.limit ? (found.at(-1)?.sequence ?? null) : null }
  })
  mount(streamEvents, async ({ query }, { request, reply }) => {
    const resumed = Number(request.headers['last-event-id'])
    const stream = openEventStream(reply)
    const beat = setInterval(() => stream.beat(), BEAT_MS)
    stream.closed.addEventListener('abort', () => clearInterval(beat), { once: true })
    const after = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : query.after
    const end = () => stream.end()
    const names = namesIn(query.watch)
    // Only events have ids: those are what a reader can resume after.
    if (names) watch({ names, project: query.project }, (kind, told) => stream.send(kind, told), stream.closed)
    await events
      .follow(after, query.project, (event) => stream.send('event', event, event.sequence), stream.closed, end)
      .catch(end)
    return reply
  })
}
