import { deploymentHistory } from '@stead/contracts'
import type { DeploymentName, GenerationRecord, ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

const PAGE = 100

/** All generations, newest first, a page at a time. */
export const generationsQuery = (project: ProjectName, deployment: DeploymentName) =>
  infiniteQueryOptions({
    queryKey: [...readings.history(project, deployment), 'pages'],
    queryFn: ({ pageParam, signal }) =>
      client.call(deploymentHistory, {
        params: { project, deployment },
        query: { limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  })

/** One generation; null where there is none of that number. */
export const generationQuery = (project: ProjectName, deployment: DeploymentName, generation: number) =>
  queryOptions({
    queryKey: [...readings.history(project, deployment), 'one', generation],
    queryFn: async ({ signal }): Promise<GenerationRecord | null> => {
      const { generations } = await client.call(deploymentHistory, {
        params: { project, deployment },
        query: { limit: 1, before: generation + 1 },
        signal,
      })
      return generations.find((record) => record.generation === generation) ?? null
    },
    enabled: Number.isInteger(generation) && generation > 0,
  })
