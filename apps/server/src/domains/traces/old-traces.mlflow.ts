import type { Clock } from '@stead/chassis'
import { TraceState } from '@stead/contracts'
import { invalid, missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Traces } from './traces.ts'
import { experimentNumber, limitIn, oldTraceInfoOut, traceId } from './traces.wire.ts'

/** Traces as clients of 2.x log them: begun, then ended, with the spans in a file of their own. */

const ENTRIES = repeated({ key: required('string'), value: optional('string') })
type Entries = readonly { readonly key: string; readonly value?: string | undefined }[] | undefined
const entriesIn = (entries: Entries = []) => Object.fromEntries(entries.map(({ key, value = '' }) => [key, value]))

export function serveOldTracesToMlflow(mount: MlflowMount, traces: Traces, clock: Pick<Clock, 'now'>): void {
  mount(
    {
      act: 'trace.log',
      method: 'POST',
      path: 'traces',
      takes: {
        experiment_id: required('string'),
        timestamp_ms: optional('int64'),
        request_metadata: ENTRIES,
        tags: ENTRIES,
      },
    },
    async (input, { project }) => {
      const trace = await traces.start(project, experimentNumber(input.experiment_id), {
        clientRequestId: null,
        startedAt: input.timestamp_ms ?? clock.now().getTime(),
        duration: null,
        state: 'IN_PROGRESS',
        requestPreview: null,
        responsePreview: null,
        tags: entriesIn(input.tags),
        metadata: entriesIn(input.request_metadata),
        assessments: [],
      })
      return { trace_info: oldTraceInfoOut(trace) }
    },
  )
  mount(
    {
      act: 'trace.log',
      method: 'PATCH',
      path: 'traces/:request_id',
      takes: {
        request_id: required('string'),
        timestamp_ms: required('int64'),
        status: optional('string'),
        request_metadata: ENTRIES,
        tags: ENTRIES,
      },
    },
    async (input, { project }) => {
      const trace = await traces.end(project, traceId('request_id', input.request_id), {
        endedAt: input.timestamp_ms,
        state: stateIn(input.status),
        tags: entriesIn(input.tags),
        metadata: entriesIn(input.request_metadata),
      })
      return { trace_info: oldTraceInfoOut(trace) }
    },
  )
  mount(
    { act: 'trace.get', method: 'GET', path: 'traces/:request_id/info', takes: { request_id: required('string') } },
    async (input, { project }) => ({
      trace_info: oldTraceInfoOut(await traces.get(project, traceId('request_id', input.request_id))),
    }),
  )
  serveOldSearch(mount, traces)
}

function stateIn(status: string | undefined): TraceState {
  if (status === undefined || status === 'TRACE_STATUS_UNSPECIFIED') return 'STATE_UNSPECIFIED'
  const state = TraceState.safeParse(status)
  if (!state.success) throw invalid('status', status)
  return state.data
}

function serveOldSearch(mount: MlflowMount, traces: Traces): void {
  const takes = {
    experiment_ids: repeated('string'),
    filter: optional('string'),
    max_results: optional('int64'),
    order_by: repeated('string'),
    page_token: optional('string'),
  }
  mount({ act: 'trace.search', method: 'GET', path: 'traces', takes }, async (input, { project }) => {
    if (input.experiment_ids === undefined) throw missing('experiment_ids')
    const { traces: found, next } = await traces.search(project, {
      experiments: input.experiment_ids.map(experimentNumber),
      filter: input.filter,
      order: input.order_by,
      limit: limitIn(input.max_results),
      after: input.page_token || undefined,
    })
    return {
      ...(found.length === 0 ? {} : { traces: found.map(oldTraceInfoOut) }),
      ...(next === null ? {} : { next_page_token: next }),
    }
  })
}
