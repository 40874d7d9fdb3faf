import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ExperimentId, Lifecycle } from './experiments.ts'
import { ModelName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'
import { Page, TagKey } from './registry.ts'
import { MetricValue, RunId } from './runs.ts'

/** `m-` and 32 hexadecimal digits. */
export const LoggedModelId = z
  .string()
  .regex(/^m-[\w-]{1,250}$/, { error: 'logged model id: "m-" and letters, digits, "_" or "-"' })
  .brand<'LoggedModelId'>()
export type LoggedModelId = z.infer<typeof LoggedModelId>

/** PENDING until its files are all there. */
export const LoggedModelStatus = z.enum(['PENDING', 'READY', 'UPLOAD_FAILED'])
export type LoggedModelStatus = z.infer<typeof LoggedModelStatus>

/** A value that was measured with the model, on a dataset where one is named. */
export const LoggedModelMetric = z.object({
  key: z.string(),
  value: MetricValue,
  step: z.number().int(),
  timestamp: z.number().int(),
  run: RunId,
  dataset: z.object({ name: z.string(), digest: z.string() }).nullable(),
})
export type LoggedModelMetric = z.infer<typeof LoggedModelMetric>

/** A model as a run made it: its files lie with the experiment until it is registered. */
export const LoggedModel = z.object({
  id: LoggedModelId,
  experiment: ExperimentId,
  /** The run that made it. */
  run: RunId.nullable(),
  name: z.string(),
  type: z.string(),
  status: LoggedModelStatus,
  statusMessage: z.string(),
  /** Where its files are: `mlflow-artifacts:/1/models/m-…/artifacts`. */
  artifactUri: z.string(),
  lifecycle: Lifecycle,
  /** Milliseconds since 1970. */
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  params: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  /** Of each metric, run and dataset the last. */
  metrics: z.array(LoggedModelMetric),
  /** What was registered of it. */
  versions: z.array(z.object({ model: ModelName, version: VersionNumber })),
})
export type LoggedModel = z.infer<typeof LoggedModel>

const OneLoggedModel = InProject.extend({ model: LoggedModelId })

export const listLoggedModels = endpoint({
  act: 'logged-model.search',
  method: 'GET',
  path: '/api/v1/projects/:project/logged-models',
  says: 'Lists logged models of an experiment or of a run, the newest first. `filter` is the expression of MLflow’s `search_logged_models`.',
  params: InProject,
  query: Page.extend({
    experiment: ExperimentId.optional(),
    run: RunId.optional(),
    filter: z.string().max(20_000).optional(),
  }),
  returns: z.object({ loggedModels: z.array(LoggedModel), next: z.string().nullable() }),
  fails: ['project_not_found', 'invalid_request'],
})

export const getLoggedModel = endpoint({
  act: 'logged-model.get',
  method: 'GET',
  path: '/api/v1/projects/:project/logged-models/:model',
  says: 'Reads a logged model.',
  params: OneLoggedModel,
  returns: LoggedModel,
  fails: ['project_not_found', 'logged_model_not_found'],
})

export const changeLoggedModel = endpoint({
  act: 'logged-model.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/logged-models/:model',
  says: 'Sets tags of a logged model, or removes those given as null.',
  params: OneLoggedModel,
  body: z.object({ tags: z.record(TagKey, z.string().max(8000).nullable()) }),
  returns: LoggedModel,
  fails: ['project_not_found', 'logged_model_not_found', 'invalid_request'],
})

export const deleteLoggedModel = endpoint({
  act: 'logged-model.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/logged-models/:model',
  status: 204,
  says: 'Deletes a logged model. What was registered of it stays.',
  params: OneLoggedModel,
  fails: ['project_not_found', 'logged_model_not_found'],
})

const Text = z.string().max(6000)
const Whole = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

export const importLoggedModel = endpoint({
  act: 'logged-model.create',
  method: 'PUT',
  path: '/api/v1/projects/:project/logged-models/:model/import',
  says: 'Takes over a logged model of another server under its own id, with its times, params, tags and metrics; its files come by themselves. Done twice it is the same. Metrics of runs that are not here are left out.',
  params: OneLoggedModel,
  body: z.object({
    experiment: ExperimentId,
    run: RunId.nullable().default(null),
    name: z.string().min(1).max(256),
    type: z.string().max(500).default(''),
    status: LoggedModelStatus,
    statusMessage: Text.default(''),
    createdAt: Whole.min(0),
    updatedAt: Whole.min(0),
    params: z.record(z.string().min(1).max(250), Text).default({}),
    tags: z.record(z.string().min(1).max(250), z.string().max(100_000)).default({}),
    metrics: z
      .array(LoggedModelMetric.extend({ key: z.string().min(1).max(250), step: Whole, timestamp: Whole.min(0) }))
      .max(10_000)
      .default([]),
  }),
  returns: LoggedModel,
  fails: ['project_not_found', 'experiment_not_found', 'name_taken', 'invalid_request'],
})
