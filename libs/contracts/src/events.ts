import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { FigurePoint } from './figures.ts'
import { DeploymentName, Instant, ProjectName } from './names.ts'

/** Everything that happened, in order, with who and why. */
export const Event = z.object({
  sequence: z.number().int(),
  project: ProjectName,
  kind: z.string(),
  subject: z.string(),
  actor: z.string(),
  at: Instant,
  document: z.record(z.string(), z.json()),
})
export type Event = z.infer<typeof Event>

export const streamEvents = endpoint({
  act: 'event.stream',
  method: 'GET',
  path: '/api/v1/events',
  says: 'Streams events as they happen; Last-Event-ID, or `after`, resumes. For the deployments named in `watch`, as `weather/forecast` with commas between, or `forecast` where `project` is given, it also sends their figures every second (`figures`) and their state whenever it changes (`deployment`); for those in `experiments`, which runs have changed (`runs`).',
  query: z.object({
    after: z.coerce.number().int().optional(),
    project: ProjectName.optional(),
    watch: z.string().max(10_000).optional(),
    /** Experiments whose changed runs are told of (`runs`), as `weather/3` with commas between, or `3` where `project`
     *  is given. */
    experiments: z.string().max(1000).optional(),
  }),
  streams: { out: 'events' },
  fails: [],
})

export const listEvents = endpoint({
  act: 'event.list',
  method: 'GET',
  path: '/api/v1/projects/:project/events',
  says: 'Lists events, newest first.',
  params: z.object({ project: ProjectName }),
  query: z.object({
    before: z.coerce.number().int().optional(),
    /** Only of this thing: `forecast`, `weather/8`, `weather@champion`; a model's name finds all of its versions and aliases. */
    subject: z.string().max(600).optional(),
    /** Only of this noun or kind: `deployment`, `version.created`. */
    kind: z.string().max(100).optional(),
    actor: z.string().max(250).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  returns: z.object({ events: z.array(Event), next: z.number().int().nullable() }),
  fails: ['project_not_found'],
})

/** What the event stream sends under the name `figures`. */
export const WatchedFigures = z.object({ deployment: DeploymentName, points: z.array(FigurePoint) })
export type WatchedFigures = z.infer<typeof WatchedFigures>
