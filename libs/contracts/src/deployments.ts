import { z } from 'zod'
import { Change, ChangeKind, Stage, Transcript } from './changes.ts'
import { endpoint } from './endpoint.ts'
import {
  AliasName,
  DeploymentName,
  Generation,
  Instant,
  ModelName,
  ProjectName,
  RunnerName,
  VersionNumber,
} from './names.ts'
import { InProject } from './projects.ts'
import { Runtime } from './registry.ts'
import { Parked, Route, RouteTable, ServingConfigPatch, Shadow } from './routing.ts'

export const GenerationRecord = RouteTable.extend({
  kind: ChangeKind,
  /** The generation whose table a rollback brought back. */
  restores: Generation.nullable(),
  /** Its change, whose transcript can be read; null for those made before changes had ids. */
  change: z.string().nullable(),
  reason: z.string(),
  actor: z.string(),
  committedAt: Instant,
  stages: z.array(Stage),
})
export type GenerationRecord = z.infer<typeof GenerationRecord>

export const EngineState = z.enum([
  'fetching',
  'verifying',
  'admitting',
  'starting',
  'loading',
  'warming',
  'ready',
  'serving',
  'draining',
  'standby',
  'stopped',
  'failed',
  'parked',
])
export type EngineState = z.infer<typeof EngineState>

export const EngineStatus = z.object({
  deployment: DeploymentName,
  model: ModelName,
  version: VersionNumber,
  state: EngineState,
  reason: z.string().nullable(),
  since: Instant,
  hostPid: z.number().int().nullable(),
  /** Resident bytes of the engine's host. */
  memory: z.number().int().nullable(),
  restarts: z.number().int(),
})
export type EngineStatus = z.infer<typeof EngineStatus>

export const RunnerStatus = z.object({
  name: RunnerName,
  connected: z.boolean(),
  rest: z.string(),
  grpc: z.string(),
  pid: z.number().int(),
  frontEnds: z.number().int(),
  memory: z.number().int().nullable(),
  seenAt: Instant,
  runtimes: z.array(Runtime),
  engines: z.array(EngineStatus),
})
export type RunnerStatus = z.infer<typeof RunnerStatus>

export const Deployment = z.object({
  project: ProjectName,
  name: DeploymentName,
  table: RouteTable,
  createdAt: Instant,
  /** Where callers reach it, one per connected runner. */
  urls: z.array(z.object({ runner: RunnerName, rest: z.string(), grpc: z.string() })),
  engines: z.array(EngineStatus.extend({ runner: RunnerName })),
  /** Why the last change that failed did so; null after the next success. */
  lastFailure: z
    .object({
      at: Instant,
      kind: ChangeKind,
      version: VersionNumber.nullable(),
      reason: z.string(),
      stages: z.array(Stage),
      change: z.string().nullable(),
    })
    .nullable(),
  /** The change that is under way. */
  change: Change.nullable(),
})
export type Deployment = z.infer<typeof Deployment>

export const InstallationStatus = z.object({
  version: z.string(),
  database: z.enum(['embedded', 'postgres']),
  artifacts: z.string(),
  runners: z.array(RunnerStatus),
  deployments: z.array(Deployment),
})
export type InstallationStatus = z.infer<typeof InstallationStatus>

export const OneDeployment = InProject.extend({ deployment: DeploymentName })
const Reason = z.string().max(1000).default('')
const CHANGE_FAILS = [
  'project_not_found',
  'deployment_not_found',
  'invalid_request',
  'generation_conflict',
  'superseded',
  'idempotency_key_reused',
  'no_runner',
  'acknowledgement_late',
  'aborted',
] as const
const LOAD_FAILS = [
  'version_not_found',
  'version_not_servable',
  'contract_broken',
  'checks_failed',
  'runtime_missing',
] as const

export const listDeployments = endpoint({
  act: 'deployment.list',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments',
  says: 'Lists deployments with their routes and engines.',
  params: InProject,
  returns: z.object({ deployments: z.array(Deployment) }),
  fails: ['project_not_found'],
})

export const createDeployment = endpoint({
  act: 'deployment.create',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments',
  status: 201,
  says: 'Makes a standing deployment of a version and returns once every runner serves it.',
  params: InProject,
  body: z.object({
    name: DeploymentName,
    model: ModelName,
    version: z.union([VersionNumber, AliasName]).optional(),
    config: ServingConfigPatch.default({}),
    reason: Reason,
  }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: [
    'project_not_found',
    'model_not_found',
    'version_not_found',
    'runtime_missing',
    'checks_failed',
    'name_taken',
    'no_runner',
    'invalid_request',
    'idempotency_key_reused',
    'acknowledgement_late',
    'superseded',
    'aborted',
  ],
})

export const getDeployment = endpoint({
  act: 'deployment.get',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments/:deployment',
  says: 'Reads one deployment.',
  params: OneDeployment,
  returns: Deployment,
  fails: ['project_not_found', 'deployment_not_found'],
})

export const deleteDeployment = endpoint({
  act: 'deployment.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/deployments/:deployment',
  status: 204,
  says: 'Ends a deployment: its address answers 404 once its last requests are done.',
  params: OneDeployment,
  fails: ['project_not_found', 'deployment_not_found'],
})

export const deploymentHistory = endpoint({
  act: 'deployment.history',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments/:deployment/history',
  says: 'Lists generations, newest first.',
  params: OneDeployment,
  query: z.object({
    before: z.coerce.number().int().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  returns: z.object({ generations: z.array(GenerationRecord), next: z.number().int().nullable() }),
  fails: ['project_not_found', 'deployment_not_found'],
})

export const swapDeployment = endpoint({
  act: 'deployment.swap',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/swap',
  says: 'Puts another version in place without losing a request. `repurpose` publishes its contract with it; `model` may then name another model.',
  params: OneDeployment,
  body: z.object({
    version: z.union([VersionNumber, AliasName]),
    model: ModelName.optional(),
    expectedGeneration: Generation.optional(),
    repurpose: z.boolean().default(false),
    config: ServingConfigPatch.default({}),
    reason: Reason,
  }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: [...CHANGE_FAILS, ...LOAD_FAILS, 'model_not_found'],
})

export const rollbackDeployment = endpoint({
  act: 'deployment.rollback',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/rollback',
  says: 'Returns to the table of the generation before, or of the one named; nothing is loaded while it stands by.',
  params: OneDeployment,
  body: z
    .object({ generation: Generation.optional(), expectedGeneration: Generation.optional(), reason: Reason })
    .default({ reason: '' }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: [...CHANGE_FAILS, ...LOAD_FAILS, 'nothing_to_roll_back', 'generation_not_found'],
})

export const setTraffic = endpoint({
  act: 'deployment.traffic',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/traffic',
  says: 'Splits traffic by weight among compatible versions, sticky by key, with shadows beside.',
  params: OneDeployment,
  body: z.object({
    routes: z.array(Route).min(1).max(32),
    shadows: z.array(Shadow).max(8).default([]),
    expectedGeneration: Generation.optional(),
    reason: Reason,
  }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: [...CHANGE_FAILS, ...LOAD_FAILS],
})

export const parkDeployment = endpoint({
  act: 'deployment.park',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/park',
  says: 'Unloads the engines and keeps the table. By default the next request loads them again.',
  params: OneDeployment,
  body: z
    .object({ until: Parked.default('request'), expectedGeneration: Generation.optional(), reason: Reason })
    .default({ until: 'request', reason: '' }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: CHANGE_FAILS,
})

export const wakeDeployment = endpoint({
  act: 'deployment.wake',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/wake',
  says: 'Loads the engines of a parked deployment.',
  params: OneDeployment,
  body: z.object({ expectedGeneration: Generation.optional(), reason: Reason }).default({ reason: '' }),
  returns: Transcript,
  idempotent: true,
  transcript: true,
  fails: [...CHANGE_FAILS, ...LOAD_FAILS],
})

export const installationStatus = endpoint({
  act: 'installation.status',
  method: 'GET',
  path: '/api/v1/status',
  says: 'Reads runners, deployments and engines.',
  returns: InstallationStatus,
  fails: [],
})
