import {
  addAssessment,
  changeTrace,
  deleteAssessment,
  deleteTrace,
  deleteTraces,
  getTrace,
  searchTraces,
  type Span,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Assessments } from './assessments.ts'
import { type OtlpSpan, plainAttributes } from './otlp.ts'
import { statusOf } from './span-facts.ts'
import type { Traces } from './traces.ts'

export function serveTraces(mount: Mount, traces: Traces, assessments: Assessments): void {
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
  mount(getTrace, async ({ params: { project, trace } }) => {
    const found = await traces.get(project, trace)
    const spans = (await traces.spans(project, trace)).map(spanTold)
    return { ...found, spans, runs: await traces.runsOf(project, found) }
  })
  mount(changeTrace, ({ params: { project, trace }, body }) => traces.changeTags(project, trace, body.tags))
  mount(deleteTrace, ({ params: { project, trace } }) => traces.removeOne(project, trace))
  mount(deleteTraces, async ({ params, body }) => ({
    traces: await traces.remove(params.project, body.experiment, { ids: body.traces }),
  }))
  mount(addAssessment, ({ params: { project, trace }, body }, { actor }) => {
    const { kind, name, value, span = null, rationale = null } = body
    const source = { type: 'HUMAN', id: actor } as const
    const given = { kind, name, value, span, rationale, source, error: null, metadata: {}, overrides: null }
    return assessments.add(project, trace, given)
  })
  mount(deleteAssessment, ({ params: { project, trace, assessment } }) =>
    assessments.remove(project, trace, assessment),
  )
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
