import type { Assessment, Span, Trace, TraceId } from '@stead/contracts'
import type { Filter, Order } from '../filters/filter.ts'
import type { Place } from '../filters/page-token.ts'
import type { OtlpSpan } from './otlp.ts'

/** A trace as its maker tells it. What is null stays as it is known already. */
export type GivenTrace = Pick<
  Trace,
  | 'id'
  | 'clientRequestId'
  | 'startedAt'
  | 'duration'
  | 'state'
  | 'requestPreview'
  | 'responsePreview'
  | 'tags'
  | 'metadata'
  | 'assessments'
>

export interface KeptSpan extends Pick<Span, 'id' | 'parent' | 'name' | 'type' | 'status' | 'startedNs'> {
  /** By their keys, as texts that are not too long, to search by. */
  readonly attributes: Readonly<Record<string, string>>
  /** By kind, where it used some. */
  readonly tokens: Readonly<Record<string, number>> | null
  readonly document: OtlpSpan
}

/** Spans of one trace that came together, and what they tell of it. Each span is there once. */
export interface SpansOfTrace extends Pick<
  GivenTrace,
  'id' | 'startedAt' | 'duration' | 'state' | 'requestPreview' | 'responsePreview'
> {
  /** Those that are there already keep their values. */
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  readonly spans: readonly KeptSpan[]
  /** The run that they were made in. */
  readonly run: string | undefined
}

export interface TracePage {
  readonly experiments: readonly number[]
  readonly filter: Filter | undefined
  readonly order: readonly Order[]
  readonly after: Place | undefined
  readonly limit: number
}

/** Which traces of an experiment: by their ids, or the oldest of those that began until a moment. */
export type TracesMeant = { readonly ids: readonly TraceId[] } | { readonly until: number; readonly most: number }

/** Traces by project. Every method is one transaction; two that write one trace follow one another, and their order does
 *  not matter to what the spans add up to. `gone` tells that there is no such trace. */
export interface TraceStore {
  put(projectId: string, experiment: number, trace: GivenTrace): Promise<void>
  /** A trace that is not there begins with them, in that experiment. */
  addSpans(projectId: string, experiment: number, spans: SpansOfTrace): Promise<void>
  /** Merges what it ends with; the duration reaches from its start to `endedAt`. */
  end(
    projectId: string,
    id: TraceId,
    ended: Pick<GivenTrace, 'state' | 'tags' | 'metadata'> & { readonly endedAt: number },
  ): Promise<'done' | 'gone'>
  /** In the order of the ids; those that are not there are left out. */
  find(projectId: string, ids: readonly TraceId[]): Promise<Trace[]>
  /** The spans of one trace: roots first, then as they began. */
  spans(projectId: string, id: TraceId): Promise<OtlpSpan[]>
  /** Fails with `invalid_request` for a pattern that is none. */
  page(projectId: string, page: TracePage): Promise<{ traces: Trace[]; next: Place | undefined }>
  /** Those that are there, the oldest first, at most `limit` of them. */
  meant(projectId: string, experiment: number, meant: TracesMeant, limit: number): Promise<TraceId[]>
  /** The number of those that were there. */
  remove(projectId: string, ids: readonly TraceId[]): Promise<number>
  setTag(projectId: string, id: TraceId, key: string, value: string): Promise<'done' | 'gone'>
  removeTag(projectId: string, id: TraceId, key: string): Promise<'done' | 'gone' | 'no tag'>
  /** Those given as null are removed, if they are there. */
  changeTags(projectId: string, id: TraceId, tags: Readonly<Record<string, string | null>>): Promise<'done' | 'gone'>
  /** The ids of the runs that it was linked to. */
  runsOf(projectId: string, id: TraceId): Promise<string[]>
  /** Those that are not there are passed over. */
  linkToRun(projectId: string, ids: readonly TraceId[], run: string): Promise<'done' | 'no run'>
  linkPrompts(projectId: string, id: TraceId, prompts: readonly string[]): Promise<'done' | 'gone'>
}

export interface AssessmentStore {
  /** One that it overrides becomes invalid. */
  add(projectId: string, trace: TraceId, assessment: Assessment): Promise<'done' | 'gone' | 'nothing to override'>
  find(projectId: string, trace: TraceId, id: string): Promise<Assessment | undefined>
  /** `next` is given what is there; what it throws, the change fails with. */
  change(
    projectId: string,
    trace: TraceId,
    id: string,
    next: (before: Assessment) => Assessment,
  ): Promise<Assessment | undefined>
  /** One that it had overridden is valid again. */
  remove(projectId: string, trace: TraceId, id: string): Promise<'done' | 'gone'>
}
