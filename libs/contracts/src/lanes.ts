import { z } from 'zod'
import { ChangeKind } from './changes.ts'
import { endpoint } from './endpoint.ts'
import { DeploymentName, Generation, Instant, ModelName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'
import { Parked, Route, Shadow } from './routing.ts'

/** The route table at one moment of a deployment's life, as a band of time shows it. */
export const LaneMark = z.object({
  generation: Generation,
  kind: ChangeKind,
  at: Instant,
  model: ModelName,
  routes: z.array(Route),
  shadows: z.array(Shadow),
  parked: Parked.nullable(),
  change: z.string().nullable(),
})
export type LaneMark = z.infer<typeof LaneMark>

export const Lane = z.object({
  deployment: DeploymentName,
  /** Oldest first; the first is the one that was in force when the span began, if there was one. */
  marks: z.array(LaneMark),
  refusals: z.array(
    z.object({
      at: Instant,
      kind: ChangeKind,
      version: VersionNumber.nullable(),
      reason: z.string(),
      change: z.string().nullable(),
    }),
  ),
  /** More happened than is told; the newest is. */
  truncated: z.boolean(),
})
export type Lane = z.infer<typeof Lane>

export const listLanes = endpoint({
  act: 'deployment.list',
  method: 'GET',
  path: '/api/v1/projects/:project/lanes',
  says: 'Tells which versions deployments served over a span of time, and the changes that were refused. `names` asks for some, with commas between.',
  params: InProject,
  query: z.object({
    names: z.string().max(10_000).optional(),
    /** Epoch seconds; six hours ago when left out. */
    from: z.coerce.number().int().optional(),
  }),
  returns: z.object({ lanes: z.array(Lane) }),
  fails: ['project_not_found', 'invalid_request'],
})
