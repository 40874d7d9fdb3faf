import { type Assessment, type Trace, TraceId, TraceState } from '@stead/contracts'
import { z } from 'zod'
import { invalid } from '../../mlflow/message.ts'
import { type AssessmentChange, completed, type NewAssessment } from './assessments.ts'
import { type OtlpSpan, plainAttributes, plainOf } from './otlp.ts'
import { textOf } from './span-facts.ts'
import type { StartedTrace } from './traces.ts'

/** Traces and what belongs to them, as MLflow's protocol writes them. */

export function traceId(name: string, value: string): TraceId {
  const parsed = TraceId.safeParse(value)
  if (!parsed.success) throw invalid(name, value)
  return parsed.data
}

export const instantOf = (millis: number): string => new Date(millis).toISOString()
const durationOf = (millis: number): string => `${(millis / 1000).toFixed(3)}s`

/** Moments that a Date can hold, and the database. */
const Instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const Duration = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,9})?s$/)
  .transform((text) => Math.round(Number(text.slice(0, -1)) * 1000))
const Entries = z.record(z.string(), z.string()).default({})

const GivenError = z.object({
  error_code: z.string().max(250).optional(),
  error_message: z.string().max(65_536).optional(),
  stack_trace: z.string().max(65_536).optional(),
})
const GivenFeedback = z.object({ value: z.json().optional(), error: GivenError.optional() })
const GivenExpectation = z.object({
  value: z.json().optional(),
  serialized_value: z.object({ serialization_format: z.string().optional(), value: z.string() }).optional(),
})
const GivenAssessment = z.object({
  assessment_name: z.string().min(1).max(250),
  span_id: z.string().max(64).optional(),
  source: z
    .object({
      source_type: z.enum(['SOURCE_TYPE_UNSPECIFIED', 'HUMAN', 'LLM_JUDGE', 'CODE']).default('SOURCE_TYPE_UNSPECIFIED'),
      source_id: z.string().max(1000).default(''),
    })
    .default({ source_type: 'SOURCE_TYPE_UNSPECIFIED', source_id: '' }),
  create_time: Instant.optional(),
  last_update_time: Instant.optional(),
  feedback: GivenFeedback.optional(),
  expectation: GivenExpectation.optional(),
  issue: z.object({ issue_name: z.string().max(1000).optional() }).optional(),
  rationale: z.string().max(1_000_000).optional(),
  metadata: Entries,
  overrides: z.string().max(250).optional(),
})
type GivenAssessment = z.infer<typeof GivenAssessment>

type JudgedValue = Pick<Assessment, 'kind' | 'value' | 'error'>

function valueIn({
  feedback,
  expectation,
  issue,
}: Pick<GivenAssessment, 'feedback' | 'expectation' | 'issue'>): JudgedValue | undefined {
  if (feedback) return { kind: 'feedback', value: feedback.value ?? null, error: errorIn(feedback.error) }
  if (expectation) return { kind: 'expectation', value: expected(expectation), error: null }
  if (issue) return { kind: 'issue', value: issue.issue_name ?? null, error: null }
  return undefined
}

function errorIn(error: z.infer<typeof GivenError> | undefined): Assessment['error'] {
  if (error === undefined) return null
  return { code: error.error_code, message: error.error_message, stackTrace: error.stack_trace }
}

/** What is no plain value comes as a text of JSON. */
function expected({ value, serialized_value }: z.infer<typeof GivenExpectation>): Assessment['value'] {
  if (serialized_value === undefined) return value ?? null
  try {
    return z.json().parse(JSON.parse(serialized_value.value))
  } catch {
    throw invalid('assessment.expectation.serialized_value', serialized_value.value)
  }
}

export function assessmentIn(given: unknown, name = 'assessment'): NewAssessment {
  const read = readAs(GivenAssessment, given, name)
  const value = valueIn(read)
  if (value === undefined) throw invalid(name, given)
  return {
    ...value,
    name: read.assessment_name,
    source: { type: read.source.source_type, id: read.source.source_id },
    span: read.span_id ?? null,
    rationale: read.rationale ?? null,
    metadata: read.metadata,
    overrides: read.overrides || null,
    ...(read.create_time === undefined ? {} : { createdAt: read.create_time }),
    ...(read.last_update_time === undefined ? {} : { updatedAt: read.last_update_time }),
  }
}

/** The fields that a mask names; `assessment.rationale` and `rationale` are the same. */
export function assessmentChangeIn(given: unknown, mask: readonly string[]): AssessmentChange {
  const read = readAs(GivenAssessment.partial(), given, 'assessment')
  const named = new Set(mask.map((path) => path.replace(/^assessment\./, '').split('.', 1)[0]))
  const value = valueIn({
    feedback: named.has('feedback') ? (read.feedback ?? {}) : undefined,
    expectation: named.has('expectation') ? (read.expectation ?? {}) : undefined,
    issue: named.has('issue') ? (read.issue ?? {}) : undefined,
  })
  return {
    value,
    name: named.has('assessment_name') || named.has('name') ? read.assessment_name : undefined,
    rationale: named.has('rationale') ? (read.rationale ?? null) : undefined,
    metadata: named.has('metadata') ? read.metadata : undefined,
  }
}

export function assessmentOut(trace: string, { source, error, ...assessment }: Assessment): object {
  return {
    assessment_id: assessment.id,
    assessment_name: assessment.name,
    trace_id: trace,
    ...(assessment.span === null ? {} : { span_id: assessment.span }),
    source: { source_type: source.type, source_id: source.id },
    create_time: instantOf(assessment.createdAt),
    last_update_time: instantOf(assessment.updatedAt),
    ...judgedOut(assessment, error),
    ...(assessment.rationale === null ? {} : { rationale: assessment.rationale }),
    ...(Object.keys(assessment.metadata).length === 0 ? {} : { metadata: assessment.metadata }),
    ...(assessment.overrides === null ? {} : { overrides: assessment.overrides }),
    valid: assessment.valid,
  }
}

function judgedOut({ kind, value }: Pick<Assessment, 'kind' | 'value'>, error: Assessment['error']): object {
  if (kind === 'issue') return { issue: value === null ? {} : { issue_name: textOf(value) } }
  if (kind === 'feedback') {
    const told = error && { error_code: error.code, error_message: error.message, stack_trace: error.stackTrace }
    return { feedback: { value, ...(told ? { error: told } : {}) } }
  }
  if (typeof value !== 'object' || value === null) return { expectation: { value } }
  return { expectation: { serialized_value: { serialization_format: 'JSON_FORMAT', value: JSON.stringify(value) } } }
}

const GivenInfo = z.object({
  trace_id: z.string().min(1),
  client_request_id: z.string().max(250).optional(),
  trace_location: z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }) }),
  request: z.string().optional(),
  response: z.string().optional(),
  request_preview: z.string().max(10_000).optional(),
  response_preview: z.string().max(10_000).optional(),
  request_time: Instant,
  execution_duration: Duration.optional(),
  state: TraceState.default('STATE_UNSPECIFIED'),
  trace_metadata: Entries,
  tags: Entries,
  assessments: z.array(z.unknown()).max(1000).default([]),
})

export function traceIn(given: unknown, now: number): { experiment: number; trace: StartedTrace } {
  const { trace_info } = readAs(z.object({ trace_info: GivenInfo }), given, 'trace')
  return {
    experiment: experimentNumber(trace_info.trace_location.mlflow_experiment.experiment_id),
    trace: {
      id: traceId('trace_id', trace_info.trace_id),
      clientRequestId: trace_info.client_request_id ?? null,
      startedAt: trace_info.request_time,
      duration: trace_info.execution_duration ?? null,
      state: trace_info.state,
      requestPreview: trace_info.request_preview ?? null,
      responsePreview: trace_info.response_preview ?? null,
      tags: trace_info.tags,
      metadata: trace_info.trace_metadata,
      assessments: trace_info.assessments.map((one) =>
        completed(assessmentIn(one, 'trace.trace_info.assessments'), now),
      ),
    },
  }
}

export function traceInfoOut(trace: Trace): object {
  return {
    trace_id: trace.id,
    ...(trace.clientRequestId === null ? {} : { client_request_id: trace.clientRequestId }),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: String(trace.experiment) } },
    ...(trace.requestPreview === null ? {} : { request_preview: trace.requestPreview }),
    ...(trace.responsePreview === null ? {} : { response_preview: trace.responsePreview }),
    request_time: instantOf(trace.startedAt),
    ...(trace.duration === null ? {} : { execution_duration: durationOf(trace.duration) }),
    state: trace.state,
    trace_metadata: trace.metadata,
    tags: trace.tags,
    ...(trace.assessments.length === 0
      ? {}
      : { assessments: trace.assessments.map((one) => assessmentOut(trace.id, one)) }),
  }
}

/** As the clients of 2.x know a trace. */
export function oldTraceInfoOut(trace: Trace): object {
  const pairs = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, value]) => ({ key, value }))
  return {
    request_id: trace.id,
    experiment_id: String(trace.experiment),
    timestamp_ms: trace.startedAt,
    ...(trace.duration === null ? {} : { execution_time_ms: trace.duration }),
    status: trace.state === 'STATE_UNSPECIFIED' ? 'TRACE_STATUS_UNSPECIFIED' : trace.state,
    request_metadata: pairs(trace.metadata),
    tags: pairs(trace.tags),
  }
}

/** A span as the JSON form of its protobuf message, ids in base64. */
export function spanOut({ traceId: trace, spanId, parentSpanId, ...span }: OtlpSpan): object {
  return {
    trace_id: base64Of(trace),
    span_id: base64Of(spanId),
    ...(parentSpanId === undefined ? {} : { parent_span_id: base64Of(parentSpanId) }),
    ...(snakeCased({ ...span, links: undefined }) as object),
    ...(span.links.length === 0 ? {} : { links: span.links.map(linkOut) }),
  }
}

const linkOut = ({ traceId: trace, spanId, ...link }: OtlpSpan['links'][number]) => ({
  trace_id: base64Of(trace),
  span_id: base64Of(spanId),
  ...(snakeCased(link) as object),
})

const base64Of = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

/** All keys are names of fields: those of attributes are values in this form. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCased(part),
    ]),
  )
}

const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']

/** A span as the file `traces.json` has it: attributes by key, each a text of JSON. */
export function spanInFile(span: OtlpSpan): object {
  return {
    trace_id: base64Of(span.traceId),
    span_id: base64Of(span.spanId),
    parent_span_id: span.parentSpanId === undefined ? '' : base64Of(span.parentSpanId),
    name: span.name,
    start_time_unix_nano: span.startTimeUnixNano,
    end_time_unix_nano: span.endTimeUnixNano,
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      time_unix_nano: timeUnixNano,
      attributes: plainAttributes(attributes),
    })),
    status: { code: STATUS_NAMES[span.status.code ?? 0] ?? STATUS_NAMES[0], message: span.status.message ?? '' },
    attributes: {
      'mlflow.traceRequestId': JSON.stringify(`tr-${span.traceId}`),
      ...Object.fromEntries(span.attributes.map(({ key, value }) => [key, JSON.stringify(plainOf(value))])),
    },
  }
}

export function experimentNumber(text: string): number {
  const number = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(number)) return number
  throw invalid('experiment_id', text)
}

export function readAs<T>(schema: z.ZodType<T>, given: unknown, name: string): T {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const path = read.error.issues[0]?.path ?? []
  throw invalid([name, ...path].join('.'), path.reduce<unknown>(partOf, given))
}

const partOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined

const DEFAULT_PAGE = 100
const MOST = 500

export function limitIn(given: number | undefined): number {
  if (given === undefined) return DEFAULT_PAGE
  if (given < 1 || given > MOST) throw invalid('max_results', given)
  return given
}
