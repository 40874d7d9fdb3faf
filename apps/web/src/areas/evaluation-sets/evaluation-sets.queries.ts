import { getEvaluationSet, listEvaluationRecords, listEvaluationSets } from '@stead/contracts'
import type { EvaluationSetId, ExperimentId, ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'

export const setsKey = (project: string) => [project, 'evaluation-sets'] as const
const setKey = (project: string, set: string) => [project, 'evaluation-set', set] as const

const AT_ONCE = 100
/** No event tells of them: they are read again while they are on the screen. */
const AGAIN_MS = 10_000

export const setsQuery = (project: ProjectName, experiment: ExperimentId) =>
  infiniteQueryOptions({
    queryKey: [...setsKey(project), String(experiment)],
    queryFn: ({ signal, pageParam }) =>
      client.call(listEvaluationSets, {
        params: { project },
        query: { experiment, limit: AT_ONCE, ...(pageParam === '' ? {} : { after: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    // Only a list of one page: a long one would be read whole each time.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? AGAIN_MS : false),
  })

export const setQuery = (project: ProjectName, set: EvaluationSetId) =>
  queryOptions({
    queryKey: [...setKey(project, set), 'itself'],
    queryFn: ({ signal }) => client.call(getEvaluationSet, { params: { project, set }, signal }),
    refetchInterval: AGAIN_MS,
  })

/** Those of one state of the set: its digest is another when it has changed. */
export const recordsQuery = (project: ProjectName, set: EvaluationSetId, digest: string) =>
  infiniteQueryOptions({
    queryKey: [...setKey(project, set), 'records', digest],
    queryFn: ({ signal, pageParam }) =>
      client.call(listEvaluationRecords, {
        params: { project, set },
        query: { limit: AT_ONCE, ...(pageParam === '' ? {} : { after: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })
