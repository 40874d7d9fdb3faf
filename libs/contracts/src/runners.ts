import { z } from 'zod'
import { DeploymentName, Digest, Generation, ModelName, ProjectName, RunnerName, VersionNumber } from './names.ts'
import { Admission, KeyUse } from './consumers.ts'
import { endpoint } from './endpoint.ts'
import { EngineStatus } from './deployments.ts'
import { FigureSample } from './figures.ts'
import { Assertion, GoldenRequest, InferenceRequest } from './golden.ts'
import { Runtime, VersionFile } from './registry.ts'
import { RouteTable } from './routing.ts'
import { Signature } from './tensors.ts'

/** How long a runner is a member of a change after it was last heard, in milliseconds. */
export const LEASE_MS = 5_000
export const HEARTBEAT_MS = 1_000

/** All a runner needs to load a version. */
export const VersionBundle = z.object({
  model: ModelName,
  version: VersionNumber,
  digest: Digest,
  runtime: Runtime,
  signature: Signature,
  files: z.array(VersionFile),
})
export type VersionBundle = z.infer<typeof VersionBundle>

/** The first phase of a change: make these versions ready, check them with these golden requests, and report. */
export const Preparation = z.object({
  id: z.string(),
  model: ModelName,
  versions: z.array(VersionNumber),
  /** Golden requests run only on versions that did not serve before. */
  check: z.array(VersionNumber),
  golden: z.array(GoldenRequest.omit({ createdAt: true })),
  /** The contract that the golden requests are written against. */
  contract: Signature,
  config: RouteTable.shape.config,
})
export type Preparation = z.infer<typeof Preparation>

export const Recording = z.object({
  id: z.string(),
  count: z.number().int(),
  redact: z.array(z.string()),
  assertion: z.enum(['valid', 'close', 'exact']),
})
export type Recording = z.infer<typeof Recording>

/** What a runner should be doing for one deployment. `table` is null until the first commit. */
export const DesiredDeployment = z.object({
  project: ProjectName,
  name: DeploymentName,
  /** Tells a deployment from an earlier one of the same name. */
  id: z.string(),
  table: RouteTable.nullable(),
  versions: z.array(VersionBundle),
  preparation: Preparation.nullable(),
  recording: Recording.nullable(),
})
export type DesiredDeployment = z.infer<typeof DesiredDeployment>

/** Server-sent on the desired-state stream: a snapshot, then numbered deltas; a gap means: connect again. */
export const DesiredEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), revision: z.number().int(), deployments: z.array(DesiredDeployment) }),
  z.object({ kind: z.literal('delta'), revision: z.number().int(), deployment: DesiredDeployment }),
  z.object({ kind: z.literal('removed'), revision: z.number().int(), name: DeploymentName, id: z.string() }),
  /** Whole each time: who may call this runner. Told on connecting, and within a second of every change. */
  z.object({ kind: z.literal('admission'), revision: z.number().int(), admission: Admission }),
  z.object({ kind: z.literal('heartbeat'), revision: z.number().int() }),
])
export type DesiredEvent = z.infer<typeof DesiredEvent>

/** What runners tell. All are idempotent. */
export const RunnerReport = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stage'),
    deployment: DeploymentName,
    preparation: z.string(),
    name: z.string(),
    version: VersionNumber,
    ms: z.number(),
    ok: z.boolean(),
    reason: z.string().optional(),
  }),
  z.object({ kind: z.literal('prepared'), deployment: DeploymentName, preparation: z.string() }),
  z.object({
    kind: z.literal('refused'),
    deployment: DeploymentName,
    preparation: z.string(),
    version: VersionNumber,
    check: z.string(),
    reason: z.string(),
  }),
  z.object({
    kind: z.literal('acknowledged'),
    deployment: DeploymentName,
    id: z.string(),
    generation: Generation,
    ms: z.number(),
  }),
  z.object({
    kind: z.literal('recorded'),
    deployment: DeploymentName,
    recording: z.string(),
    request: InferenceRequest,
    assertion: Assertion,
  }),
])
export type RunnerReport = z.infer<typeof RunnerReport>

const OneRunner = z.object({ runner: RunnerName })

export const RunnerIdentity = z.object({
  rest: z.string(),
  grpc: z.string(),
  pid: z.number().int(),
  frontEnds: z.number().int().min(1),
  runtimes: z.array(Runtime),
})
export type RunnerIdentity = z.infer<typeof RunnerIdentity>

export const watchDesired = endpoint({
  act: 'runner.watch',
  method: 'GET',
  path: '/api/v1/runners/:runner/desired',
  says: 'Registers the runner and streams the state it should be in, as server-sent events.',
  params: OneRunner,
  query: z.object({
    rest: z.string(),
    grpc: z.string(),
    pid: z.coerce.number().int(),
    frontEnds: z.coerce.number().int().min(1),
    runtimes: z.string(),
  }),
  streams: { out: 'events' },
  fails: ['invalid_request'],
})

export const reportRunner = endpoint({
  act: 'runner.report',
  method: 'POST',
  path: '/api/v1/runners/:runner/reports',
  says: 'Renews the lease of a runner and tells what it did, how its engines are and its live figures.',
  params: OneRunner,
  body: z.object({
    reports: z.array(RunnerReport).default([]),
    engines: z.array(EngineStatus).optional(),
    memory: z.number().int().optional(),
    figures: z.array(FigureSample).default([]),
    /** What keys used since the report before. */
    uses: z.array(KeyUse).default([]),
    /** Names these uses: told again after an answer that was lost, they are not counted again. */
    usesBatch: z.string().max(100).optional(),
  }),
  returns: z.object({ leaseMs: z.number(), revision: z.number().int() }),
  fails: ['runner_not_found', 'invalid_request'],
})
