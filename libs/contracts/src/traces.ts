import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ExperimentId } from './experiments.ts'
import { InProject } from './projects.ts'
import { TagKey } from './registry.ts'
import { RunId } from './runs.ts'

/** Traces: what happened in one call of an application, span by span, and what was judged of it. */

export const TraceId = z
  .string()
  .regex(/^[a-zA-Z0-9][\w-]{0,127}$/, { error: 'trace id: letters, digits, "_" and "-", at most 128' })
  .brand<'TraceId'>()
export type TraceId = z.infer<typeof TraceId>

export const TraceState = z.enum(['STATE_UNSPECIFIED', 'IN_PROGRESS', 'OK', 'ERROR'])
export type TraceState = z.infer<typeof TraceState>

export const AssessmentKind = z.enum(['feedback', 'expectation', 'issue'])
export type AssessmentKind = z.infer<typeof AssessmentKind>

const Millis = z.number().int()

/** What somebody or something says of a trace or of one of its spans. */
export const Assessment = z.object({
  id: z.string(),
  kind: AssessmentKind,
  name: z.string(),
  value: z.json(),
  /** Why there is no value. */
  error: z
    .object({ code: z.string().optional(), message: z.string().optional(), stackTrace: z.string().optional() })
    .nullable(),
  source: z.object({ type: z.enum(['SOURCE_TYPE_UNSPECIFIED', 'HUMAN', 'LLM_JUDGE', 'CODE']), id: z.string() }),
  span: z.string().nullable(),
  rationale: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  /** False for one that another has replaced. */
  valid: z.boolean(),
  overrides: z.string().nullable(),
  createdAt: Millis,
  updatedAt: Millis,
})
export type Assessment = z.infer<typeof Assessment>

export const Trace = z.object({
  id: TraceId,
  experiment: ExperimentId,
  clientRequestId: z.string().nullable(),
  /** Milliseconds since 1970. */
  startedAt: Millis,
  /** Milliseconds; null while it is under way. */
  duration: Millis.nullable(),
  state: TraceState,
  requestPreview: z.string().nullable(),
  responsePreview: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.string()),
  assessments: z.array(Assessment),
})
export type Trace = z.infer<typeof Trace>

/** One step of a trace, with its attributes as plain JSON. */
export const Span = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  name: z.string(),
  /** `LLM`, `TOOL`, `RETRIEVER`, …; empty where nobody said. */
  type: z.string(),
  status: z.enum(['UNSET', 'OK', 'ERROR']),
  /** Why it failed. */
  message: z.string().nullable(),
  /** Nanoseconds since 1970, as text: more than a number holds. */
  startedNs: z.string(),
  endedNs: z.string().nullable(),
  attributes: z.record(z.string(), z.json()),
  events: z.array(z.object({ name: z.string(), atNs: z.string(), attributes: z.record(z.string(), z.json()) })),
})
export type Span = z.infer<typeof Span>

const OneTrace = InProject.extend({ trace: TraceId })

export const searchTraces = endpoint({
  act: 'trace.search',
  method: 'GET',
  path: '/api/v1/projects/:project/traces',
  says: 'Finds traces of an experiment, the latest first. `filter` is an expression as in MLflow, with OR, NOT and parentheses.',
  params: InProject,
  query: z.object({
    experiment: ExperimentId,
    filter: z.string().max(20_000).optional(),
    order: z.string().max(500).optional(),
    after: z.string().max(10_000).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  returns: z.object({ traces: z.array(Trace), next: z.string().nullable() }),
  fails: ['project_not_found', 'invalid_request'],
})

export const getTrace = endpoint({
  act: 'trace.get',
  method: 'GET',
  path: '/api/v1/projects/:project/traces/:trace',
  says: 'Reads a trace with its spans, those that began first before the others, and the runs that it belongs to.',
  params: OneTrace,
  returns: Trace.extend({ spans: z.array(Span), runs: z.array(RunId) }),
  fails: ['project_not_found', 'trace_not_found'],
})

export const changeTrace = endpoint({
  act: 'trace.log',
  method: 'PATCH',
  path: '/api/v1/projects/:project/traces/:trace',
  says: 'Sets tags of a trace, or removes those given as null.',
  params: OneTrace,
  body: z.object({ tags: z.record(TagKey, z.string().max(8000).nullable()) }),
  returns: Trace,
  fails: ['project_not_found', 'trace_not_found', 'invalid_request'],
})

/** What a person judges: an issue is made by those who look for them. */
export const NewAssessment = z.object({
  kind: AssessmentKind.extract(['feedback', 'expectation']),
  name: z
    .string()
    .trim()
    .min(1, { error: 'a name has at least one character' })
    .max(250)
    .refine((text) => !/\p{Cc}/u.test(text), { error: 'a name has no control characters' }),
  value: z.json(),
  /** The span that it is about; the whole trace otherwise. */
  span: z.string().max(64).optional(),
  rationale: z.string().max(65_536).optional(),
})
export type NewAssessment = z.infer<typeof NewAssessment>

export const addAssessment = endpoint({
  act: 'trace.log',
  method: 'POST',
  path: '/api/v1/projects/:project/traces/:trace/assessments',
  status: 201,
  says: 'Says something of a trace or of one of its spans, in the name of whoever asks.',
  params: OneTrace,
  body: NewAssessment,
  returns: Assessment,
  fails: ['project_not_found', 'trace_not_found', 'invalid_request'],
})

export const deleteAssessment = endpoint({
  act: 'trace.log',
  method: 'DELETE',
  path: '/api/v1/projects/:project/traces/:trace/assessments/:assessment',
  status: 204,
  says: 'Takes an assessment back. One that it had replaced is valid again; one that is gone already is no failure.',
  params: OneTrace.extend({ assessment: z.string().min(1).max(250) }),
  fails: ['project_not_found', 'trace_not_found'],
})

export const deleteTrace = endpoint({
  act: 'trace.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/traces/:trace',
  says: 'Deletes a trace for good, with its spans and assessments.',
  status: 204,
  params: OneTrace,
  fails: ['project_not_found', 'trace_not_found'],
})

export const deleteTraces = endpoint({
  act: 'trace.delete',
  method: 'POST',
  path: '/api/v1/projects/:project/traces/delete',
  says: 'Deletes traces of an experiment for good. Those that are not there are passed over.',
  params: InProject,
  body: z.object({ experiment: ExperimentId, traces: z.array(TraceId).min(1).max(1000) }),
  returns: z.object({ traces: z.number().int() }),
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})
