import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Digest, DeploymentName, Instant, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'
import { NewSecret, TokenName } from './tokens.ts'

/** Those who call deployments. Each consumer has keys, limits that hold for all of its keys together, and its use counted. */

export const ConsumerName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/, {
    error: 'consumer name: 1 to 63 lower-case letters, digits, ".", "_" or "-"',
  })
  .brand<'ConsumerName'>()
export type ConsumerName = z.infer<typeof ConsumerName>

/** Null where there is no limit. Above it callers get 429 (gRPC: RESOURCE_EXHAUSTED) with Retry-After. */
export const Limits = z.object({
  /** Requests a second, each runner for itself, in the long run … */
  rate: z.number().positive().max(1_000_000).nullable(),
  /** … and at once, before the rate counts. */
  burst: z.number().int().min(1).max(1_000_000).nullable(),
  /** Requests of a UTC day and of a UTC month, over all runners; counted within a second or two. */
  perDay: z.number().int().min(1).nullable(),
  perMonth: z.number().int().min(1).nullable(),
})
export type Limits = z.infer<typeof Limits>

export const ConsumerKey = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  /** The deployments it may call; null for all of the project, those to come included. */
  deployments: z.array(DeploymentName).nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type ConsumerKey = z.infer<typeof ConsumerKey>

export const Consumer = z.object({
  name: ConsumerName,
  description: z.string(),
  limits: Limits,
  createdAt: Instant,
  keys: z.array(ConsumerKey),
  /** Requests of this UTC day and month so far. */
  used: z.object({ today: z.number().int(), thisMonth: z.number().int() }),
})
export type Consumer = z.infer<typeof Consumer>

const OneConsumer = InProject.extend({ consumer: ConsumerName })
const NO_LIMITS: Limits = { rate: null, burst: null, perDay: null, perMonth: null }

export const listConsumers = endpoint({
  act: 'consumer.list',
  method: 'GET',
  path: '/api/v1/projects/:project/consumers',
  says: 'Lists who calls the deployments of a project, with limits, keys and use.',
  params: InProject,
  returns: z.object({ consumers: z.array(Consumer) }),
  fails: ['project_not_found'],
})

export const createConsumer = endpoint({
  act: 'consumer.create',
  method: 'POST',
  path: '/api/v1/projects/:project/consumers',
  says: 'Makes a consumer, without keys yet.',
  status: 201,
  params: InProject,
  body: z.object({
    name: ConsumerName,
    description: z.string().max(1000).default(''),
    limits: Limits.partial().default(NO_LIMITS),
  }),
  returns: Consumer,
  fails: ['project_not_found', 'invalid_request', 'forbidden', 'name_taken'],
})

export const changeConsumer = endpoint({
  act: 'consumer.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/consumers/:consumer',
  says: 'Changes the limits or the description of a consumer; runners follow within two seconds.',
  params: OneConsumer,
  body: z.object({ description: z.string().max(1000).optional(), limits: Limits.partial().optional() }),
  returns: Consumer,
  fails: ['project_not_found', 'consumer_not_found', 'invalid_request', 'forbidden'],
})

export const deleteConsumer = endpoint({
  act: 'consumer.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/consumers/:consumer',
  says: 'Removes a consumer; its keys stop working within two seconds. What it used stays counted.',
  status: 204,
  params: OneConsumer,
  fails: ['project_not_found', 'consumer_not_found', 'forbidden'],
})

export const createConsumerKey = endpoint({
  act: 'consumer.change',
  method: 'POST',
  path: '/api/v1/projects/:project/consumers/:consumer/keys',
  says: 'Makes a key for a consumer and shows it, once.',
  status: 201,
  params: OneConsumer,
  body: z.object({
    name: TokenName,
    deployments: z.array(DeploymentName).min(1).max(500).nullable().default(null),
    days: z.number().int().min(1).max(3650).nullable().default(null),
  }),
  returns: ConsumerKey.extend(NewSecret.shape),
  fails: [
    'project_not_found',
    'consumer_not_found',
    'deployment_not_found',
    'invalid_request',
    'forbidden',
    'name_taken',
  ],
})

export const revokeConsumerKey = endpoint({
  act: 'consumer.change',
  method: 'DELETE',
  path: '/api/v1/projects/:project/consumers/:consumer/keys/:key',
  says: 'Revokes a key; connected runners refuse it within two seconds, open streams included.',
  status: 204,
  params: OneConsumer.extend({ key: z.string().max(100) }),
  fails: ['project_not_found', 'consumer_not_found', 'key_not_found', 'forbidden'],
})

/** What one key asked of one version of one deployment in one step of time. */
export const UsagePoint = z.object({
  at: Instant,
  key: z.string(),
  deployment: DeploymentName,
  version: VersionNumber,
  requests: z.number().int(),
  failed: z.number().int(),
})
export type UsagePoint = z.infer<typeof UsagePoint>

export const readUsage = endpoint({
  act: 'consumer.usage',
  method: 'GET',
  path: '/api/v1/projects/:project/consumers/:consumer/usage',
  says: 'Reads what a consumer used, by key, deployment and version, an hour or a day a step.',
  params: OneConsumer,
  query: z.object({
    /** How far back, in days. */
    days: z.coerce.number().int().min(1).max(400).default(30),
    step: z.enum(['hour', 'day']).default('day'),
  }),
  returns: z.object({ points: z.array(UsagePoint) }),
  fails: ['project_not_found', 'consumer_not_found', 'invalid_request'],
})

/** What runners know of keys; the server sends it with the desired state. */
export const AdmittedKey = z.object({
  id: z.string(),
  /** SHA-256 of the whole key. */
  hash: Digest,
  project: z.string(),
  consumer: z.string(),
  deployments: z.array(DeploymentName).nullable(),
  expiresAt: Instant.nullable(),
  limits: Limits.pick({ rate: true, burst: true }),
  /** A quota is used up until then. */
  exhaustedUntil: Instant.nullable(),
})
export type AdmittedKey = z.infer<typeof AdmittedKey>

/** Who may call a runner. While it is `open`, everybody who reaches it. */
export const Admission = z.object({
  open: z.boolean(),
  keys: z.array(AdmittedKey),
  /** Hashes of what else is let in: the server's own requests, by a secret of this connection, and monitors. */
  server: Digest.nullable(),
  monitors: z.array(Digest),
})
export type Admission = z.infer<typeof Admission>

/** What a runner counted of one key since its last report. */
export const KeyUse = z.object({
  key: z.string(),
  deployment: DeploymentName,
  version: VersionNumber,
  requests: z.number().int().min(0),
  failed: z.number().int().min(0),
})
export type KeyUse = z.infer<typeof KeyUse>
