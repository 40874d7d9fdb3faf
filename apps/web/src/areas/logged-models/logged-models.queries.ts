import { getLoggedModel, listLoggedModels } from '@stead/contracts'
import type { ExperimentId, LoggedModelId, ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

export const loggedModelKey = (project: string, model: string) => [project, 'logged-model', model] as const

export const loggedModelQuery = (project: ProjectName, model: LoggedModelId) =>
  queryOptions({
    queryKey: loggedModelKey(project, model),
    queryFn: ({ signal }) => client.call(getLoggedModel, { params: { project, model }, signal }),
  })

const AT_ONCE = 100

/** Those of an experiment, read on as one goes down them. */
export const loggedModelsQuery = (project: ProjectName, experiment: ExperimentId, filter: string) =>
  infiniteQueryOptions({
    queryKey: [...readings.runs(project, experiment), 'logged-models', filter],
    queryFn: ({ signal, pageParam }) =>
      client.call(listLoggedModels, {
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
  })
