import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, ProjectName } from './names.ts'

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
  says: 'Streams events as they happen; Last-Event-ID, or `after`, resumes.',
  query: z.object({ after: z.coerce.number().int().optional(), project: ProjectName.optional() }),
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
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  returns: z.object({ events: z.array(Event), next: z.number().int().nullable() }),
  fails: ['project_not_found'],
})
