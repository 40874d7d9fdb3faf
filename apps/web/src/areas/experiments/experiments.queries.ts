import { getExperiment, listExperiments, listViews } from '@stead/contracts'
import type { ExperimentId, ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

const AT_ONCE = 100
/** What runs is not told of by events: the list is read again while it is on the screen. */
const AGAIN_MS = 10_000

export const experimentsQuery = (project: ProjectName, search: string, lifecycle: 'active' | 'deleted') =>
  infiniteQueryOptions({
    queryKey: [...readings.experiments(project), lifecycle, search],
    queryFn: ({ signal, pageParam }) =>
      client.call(listExperiments, {
        params: { project },
        query: {
          limit: AT_ONCE,
          lifecycle,
          ...(search === '' ? {} : { search }),
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

export const experimentQuery = (project: ProjectName, experiment: ExperimentId) =>
  queryOptions({
    queryKey: [...readings.experiment(project, experiment), 'itself'],
    queryFn: ({ signal }) => client.call(getExperiment, { params: { project, experiment }, signal }),
  })

export const viewsQuery = (project: ProjectName, experiment: ExperimentId) =>
  queryOptions({
    queryKey: [...readings.experiment(project, experiment), 'views'],
    queryFn: ({ signal }) => client.call(listViews, { params: { project, experiment }, signal }),
  })
