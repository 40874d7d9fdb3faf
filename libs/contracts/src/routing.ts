import { z } from 'zod'
import { Generation, ModelName, VersionNumber } from './names.ts'
import { Signature } from './tensors.ts'

export const Route = z.object({ version: VersionNumber, weight: z.number().min(0).max(1_000_000) })
export type Route = z.infer<typeof Route>

/** A copy of each request (or of a fraction) that answers nobody. */
export const Shadow = z.object({ version: VersionNumber, fraction: z.number().min(0).max(1).default(1) })
export type Shadow = z.infer<typeof Shadow>

const batchingFields = {
  maxRows: z.number().int().min(1).max(65_536),
  /** Wait this long for a fuller batch; 0 takes what is there. */
  maxDelayMs: z.number().min(0).max(10_000),
  preferredRows: z.array(z.number().int().min(1).max(65_536)).max(16),
  /** Requests that may wait for one engine; the next is refused with 503. */
  maxQueue: z.number().int().min(1).max(100_000),
}
export const Batching = z.object(batchingFields)
export type Batching = z.infer<typeof Batching>

const configFields = {
  isolation: z.enum(['shared', 'dedicated']),
  /** Threads one run of the model may use. */
  threads: z.number().int().min(1).max(256),
  /** A request that gives no deadline gets this one; null leaves it unbounded. */
  timeoutMs: z.number().int().min(1).max(3_600_000).nullable(),
  /** Loading and warming a version may take this long together. */
  loadTimeoutMs: z.number().int().min(100).max(3_600_000),
}

/** How a deployment serves, apart from which version answers. */
export const ServingConfig = z.object({ batching: Batching, ...configFields })
export type ServingConfig = z.infer<typeof ServingConfig>

/** A change of some of it. */
export const ServingConfigPatch = z.object({
  batching: Batching.partial().optional(),
  ...z.object(configFields).partial().shape,
})
export type ServingConfigPatch = z.infer<typeof ServingConfigPatch>

export const DEFAULT_SERVING: ServingConfig = {
  batching: { maxRows: 64, maxDelayMs: 0, preferredRows: [], maxQueue: 1024 },
  isolation: 'shared',
  threads: 1,
  timeoutMs: null,
  loadTimeoutMs: 120_000,
}

/** Parked engines are not loaded. `request`: the first request loads them; `load`: answers 503 until woken. */
export const Parked = z.enum(['request', 'load'])
export type Parked = z.infer<typeof Parked>

/** All that a generation fixes: model, contract and configuration change together or not at all. */
export const RouteTable = z.object({
  generation: Generation,
  /** The model whose versions the routes and shadows name. */
  model: ModelName,
  contract: Signature,
  routes: z.array(Route).min(1).max(32),
  shadows: z.array(Shadow).max(8),
  config: ServingConfig,
  parked: Parked.nullable(),
})
export type RouteTable = z.infer<typeof RouteTable>
