import { getTrace, searchTraces } from '@stead/contracts'
import type { ExperimentId, ProjectName, TraceId } from '@stead/contracts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'

export const tracesKey = (project: string, experiment: number) => [project, 'traces', String(experiment)] as const
export const traceKey = (project: string, trace: string) => [project, 'trace', trace] as const

const AT_ONCE = 100
/** No event tells of traces: they are read again while they are on the screen. */
const AGAIN_MS = 5_000
const UNDER_WAY_MS = 2_000

/** Those of an experiment, the latest first, read on as one goes down them. */
export const tracesQuery = (project: ProjectName, experiment: ExperimentId, filter: string) =>
  infiniteQueryOptions({
    queryKey: [...tracesKey(project, experiment), filter],
    queryFn: ({ signal, pageParam }) =>
      client.call(searchTraces, {
        params: { project },
        query: {
          experiment,
          limit: AT_ONCE,
          ...(filter === '' ? {} : { filter }),
          ...(pageParam === '' ? {} : { after: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    // Only a list of one page: a long one would be read whole each time.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? AGAIN_MS : false),
  })

export const traceQuery = (project: ProjectName, trace: TraceId) =>
  queryOptions({
    queryKey: traceKey(project, trace),
    queryFn: ({ signal }) => client.call(getTrace, { params: { project, trace }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'IN_PROGRESS' ? UNDER_WAY_MS : false),
  })
