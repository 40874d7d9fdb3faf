import type { ColumnType, Generated } from 'kysely'
import type { Document } from './columns.ts'

/** Traces, and what evaluations read. */
export interface TraceTables {
  traces: Traces
  trace_tags: TraceTags
  trace_metadata: TraceTags
  trace_links: TraceLinks
  spans: Spans
  assessments: Assessments
  evaluation_sets: EvaluationSets
  evaluation_set_experiments: EvaluationSetExperiments
  evaluation_records: EvaluationRecords
}

interface Traces {
  id: Generated<number>
  project_id: string
  experiment_id: number
  /** How clients know it; unique in the project. */
  trace_id: string
  client_request_id: string | null
  /** Milliseconds since 1970. */
  started_at: number
  /** Milliseconds; null while it is under way. */
  duration: number | null
  state: Generated<'STATE_UNSPECIFIED' | 'IN_PROGRESS' | 'OK' | 'ERROR'>
  request_preview: string | null
  response_preview: string | null
}

interface TraceTags {
  trace: number
  key: string
  value: string
}

/** The runs that a trace was linked to, by their run ids, and prompts as `name/version`. */
interface TraceLinks {
  trace: number
  kind: 'run' | 'prompt'
  target: string
}

interface Spans {
  trace: number
  span_id: string
  parent_id: string | null
  name: string
  type: Generated<string>
  status: Generated<'UNSET' | 'OK' | 'ERROR'>
  /** Nanoseconds since 1970: more than a number holds exactly, so it is compared and never read. */
  started_ns: string
  /** Each as its text, to search by. */
  attributes: ColumnType<unknown, object | undefined, object>
  /** Counts of tokens by kind, for spans that used some. */
  tokens: ColumnType<unknown, object | null, object | null>
  /** As OpenTelemetry writes a span in JSON. */
  document: Document
}

interface Assessments {
  trace: number
  id: string
  kind: 'feedback' | 'expectation' | 'issue'
  name: string
  /** The value as text, and as a number where it is one, to search by. */
  value: string | null
  number: number | null
  valid: Generated<boolean>
  /** The id of the one it replaces. */
  overrides: string | null
  document: Document
  created_at: number
  updated_at: number
}

/** What an evaluation reads: records of inputs with what is expected of them. */
interface EvaluationSets {
  id: string
  project_id: string
  name: string
  digest: string
  tags: ColumnType<unknown, object | undefined, object>
  schema: ColumnType<unknown, object | null, object | null>
  created_at: number
  updated_at: number
  created_by: string | null
  updated_by: string | null
}

interface EvaluationSetExperiments {
  set_id: string
  experiment_id: number
}

interface EvaluationRecords {
  set_id: string
  id: string
  /** SHA-256 of the inputs: a set has each inputs once. */
  inputs_hash: string
  document: Document
  created_at: number
  updated_at: number
}
