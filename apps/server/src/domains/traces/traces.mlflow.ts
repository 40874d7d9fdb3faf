import type { Clock } from '@stead/chassis'
import type { Trace } from '@stead/contracts'
import { z } from 'zod'
import { MlflowError } from '../../mlflow/failures.ts'
import { missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowCaller, MlflowMount } from '../../mlflow/mount.ts'
import { serveOldTracesToMlflow } from './old-traces.mlflow.ts'
import type { TracesMeant } from './traces.store.ts'
import { MOST_IDS, type Traces } from './traces.ts'
import {
  experimentNumber,
  limitIn,
  readAs,
  spanInFile,
  spanOut,
  traceId,
  traceIn,
  traceInfoOut,
} from './traces.wire.ts'

const SPANS_LOCATION = 'mlflow.trace.spansLocation'
const SIZE_STATS = 'mlflow.trace.sizeStats'
const BOTH = ['2.0', '3.0'] as const

const Locations = z
  .array(z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }).optional() }))
  .max(MOST_IDS)

export interface TraceServing {
  readonly mlflow: MlflowMount
  readonly traces: Traces
  readonly clock: Pick<Clock, 'now'>
  /** The file of spans that a client of 2.x kept beside the trace; undefined where there is none. */
  readonly fileOf: (trace: Trace, caller: MlflowCaller) => Promise<string | undefined>
}

export function serveTracesToMlflow(serving: TraceServing): void {
  const { mlflow: mount, traces, clock } = serving
  const versions = ['3.0'] as const
  mount(
    { act: 'trace.log', method: 'POST', path: 'traces', versions, takes: { trace: required('any') } },
    async (input, { project }) => {
      const { experiment, trace } = traceIn(input.trace, clock.now().getTime())
      return { trace: { trace_info: traceInfoOut(await traces.start(project, experiment, trace)) } }
    },
  )
  mount(
    { act: 'trace.get', method: 'GET', path: 'traces/:trace_id', versions, takes: { trace_id: required('string') } },
    async (input, { project }) => ({
      trace: { trace_info: traceInfoOut(await traces.get(project, traceId('trace_id', input.trace_id))) },
    }),
  )
  serveWholeTraces(serving)
  serveSearch(serving)
  serveOldTracesToMlflow(mount, traces, clock)
  serveChanges(mount, traces)
}

/** With their spans, which are in the answers only once all of them have come. */
function serveWholeTraces({ mlflow: mount, traces, fileOf }: TraceServing): void {
  const versions = ['3.0'] as const
  const whole = async (trace: Trace, { project }: MlflowCaller) => ({
    trace_info: traceInfoOut(trace),
    spans: (await traces.spans(project, trace.id)).map(spanOut),
  })
  mount(
    {
      act: 'trace.get',
      method: 'GET',
      path: 'traces/get',
      versions,
      takes: { trace_id: required('string'), allow_partial: optional('bool') },
    },
    async (input, caller) => {
      const trace = await traces.get(caller.project, traceId('trace_id', input.trace_id))
      const told = await whole(trace, caller)
      if (trace.tags[SPANS_LOCATION] === undefined || (!input.allow_partial && told.spans.length < spansOf(trace)))
        throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Trace with ID ${trace.id} is not fully exported yet.`)
      return { trace: told }
    },
  )
  mount(
    { act: 'trace.get', method: 'GET', path: 'traces/batchGet', versions, takes: { trace_ids: repeated('string') } },
    async (input, caller) => {
      const found = await traces.getSome(caller.project, idsIn(input.trace_ids))
      const told = []
      for (const trace of found) {
        if (trace.tags[SPANS_LOCATION] === undefined) continue
        const one = await whole(trace, caller)
        if (one.spans.length >= spansOf(trace)) told.push(one)
      }
      return told.length === 0 ? {} : { traces: told }
    },
  )
  mount(
    {
      act: 'trace.get',
      method: 'POST',
      path: 'traces/batchGetInfos',
      versions,
      takes: { trace_ids: repeated('string') },
    },
    async (input, { project }) => {
      const found = await traces.getSome(project, idsIn(input.trace_ids))
      return found.length === 0 ? {} : { trace_infos: found.map(traceInfoOut) }
    },
  )
  const file = { act: 'trace.get', method: 'GET', takes: { request_id: optional('string') } } as const
  for (const path of ['/ajax-api/2.0/mlflow/get-trace-artifact', '/ajax-api/3.0/mlflow/get-trace-artifact'])
    mount({ ...file, path }, async (input, caller) => {
      if (!input.request_id)
        throw new MlflowError('BAD_REQUEST', 'Request must include the "request_id" query parameter.')
      const trace = await traces.get(caller.project, traceId('request_id', input.request_id))
      const isHere = trace.tags[SPANS_LOCATION] !== undefined
      const spans = isHere ? (await traces.spans(caller.project, trace.id)).map(spanInFile) : []
      const content = isHere ? JSON.stringify({ spans }) : await fileOf(trace, caller)
      if (content === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', 'The trace has no file of spans.')
      // To be kept, never to be shown: what is in it came from callers.
      const disposition = 'attachment; filename="traces.json"'
      return caller.reply.header('content-disposition', disposition).type('application/octet-stream').send(content)
    })
}

function idsIn(ids: readonly string[] | undefined) {
  if (ids === undefined || ids.length === 0) throw missing('trace_ids')
  return ids.map((id) => traceId('trace_ids', id))
}

/** How many its maker has said there are. */
function spansOf({ metadata }: Trace): number {
  try {
    const { num_spans: number } = JSON.parse(metadata[SIZE_STATS] ?? '{}') as { num_spans?: unknown }
    return typeof number === 'number' ? number : 0
  } catch {
    return 0
  }
}

function serveSearch({ mlflow: mount, traces }: TraceServing): void {
  const takes = {
    locations: required('any'),
    filter: optional('string'),
    max_results: optional('int64'),
    order_by: repeated('string'),
    page_token: optional('string'),
  }
  mount(
    { act: 'trace.search', method: 'POST', path: 'traces/search', versions: ['3.0'], takes },
    async (input, { project }) => {
      const places = readAs(Locations, input.locations, 'locations')
      const { traces: found, next } = await traces.search(project, {
        experiments: places.flatMap(({ mlflow_experiment: at }) => (at ? [experimentNumber(at.experiment_id)] : [])),
        filter: input.filter,
        order: input.order_by,
        limit: limitIn(input.max_results),
        after: input.page_token || undefined,
      })
      return {
        ...(found.length === 0 ? {} : { traces: found.map(traceInfoOut) }),
        ...(next === null ? {} : { next_page_token: next }),
      }
    },
  )
}

function serveChanges(mount: MlflowMount, traces: Traces): void {
  const takes = {
    experiment_id: required('string'),
    max_timestamp_millis: optional('int64'),
    max_traces: optional('int64'),
    request_ids: repeated('string'),
  }
  mount(
    { act: 'trace.delete', method: 'POST', path: 'traces/delete-traces', versions: BOTH, takes },
    async (input, { project }) => ({
      traces_deleted: await traces.remove(project, experimentNumber(input.experiment_id), meantBy(input)),
    }),
  )
  const one = { path: 'traces/:trace_id/tags', versions: BOTH, act: 'trace.log' } as const
  const named = { trace_id: required('string'), key: required('string') }
  mount({ ...one, method: 'PATCH', takes: { ...named, value: optional('string') } }, async (input, { project }) => {
    await traces.setTag(project, traceId('trace_id', input.trace_id), input.key, input.value ?? '')
    return {}
  })
  mount({ ...one, method: 'DELETE', takes: named }, async (input, { project }) => {
    await traces.removeTag(project, traceId('trace_id', input.trace_id), input.key)
    return {}
  })
  serveLinks(mount, traces)
}

function serveLinks(mount: MlflowMount, traces: Traces): void {
  mount(
    {
      act: 'trace.log',
      method: 'POST',
      path: 'traces/link-to-run',
      versions: BOTH,
      takes: { trace_ids: repeated('string'), run_id: required('string') },
    },
    async (input, { project }) => {
      await traces.linkToRun(project, idsIn(input.trace_ids), input.run_id)
      return {}
    },
  )
  mount(
    {
      act: 'trace.log',
      method: 'POST',
      path: 'traces/link-prompts',
      versions: BOTH,
      takes: {
        trace_id: required('string'),
        prompt_versions: repeated({ name: required('string'), version: required('string') }),
      },
    },
    async (input, { project }) => {
      if (input.prompt_versions === undefined) throw missing('prompt_versions')
      const prompts = input.prompt_versions.map(({ name, version }) => `${name}/${version}`)
      await traces.linkPrompts(project, traceId('trace_id', input.trace_id), prompts)
      return {}
    },
  )
}

interface Deletion {
  readonly max_timestamp_millis?: number | undefined
  readonly max_traces?: number | undefined
  readonly request_ids?: readonly string[] | undefined
}

const refused = (message: string) => new MlflowError('INVALID_PARAMETER_VALUE', message)

function meantBy({ max_timestamp_millis: until, max_traces: most, request_ids: ids = [] }: Deletion): TracesMeant {
  if (ids.length > 0) {
    if (until) throw refused('Only one of `max_timestamp_millis` and `trace_ids` can be specified.')
    if (most !== undefined) throw refused("`max_traces` can't be specified if `trace_ids` is specified.")
    return { ids: ids.map((id) => traceId('request_ids', id)) }
  }
  if (until === undefined) throw refused('Either `max_timestamp_millis` or `trace_ids` must be specified.')
  if (most !== undefined && most <= 0) throw refused(`\`max_traces\` must be a positive integer, received ${most}.`)
  return { until, most: most ?? Number.MAX_SAFE_INTEGER }
}
