import type { TraceId, TraceState } from '@stead/contracts'
import { type OtlpSpan, plainAttributes } from './otlp.ts'
import type { KeptSpan, SpansOfTrace } from './traces.store.ts'

/** What spans tell: of themselves, to be searched by, and of their trace. */

const PREVIEW_LENGTH = 1000
const SEARCHED_LENGTH = 1000
const INPUTS = 'mlflow.spanInputs'
const OUTPUTS = 'mlflow.spanOutputs'
const TYPE = 'mlflow.spanType'
const USAGE = 'mlflow.chat.tokenUsage'

/** The id that MLflow gives a trace of OpenTelemetry. */
export const traceIdOf = (span: OtlpSpan): TraceId => `tr-${span.traceId}` as TraceId

export function keptSpan(span: OtlpSpan): KeptSpan {
  const plain = plainAttributes(span.attributes)
  return {
    id: span.spanId,
    parent: span.parentSpanId ?? null,
    name: span.name,
    type: typeof plain[TYPE] === 'string' ? plain[TYPE].slice(0, 250) : '',
    status: statusOf(span),
    startedNs: span.startTimeUnixNano,
    attributes: Object.fromEntries(
      Object.entries(plain).map(([key, value]) => [key, cut(textOf(value), SEARCHED_LENGTH)]),
    ),
    tokens: countsIn(plain[USAGE]),
    document: span,
  }
}

export function statusOf({ status }: Pick<OtlpSpan, 'status'>): KeptSpan['status'] {
  return status.code === 1 ? 'OK' : status.code === 2 ? 'ERROR' : 'UNSET'
}

/** Spans of one trace, the last of each id. */
export function factsOf(id: TraceId, given: readonly OtlpSpan[], run: string | undefined): SpansOfTrace {
  const spans = [...new Map(given.map((span) => [span.spanId, span])).values()]
  const startedAt = Math.min(...spans.map(({ startTimeUnixNano }) => millis(startTimeUnixNano)))
  const ends = spans.flatMap(({ endTimeUnixNano: end }) => (end === '0' ? [] : [millis(end)]))
  const root = spans.find(({ parentSpanId }) => parentSpanId === undefined)
  const plain = root === undefined ? {} : plainAttributes(root.attributes)
  const session = spans.map(({ attributes }) => plainAttributes(attributes)['session.id']).find(isText)
  return {
    id,
    startedAt,
    duration: ends.length === 0 ? null : Math.max(0, Math.max(...ends) - startedAt),
    state: stateOf(root),
    requestPreview: previewOf(plain[INPUTS]),
    responsePreview: previewOf(plain[OUTPUTS]),
    tags: root === undefined || root.name === '' ? {} : { 'mlflow.traceName': cut(root.name, 250) },
    metadata: {
      ...(session === undefined ? {} : { 'mlflow.trace.session': cut(session, 250) }),
      ...(run === undefined ? {} : { 'mlflow.sourceRun': run }),
    },
    spans: spans.map(keptSpan),
    run,
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const millis = (nanos: string): number => Number(BigInt(nanos) / 1_000_000n)

/** Only the root tells how a trace ended. */
function stateOf(root: OtlpSpan | undefined): TraceState {
  if (root === undefined || root.endTimeUnixNano === '0') return 'IN_PROGRESS'
  return statusOf(root) === 'ERROR' ? 'ERROR' : 'OK'
}

const previewOf = (value: unknown): string | null => (value === undefined ? null : cut(textOf(value), PREVIEW_LENGTH))
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** No half of a surrogate pair stays at the end. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).toWellFormed()

function countsIn(usage: unknown): Record<string, number> | null {
  const value = typeof usage === 'string' ? parsed(usage) : usage
  if (typeof value !== 'object' || value === null) return null
  const counts = Object.entries(value).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
  )
  return counts.length === 0 ? null : Object.fromEntries(counts.slice(0, 20))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
