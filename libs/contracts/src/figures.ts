import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { DeploymentName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'

/** A mergeable histogram, sparse and additive: sum, maximum, and pairs of skipped buckets and a count. */
export const EncodedHistogram = z.object({
  sum: z.number().int().min(0),
  max: z.number().int().min(0),
  buckets: z.array(z.number().int().min(0)).max(4096),
})

/** What one version of a deployment did in a span of time, mergeable over runners and time. */
export const Figure = z.object({
  requests: z.number().int(),
  /** By inference failure kind. */
  errors: z.record(z.string(), z.number().int()),
  rows: z.number().int(),
  /** Runs of the model: rows / executions is the mean batch. */
  executions: z.number(),
  shadowed: z.number().int(),
  /** Of answered requests, in microseconds. */
  latency: EncodedHistogram,
  /** Longest queue seen. */
  queue: z.number().int(),
})
export type Figure = z.infer<typeof Figure>

export const FigureSample = z.object({ deployment: DeploymentName, version: VersionNumber, figure: Figure })
export type FigureSample = z.infer<typeof FigureSample>

export const FigurePoint = z.object({
  at: z.number().int(),
  version: VersionNumber,
  requests: z.number(),
  errors: z.record(z.string(), z.number()),
  rows: z.number(),
  executions: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  meanBatch: z.number().nullable(),
  queue: z.number(),
})
export type FigurePoint = z.infer<typeof FigurePoint>

export const deploymentFigures = endpoint({
  act: 'deployment.figures',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments/:deployment/figures',
  says: 'Reads live figures: 1 s steps for 15 minutes, 10 s for a day, 300 s for 90 days. Latencies in microseconds, `at` in epoch seconds.',
  params: InProject.extend({ deployment: DeploymentName }),
  query: z.object({
    step: z.coerce
      .number()
      .pipe(z.union([z.literal(1), z.literal(10), z.literal(300)]))
      .default(1),
    from: z.coerce.number().int().optional(),
    to: z.coerce.number().int().optional(),
  }),
  returns: z.object({ step: z.number(), points: z.array(FigurePoint) }),
  fails: ['project_not_found', 'deployment_not_found', 'invalid_request'],
})

/** A deployment at a glance. Rates are per second, latencies in microseconds. */
export const DeploymentFigures = z.object({
  deployment: DeploymentName,
  /** Over the last ten seconds. */
  rate: z.number(),
  /** Over the last minute; null without a request in it. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  /** Over the whole span. */
  requests: z.number(),
  errors: z.record(z.string(), z.number()),
  /** Requests per second in each part of the span, oldest first; the last part is still filling. */
  trend: z.array(z.number()),
})
export type DeploymentFigures = z.infer<typeof DeploymentFigures>

export const projectFigures = endpoint({
  act: 'deployment.figures',
  method: 'GET',
  path: '/api/v1/projects/:project/figures',
  says: 'Reads deployments at a glance over a span of seconds. `names` asks for some, with commas between.',
  params: InProject,
  query: z.object({
    names: z.string().max(10_000).optional(),
    span: z.coerce
      .number()
      .int()
      .min(60)
      .max(90 * 86_400)
      .default(900),
    parts: z.coerce.number().int().min(1).max(240).default(60),
  }),
  returns: z.object({
    /** Epoch seconds. */
    from: z.number().int(),
    to: z.number().int(),
    /** Of all deployments of the project, asked for or not. */
    rate: z.number(),
    deployments: z.array(DeploymentFigures),
  }),
  fails: ['project_not_found', 'invalid_request'],
})
