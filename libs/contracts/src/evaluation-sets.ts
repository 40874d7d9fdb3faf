import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ExperimentId } from './experiments.ts'
import { InProject } from './projects.ts'
import { Page, TagKey } from './registry.ts'

/** Evaluation sets: what an evaluation reads. Records of inputs, with what is expected of them. MLflow calls one a dataset. */

export const EvaluationSetId = z
  .string()
  .regex(/^d-[\w-]{1,250}$/, { error: 'evaluation set id: "d-" and letters, digits, "_" or "-"' })
  .brand<'EvaluationSetId'>()
export type EvaluationSetId = z.infer<typeof EvaluationSetId>

const Fields = z.record(z.string(), z.json())
const Kinds = z.record(z.string(), z.string())

/** The kinds of the fields that records have had. Outputs may be one value that is no object. */
const RecordSchema = z.object({
  inputs: Kinds,
  outputs: z.union([Kinds, z.string()]),
  expectations: Kinds,
})

const Made = {
  /** Milliseconds since 1970. */
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
}

export const EvaluationSet = z.object({
  id: EvaluationSetId,
  name: z.string(),
  /** Another with every change of its records or tags. */
  digest: z.string(),
  tags: Fields,
  schema: RecordSchema.nullable(),
  records: z.number().int(),
  /** The experiments that it belongs to. */
  experiments: z.array(ExperimentId),
  ...Made,
})
export type EvaluationSet = z.infer<typeof EvaluationSet>

const RecordSource = z.object({ type: z.string().min(1).max(100), data: Fields.default({}) })

/** Inputs are there once in a set: a record with the same inputs is merged into the one there. */
export const EvaluationRecord = z.object({
  id: z.string(),
  inputs: Fields,
  outputs: z.json().nullable(),
  expectations: Fields,
  tags: Fields,
  source: RecordSource.nullable(),
  ...Made,
})
export type EvaluationRecord = z.infer<typeof EvaluationRecord>

const OneSet = InProject.extend({ set: EvaluationSetId })

export const listEvaluationSets = endpoint({
  act: 'evaluation-set.search',
  method: 'GET',
  path: '/api/v1/projects/:project/evaluation-sets',
  says: 'Lists evaluation sets, of one experiment or of all, the newest first. `filter` is the expression of MLflow’s `search_datasets`.',
  params: InProject,
  query: Page.extend({ experiment: ExperimentId.optional(), filter: z.string().max(20_000).optional() }),
  returns: z.object({ evaluationSets: z.array(EvaluationSet), next: z.string().nullable() }),
  fails: ['project_not_found', 'invalid_request'],
})

export const getEvaluationSet = endpoint({
  act: 'evaluation-set.get',
  method: 'GET',
  path: '/api/v1/projects/:project/evaluation-sets/:set',
  says: 'Reads an evaluation set, without its records.',
  params: OneSet,
  returns: EvaluationSet,
  fails: ['project_not_found', 'evaluation_set_not_found'],
})

export const createEvaluationSet = endpoint({
  act: 'evaluation-set.create',
  method: 'POST',
  path: '/api/v1/projects/:project/evaluation-sets',
  status: 201,
  says: 'Creates an empty evaluation set. Names need not be unique.',
  params: InProject,
  body: z.object({
    name: z
      .string()
      .trim()
      .min(1, { error: 'a name has at least one character' })
      .max(500)
      .refine((text) => !/\p{Cc}/u.test(text), { error: 'a name has no control characters' }),
    experiments: z.array(ExperimentId).max(200).default([]),
    tags: z.record(TagKey, z.json()).default({}),
  }),
  returns: EvaluationSet,
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})

export const changeEvaluationSet = endpoint({
  act: 'evaluation-set.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/evaluation-sets/:set',
  says: 'Sets tags of an evaluation set, or removes those given as null.',
  params: OneSet,
  body: z.object({ tags: z.record(TagKey, z.json()) }),
  returns: EvaluationSet,
  fails: ['project_not_found', 'evaluation_set_not_found', 'invalid_request'],
})

export const deleteEvaluationSet = endpoint({
  act: 'evaluation-set.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/evaluation-sets/:set',
  status: 204,
  says: 'Deletes an evaluation set for good, with its records.',
  params: OneSet,
  fails: ['project_not_found', 'evaluation_set_not_found'],
})

export const listEvaluationRecords = endpoint({
  act: 'evaluation-set.get',
  method: 'GET',
  path: '/api/v1/projects/:project/evaluation-sets/:set/records',
  says: 'Lists the records of an evaluation set, in the order in which they came.',
  params: OneSet,
  query: Page,
  returns: z.object({ records: z.array(EvaluationRecord), next: z.string().nullable() }),
  fails: ['project_not_found', 'evaluation_set_not_found', 'invalid_request'],
})

export const putEvaluationRecords = endpoint({
  act: 'evaluation-set.change',
  method: 'POST',
  path: '/api/v1/projects/:project/evaluation-sets/:set/records',
  says: 'Adds records. One with inputs that are there already is merged into that one.',
  params: OneSet,
  body: z.object({
    records: z
      .array(
        z.object({
          inputs: Fields,
          outputs: z.json().optional(),
          expectations: Fields.optional(),
          tags: Fields.optional(),
          source: RecordSource.optional(),
        }),
      )
      .min(1)
      .max(10_000),
  }),
  returns: z.object({ inserted: z.number().int(), updated: z.number().int() }),
  fails: ['project_not_found', 'evaluation_set_not_found', 'invalid_request'],
})
