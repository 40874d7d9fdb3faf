import { listAudit, listInstallationAudit } from '@stead/contracts'
import type { AuditPage, ProjectName } from '@stead/contracts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { queryOf } from './filters.ts'
import type { AuditAsked, Filters } from './filters.ts'

const PAGE = 100

/** One page of a log, before an entry. */
type ReadPage = (query: AuditAsked & { before?: number; limit: number }, signal: AbortSignal) => Promise<AuditPage>

const pagesOf = (key: readonly string[], filters: Filters, read: ReadPage) =>
  infiniteQueryOptions({
    queryKey: [...key, filters],
    queryFn: ({ pageParam, signal }) =>
      read({ ...queryOf(filters), limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) }, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 5_000,
  })

export const auditQuery = (project: ProjectName, filters: Filters) =>
  pagesOf(readings.audit(project), filters, (query, signal) =>
    client.call(listAudit, { params: { project }, query, signal }),
  )

export const installationAuditQuery = (filters: Filters) =>
  pagesOf(readings.installationAudit(), filters, (query, signal) =>
    client.call(listInstallationAudit, { query, signal }),
  )
