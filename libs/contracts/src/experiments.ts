import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant } from './names.ts'
import { InProject } from './projects.ts'
import { Page } from './registry.ts'

/** Counted per project; 0 is the experiment `Default`, which every project has. */
export const ExperimentId = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).brand<'ExperimentId'>()
export type ExperimentId = z.infer<typeof ExperimentId>

export const ExperimentName = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => text.trim() !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text), {
    error: 'experiment name: 1 to 500 characters, not all blank, without control characters',
  })

/** Deleted things are kept, and can be restored, until they are purged. */
export const Lifecycle = z.enum(['active', 'deleted'])
export type Lifecycle = z.infer<typeof Lifecycle>
export const LifecycleView = z.enum(['active', 'deleted', 'all'])
export type LifecycleView = z.infer<typeof LifecycleView>

/** Values of up to 8 000 characters by keys of up to 250. */
export const Tags = z.record(z.string().min(1).max(250), z.string().max(8000))

export const Experiment = z.object({
  id: ExperimentId,
  name: z.string(),
  /** Where its runs keep their files: `mlflow-artifacts:/1`. */
  artifactLocation: z.string(),
  lifecycle: Lifecycle,
  tags: z.record(z.string(), z.string()),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Experiment = z.infer<typeof Experiment>

/** What a list tells of an experiment besides. */
export const ExperimentSummary = Experiment.extend({
  /** Active ones. */
  runs: z.number().int(),
  /** Of those that have not ended. */
  running: z.number().int(),
  /** When a run was last started; null where there is none. */
  lastRunAt: Instant.nullable(),
})
export type ExperimentSummary = z.infer<typeof ExperimentSummary>

export const OneExperiment = InProject.extend({ experiment: ExperimentId })

export const listExperiments = endpoint({
  act: 'experiment.list',
  method: 'GET',
  path: '/api/v1/projects/:project/experiments',
  says: 'Lists experiments, those with the latest runs first. `search` finds a part of the name; `filter` is an expression over name, times and tags.',
  params: InProject,
  query: Page.extend({
    search: z.string().max(500).optional(),
    filter: z.string().max(20_000).optional(),
    lifecycle: LifecycleView.default('active'),
  }),
  returns: z.object({ experiments: z.array(ExperimentSummary), next: z.string().nullable(), total: z.number().int() }),
  fails: ['project_not_found', 'invalid_request'],
})

export const getExperiment = endpoint({
  act: 'experiment.get',
  method: 'GET',
  path: '/api/v1/projects/:project/experiments/:experiment',
  says: 'Reads an experiment.',
  params: OneExperiment,
  returns: ExperimentSummary,
  fails: ['project_not_found', 'experiment_not_found'],
})

export const createExperiment = endpoint({
  act: 'experiment.create',
  method: 'POST',
  path: '/api/v1/projects/:project/experiments',
  status: 201,
  says: 'Creates an experiment.',
  params: InProject,
  body: z.object({ name: ExperimentName, artifactLocation: z.string().max(2048).optional(), tags: Tags.default({}) }),
  returns: ExperimentSummary,
  fails: ['project_not_found', 'name_taken', 'invalid_request'],
})

export const changeExperiment = endpoint({
  act: 'experiment.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/experiments/:experiment',
  says: 'Renames an experiment, sets tags, or removes those given as null. The tag `mlflow.note.content` is its description.',
  params: OneExperiment,
  body: z.object({
    name: ExperimentName.optional(),
    tags: z.record(z.string().min(1).max(250), z.string().max(8000).nullable()).default({}),
  }),
  returns: ExperimentSummary,
  fails: ['project_not_found', 'experiment_not_found', 'name_taken', 'invalid_request'],
})

export const deleteExperiment = endpoint({
  act: 'experiment.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/experiments/:experiment',
  status: 204,
  says: 'Deletes an experiment and its runs, which can be restored. With `purge` they are gone for good with all they hold, and the name is free.',
  params: OneExperiment,
  query: z.object({ purge: z.enum(['true', 'false']).default('false') }),
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})

export const restoreExperiment = endpoint({
  act: 'experiment.change',
  method: 'POST',
  path: '/api/v1/projects/:project/experiments/:experiment/restore',
  says: 'Restores a deleted experiment with its runs.',
  params: OneExperiment,
  returns: ExperimentSummary,
  fails: ['project_not_found', 'experiment_not_found'],
})

/** A kept look at the runs table: what it shows is the console's own affair. */
export const View = z.object({
  name: z.string().trim().min(1).max(100),
  document: z.record(z.string(), z.json()),
  updatedAt: Instant,
})
export type View = z.infer<typeof View>

export const listViews = endpoint({
  act: 'experiment.get',
  method: 'GET',
  path: '/api/v1/projects/:project/experiments/:experiment/views',
  says: 'Lists the kept views of an experiment’s runs.',
  params: OneExperiment,
  returns: z.object({ views: z.array(View) }),
  fails: ['project_not_found', 'experiment_not_found'],
})

const OneView = OneExperiment.extend({ view: View.shape.name })

export const putView = endpoint({
  act: 'experiment.change',
  method: 'PUT',
  path: '/api/v1/projects/:project/experiments/:experiment/views/:view',
  says: 'Keeps a view under a name, in place of one that has it. An experiment has at most 200 of them.',
  params: OneView,
  body: z.object({ document: View.shape.document }),
  returns: View,
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})

export const deleteView = endpoint({
  act: 'experiment.change',
  method: 'DELETE',
  path: '/api/v1/projects/:project/experiments/:experiment/views/:view',
  status: 204,
  says: 'Forgets a view.',
  params: OneView,
  fails: ['project_not_found', 'experiment_not_found', 'view_not_found'],
})
