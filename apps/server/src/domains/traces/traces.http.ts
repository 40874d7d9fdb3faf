import { deleteTrace, getTrace, searchTraces, type Span } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { type OtlpSpan, plainAttributes } from './otlp.ts'
import { statusOf } from './span-facts.ts'
import type { Traces } from './traces.ts'

export function serveTraces(mount: Mount, traces: Traces): void {
  mount(searchTraces, ({ params, query }) => {
    const { experiment, filter, order, after, limit } = query
    return traces.search(params.project, {
      experiments: [experiment],
      filter,
      order: order === undefined ? [] : [order],
      after,
      limit,
    })
  })
  mount(getTrace, async ({ params: { project, trace } }) => ({
    ...(await traces.get(project, trace)),
    spans: (await traces.spans(project, trace)).map(spanTold),
  }))
  mount(deleteTrace, ({ params: { project, trace } }) => traces.removeOne(project, trace))
}

function spanTold(span: OtlpSpan): Span {
  const attributes = plainAttributes(span.attributes) as Span['attributes']
  const type = attributes['mlflow.spanType']
  return {
    id: span.spanId,
    parent: span.parentSpanId ?? null,
    name: span.name,
    type: typeof type === 'string' ? type : '',
    status: statusOf(span),
    message: span.status.message || null,
    startedNs: span.startTimeUnixNano,
    endedNs: span.endTimeUnixNano === '0' ? null : span.endTimeUnixNano,
    attributes,
    events: span.events.map(({ name, timeUnixNano, attributes: told }) => ({
      name,
      atNs: timeUnixNano,
      attributes: plainAttributes(told) as Span['attributes'],
    })),
  }
}
