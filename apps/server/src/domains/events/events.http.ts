import { listEvents, ProjectName, SteadError, streamEvents } from '@stead/contracts'
import type { ChangedRuns, WatchedRuns } from '@stead/contracts'
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

/** Tells of runs that change in experiments of a project, until the signal aborts. */
export type WatchRuns = (
  project: ProjectName,
  experiments: readonly number[],
  tell: (changed: ChangedRuns) => void,
  signal: AbortSignal,
) => Promise<void>

export function serveEvents(
  mount: Mount,
  events: Events,
  projects: Projects,
  watch: Watch,
  watchRuns: WatchRuns,
): void {
  mount(listEvents, async ({ params, query }) => {
    const found = await events.list(await projects.idOf(params.project), query)
    return { events: found, next: found.length === query.limit ? (found.at(-1)?.sequence ?? null) : null }
  })
  mount(streamEvents, async ({ query }, { request, reply, principal, sees }) => {
    refuseUnseen(query, sees, principal.kind === 'local')
    const experiments = experimentsIn(query, sees)
    const resumed = Number(request.headers['last-event-id'])
    const stream = openEventStream(reply)
    const beat = setInterval(() => stream.beat(), BEAT_MS)
    stream.closed.addEventListener('abort', () => clearInterval(beat), { once: true })
    const after = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : query.after
    const end = () => stream.end()
    // Only events have ids: those are what a reader can resume after.
    for (const asked of watchedIn(query, sees)) watch(asked, (kind, told) => stream.send(kind, told), stream.closed)
    for (const [project, numbers] of experiments) {
      const tell = (changed: ChangedRuns) => stream.send('runs', { project, ...changed } satisfies WatchedRuns)
      await watchRuns(project, numbers, tell, stream.closed).catch(end)
    }
    await events
      .follow(
        after,
        query.project,
        (event) => sees(event.project) && stream.send('event', event, event.sequence),
        stream.closed,
        end,
      )
      .catch(end)
    return reply
  })
}

/** The experiments to watch, by their projects: those that name one, and the others, which are of the stream's.
 *  Projects that the reader does not see are passed over like those that are not there. */
function experimentsIn(
  { project, experiments }: { project?: ProjectName | undefined; experiments?: string | undefined },
  sees: (project: ProjectName) => boolean,
): Map<ProjectName, number[]> {
  const found = new Map<ProjectName, number[]>()
  if (!experiments) return found
  for (const text of experiments.split(',')) {
    const [, of, number] = /^(?:([^/]*)\/)?(\d{1,15})$/.exec(text) ?? []
    const named = of === undefined ? project : ProjectName.safeParse(of).data
    if (named === undefined || number === undefined)
      throw new SteadError('invalid_request', 'query.experiments: as weather/3, or 3 beside a project', {
        where: 'query.experiments',
      })
    if (sees(named)) found.set(named, [...(found.get(named) ?? []), Number(number)])
  }
  return found
}

const isNamed = (name: string) => name.includes('/')
const unnamed = (watch: string | undefined) =>
  watch
    ?.split(',')
    .filter((name) => !isNamed(name))
    .join(',') || undefined

/** The deployments to watch, by their projects: those named with their project, which may be of several, and the others.
 *  Projects that the reader does not see are passed over like those that are not there. */
function watchedIn(
  { project, watch }: { project?: ProjectName | undefined; watch?: string | undefined },
  sees: (project: ProjectName) => boolean,
): Watched[] {
  const named = Map.groupBy(watch?.split(',').filter(isNamed) ?? [], (name) => name.split('/', 1)[0]!)
  const others = namesIn(unnamed(watch))
  const groups = [...named].flatMap(([text, all]): Watched[] => {
    const of = ProjectName.safeParse(text)
    if (!of.success || !sees(of.data)) return []
    return [{ names: namesIn(all.map((name) => name.slice(text.length + 1)).join(',')) ?? [], project: of.data }]
  })
  return [...(others ? [{ names: others, project }] : []), ...groups]
}

/** Deployments are watched within a project that the reader may see; this machine's own user may leave it out. */
function refuseUnseen(
  { project, watch }: { project?: ProjectName | undefined; watch?: string | undefined },
  sees: (project: ProjectName) => boolean,
  isLocal: boolean,
): void {
  if (project !== undefined && !sees(project))
    throw new SteadError('project_not_found', `there is no project "${project}"`)
  if (namesIn(unnamed(watch)) && project === undefined && !isLocal)
    throw new SteadError('invalid_request', 'query.project: name the project whose deployments are watched', {
      where: 'query.project',
    })
}
