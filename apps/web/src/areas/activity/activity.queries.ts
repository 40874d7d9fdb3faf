import { listEvents } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

export interface EventFilter {
  readonly kind?: string | undefined
  readonly actor?: string | undefined
  readonly subject?: string | undefined
}

const present = (filter: EventFilter) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''))

export const eventsQuery = (project: ProjectName, filter: EventFilter = {}, limit = 50) =>
  infiniteQueryOptions({
    queryKey: [...readings.events(project), present(filter), limit],
    queryFn: ({ pageParam, signal }) =>
      client.call(listEvents, {
        params: { project },
        query: { limit, ...present(filter), ...(pageParam === undefined ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })
