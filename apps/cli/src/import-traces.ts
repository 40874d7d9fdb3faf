import { leave } from './import-parts.ts'
import type { ImportParts } from './import-parts.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import type { MlflowTrace } from './mlflow-documents.ts'

const TRACES = '/api/3.0/mlflow/traces'
const LOCATION = 'mlflow.artifactLocation'
const SPANS_LOCATION = 'mlflow.trace.spansLocation'

/** Traces with their spans, tags and assessments, under their own ids. */
export async function importTraces(there: string, experiment: number, parts: ImportParts): Promise<void> {
  const { source, journal, summary, signal, onStep } = parts
  const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: there } }]
  const traces = pagesOf<MlflowTrace>(
    (page) => source.call('POST', `${TRACES}/search`, { locations, max_results: 100, ...page }),
    'traces',
  )
  try {
    for await (const trace of traces) {
      signal.throwIfAborted()
      const { trace_id: id } = trace
      if (journal.has('trace', id)) summary.known.trace += 1
      else await importOne(trace, experiment, parts).catch((error: unknown) => leave(parts, 'trace', id, error))
      onStep()
    }
  } catch (error) {
    // Servers before 3 have no such address.
    if (!(error instanceof MlflowRefusal && error.code === 'ENDPOINT_NOT_FOUND')) throw error
  }
}

async function importOne(trace: MlflowTrace, experiment: number, parts: ImportParts): Promise<void> {
  const { target, journal, summary } = parts
  const { trace_id: id } = trace
  const { [LOCATION]: _, ...tags } = trace.tags ?? {}
  // Each assessment that is told is a new one: those of an import that was broken off are not told again.
  const isHere = ((await traceHere(id, parts))?.assessments ?? []).length > 0
  const assessments = isHere ? [] : (trace.assessments ?? []).filter(({ valid }) => valid !== false)
  const info = {
    ...trace,
    tags,
    assessments: assessments.map((assessment) => ({ ...assessment, overrides: undefined })),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: String(experiment) } },
  }
  await target.call('POST', TRACES, { trace: { trace_info: info } })
  if (tags[SPANS_LOCATION] === undefined) await importSpanFile(id, experiment, parts)
  else await importSpans(id, experiment, parts)
  await journal.done('trace', id)
  summary.taken.trace += 1
}

async function traceHere(id: string, { target }: ImportParts): Promise<MlflowTrace | undefined> {
  try {
    const { trace } = await target.call('GET', `${TRACES}/${encodeURIComponent(id)}`)
    return (trace as { trace_info?: MlflowTrace } | undefined)?.trace_info
  } catch (error) {
    if (error instanceof MlflowRefusal && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined
    throw error
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Integers of spans count nanoseconds: they are passed on as texts, to the last digit. */
async function importSpans(id: string, experiment: number, { source, target }: ImportParts): Promise<void> {
  const whole = await source.call('GET', `${TRACES}/get`, { trace_id: id, allow_partial: true }, { exact: true })
  const { spans = [] } = whole.trace as { spans?: readonly Fields[] }
  if (spans.length === 0) return
  const resourceSpans = [{ scopeSpans: [{ spans: spans.map(spanOf) }] }]
  await target.call(
    'POST',
    '/v1/traces',
    { resourceSpans },
    { headers: { 'x-mlflow-experiment-id': String(experiment) } },
  )
}

/** What is told in snake case with ids in base64 is taken in camel case with ids in hexadecimal. */
function spanOf(span: Fields): Fields {
  const links = (span.links ?? []) as readonly Fields[]
  return { ...(camelCased({ ...span, links: undefined }) as Fields), ...idsOf(span), links: links.map(linkOf) }
}

const linkOf = (link: Fields): Fields => ({ ...(camelCased(link) as Fields), ...idsOf(link) })

const hexOf = (base64: unknown): string =>
  Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64').toString('hex')

const idsOf = ({ trace_id: trace, span_id: span, parent_span_id: parent }: Fields): Fields => ({
  traceId: hexOf(trace),
  spanId: hexOf(span),
  ...(parent ? { parentSpanId: hexOf(parent) } : {}),
})

/** All keys are names of fields: those of attributes are values in this form. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key.replaceAll(/_[a-z]/g, (found) => found[1]!.toUpperCase()),
      camelCased(part),
    ]),
  )
}

/** Clients of 2.x kept the spans in a file beside the trace. */
async function importSpanFile(id: string, experiment: number, { source, target }: ImportParts): Promise<void> {
  try {
    const opened = await source.open('ajax-api/2.0/mlflow/get-trace-artifact', { request_id: id })
    const here = await traceHere(id, { target } as ImportParts)
    const uri = here?.tags?.[LOCATION] ?? `mlflow-artifacts:/${experiment}/traces/${id}/artifacts`
    await target.put(`${uri.replace(/^mlflow-artifacts:\/*/, '')}/traces.json`, await opened.text())
  } catch (error) {
    // A trace that was begun and never ended has none.
    if (!(error instanceof MlflowRefusal)) throw error
  }
}
