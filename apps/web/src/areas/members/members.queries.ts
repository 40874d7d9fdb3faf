import { listAccounts, listMembers, listPeople } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

export const membersQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.members(project),
    queryFn: ({ signal }) => client.call(listMembers, { params: { project }, signal }),
  })

export const accountsQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.accounts(project),
    queryFn: ({ signal }) => client.call(listAccounts, { params: { project }, signal }),
  })

export const peopleQuery = queryOptions({
  queryKey: readings.people(),
  queryFn: ({ signal }) => client.call(listPeople, { signal }),
  staleTime: 5_000,
})
