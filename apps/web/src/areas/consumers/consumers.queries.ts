import { listConsumers, readUsage } from '@stead/contracts'
import type { ConsumerName, ProjectName } from '@stead/contracts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

/** What was used is not told by events. */
const EVERY_MS = 10_000

export const consumersQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.consumers(project),
    queryFn: ({ signal }) => client.call(listConsumers, { params: { project }, signal }),
    refetchInterval: EVERY_MS,
  })

export const usageQuery = (project: ProjectName, consumer: ConsumerName, days: number) =>
  queryOptions({
    queryKey: [...readings.usage(project, consumer), days],
    queryFn: ({ signal }) =>
      client.call(readUsage, { params: { project, consumer }, query: { days, step: 'day' }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  })
