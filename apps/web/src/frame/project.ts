import { getProject, listProjects } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { client } from '../live/client.ts'
import { projectsIn, useSession } from '../live/session.ts'
import { readings } from '../live/stale.ts'

const REMEMBERED = 'stead.project'

/** The project of the address, or the one that was open last: pages outside of any project keep their frame. */
export function useProject(): ProjectName {
  const { project } = useParams({ strict: false })
  return (project ?? lastProject()) as ProjectName
}

export const lastProject = (): string => localStorage.getItem(REMEMBERED) ?? 'default'
export const rememberProject = (project: string): void => localStorage.setItem(REMEMBERED, project)

export const projectsQuery = queryOptions({
  queryKey: readings.projects(),
  queryFn: ({ signal }) => client.call(listProjects, { signal }),
})

export const summaryQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.summary(project),
    queryFn: ({ signal }) => client.call(getProject, { params: { project }, signal }),
  })

export function useSummary(project: ProjectName) {
  const seen = projectsIn(useSession())
  return useQuery({ ...summaryQuery(project), enabled: seen === undefined || seen.includes(project) }).data
}
