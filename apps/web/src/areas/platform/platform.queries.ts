import { readPlatform } from '@stead/contracts'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

/** Sizes and memory are not told by events. */
const EVERY_MS = 5_000

export const platformQuery = queryOptions({
  queryKey: readings.platform(),
  queryFn: ({ signal }) => client.call(readPlatform, { signal }),
  refetchInterval: EVERY_MS,
})
