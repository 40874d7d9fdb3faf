import { listEvents, streamEvents } from '@stead/contracts'
import { openEventStream } from '../../http/event-stream.ts'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from '../projects/projects.ts'
import type { Events } from './events.ts'

const BEAT_MS = 5_000

export function serveEvents(mount: Mount, events: Events, projects: Projects): void {
  mount(listEvents, async ({ params, query }) => {
    const found = await events.list(await projects.idOf(params.project), query.before, query.limit)
    return { events: found, next: found.length === query.limit ? (found.at(-1)?.sequence ?? null) : null }
  })
  mount(streamEvents, async ({ query }, { request, reply }) => {
    const resumed = Number(request.headers['last-event-id'])
    const stream = openEventStream(reply)
    const beat = setInterval(() => stream.beat(), BEAT_MS)
    stream.closed.addEventListener('abort', () => clearInterval(beat), { once: true })
    const after = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : query.after
    const end = () => stream.end()
    await events
      .follow(after, query.project, (event) => stream.send('event', event, event.sequence), stream.closed, end)
      .catch(end)
    return reply
  })
}
