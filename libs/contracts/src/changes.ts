import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { DeploymentName, Generation, Instant, RunnerName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'
import { RouteTable } from './routing.ts'

export const ChangeKind = z.enum(['deploy', 'swap', 'repurpose', 'rollback', 'traffic', 'park', 'wake'])
export type ChangeKind = z.infer<typeof ChangeKind>

/** Stages of a change, in order; `checks` is one per check of a version on a runner. */
export const Stage = z.object({
  name: z.string(),
  ms: z.number(),
  ok: z.boolean(),
  runner: RunnerName.optional(),
  version: VersionNumber.optional(),
  reason: z.string().optional(),
})
export type Stage = z.infer<typeof Stage>

export const Transcript = z.object({
  deployment: DeploymentName,
  kind: ChangeKind,
  /** The versions that answered before and that answer now, heaviest first; null before the first deploy. */
  from: VersionNumber.nullable(),
  to: VersionNumber,
  generation: Generation,
  /** Its id, by which it can be read again; null for changes of the time before they had ids. */
  change: z.string().nullable(),
  stages: z.array(Stage),
  /** Runners that serve on by themselves and have not followed yet. */
  detached: z.array(RunnerName),
})
export type Transcript = z.infer<typeof Transcript>

/** A change while it happens, and after it. Everyone who reads the deployment sees the same. */
export const Change = z.object({
  id: z.string(),
  deployment: DeploymentName,
  kind: ChangeKind,
  /** The table that serves while it is prepared; null before the first deploy. */
  before: RouteTable.nullable(),
  /** The table it leads to. */
  after: RouteTable,
  reason: z.string(),
  actor: z.string(),
  startedAt: Instant,
  /** Null until the commit. */
  committedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  stages: z.array(Stage),
  /** Why it failed, in the words its caller got; null while it runs and when it did not. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  detached: z.array(RunnerName),
})
export type Change = z.infer<typeof Change>

const OneChange = InProject.extend({ deployment: DeploymentName, change: z.string().min(1).max(64) })

export const getChange = endpoint({
  act: 'deployment.get',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments/:deployment/changes/:change',
  says: 'Reads a change: one under way, one that was committed, or one that was refused.',
  params: OneChange,
  returns: Change,
  fails: ['project_not_found', 'deployment_not_found', 'change_not_found'],
})

export const abortChange = endpoint({
  act: 'deployment.abort',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/changes/:change/abort',
  says: 'Gives a change up before its commit; whoever asked for it gets `aborted`, and traffic is not touched.',
  params: OneChange,
  body: z.object({ reason: z.string().max(1000).default('') }).default({ reason: '' }),
  returns: Change,
  fails: ['project_not_found', 'deployment_not_found', 'change_not_found', 'change_committed', 'invalid_request'],
})
