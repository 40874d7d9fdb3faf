import { listSessions, listTokens } from '@stead/contracts'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

export const mySessionsQuery = queryOptions({
  queryKey: readings.mySessions(),
  queryFn: ({ signal }) => client.call(listSessions, { signal }),
  staleTime: 5_000,
})

export const myTokensQuery = queryOptions({
  queryKey: readings.myTokens(),
  queryFn: ({ signal }) => client.call(listTokens, { signal }),
  staleTime: 5_000,
})
