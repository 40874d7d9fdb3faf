import { listDeliveries, listWebhooks } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

/** What came of deliveries is not told by events. */
const EVERY_MS = 5_000

export const webhooksQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.webhooks(project),
    queryFn: ({ signal }) => client.call(listWebhooks, { params: { project }, signal }),
    refetchInterval: EVERY_MS,
  })

export const deliveriesQuery = (project: ProjectName, webhook: string) =>
  infiniteQueryOptions({
    queryKey: [...readings.webhooks(project), webhook, 'deliveries'],
    queryFn: ({ pageParam, signal }) =>
      client.call(listDeliveries, {
        params: { project, webhook },
        query: pageParam === undefined ? {} : { after: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: EVERY_MS,
  })
