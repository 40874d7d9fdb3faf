import {
  deploymentHistory,
  getChange,
  getDeployment,
  listDeployments,
  listGolden,
  listLanes,
  projectFigures,
} from '@stead/contracts'
import type { DeploymentName, ProjectName } from '@stead/contracts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

export const deploymentsQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: readings.deployments(project),
    queryFn: ({ signal }) => client.call(listDeployments, { params: { project }, signal }),
  })

export const deploymentQuery = (project: ProjectName, deployment: DeploymentName) =>
  queryOptions({
    queryKey: readings.deployment(project, deployment),
    queryFn: ({ signal }) => client.call(getDeployment, { params: { project, deployment }, signal }),
  })

export const historyQuery = (project: ProjectName, deployment: DeploymentName) =>
  queryOptions({
    queryKey: readings.history(project, deployment),
    queryFn: ({ signal }) =>
      client.call(deploymentHistory, { params: { project, deployment }, query: { limit: 200 }, signal }),
  })

export const goldenQuery = (project: ProjectName, deployment: DeploymentName) =>
  queryOptions({
    queryKey: readings.golden(project, deployment),
    queryFn: ({ signal }) => client.call(listGolden, { params: { project, deployment }, signal }),
  })

export const changeQuery = (project: ProjectName, deployment: DeploymentName, change: string) =>
  queryOptions({
    queryKey: [...readings.changes(project, deployment), change],
    queryFn: ({ signal }) => client.call(getChange, { params: { project, deployment, change }, signal }),
  })

/** Figures of the named deployments over the last `span` seconds, read again while they are on the screen. */
export const glanceQuery = (project: ProjectName, names: readonly string[] | undefined, span: number) =>
  queryOptions({
    queryKey: [...readings.glance(project), span, names?.join(',') ?? ''],
    queryFn: ({ signal }) =>
      client.call(projectFigures, {
        params: { project },
        query: { span, parts: 60, ...(names ? { names: names.join(',') } : {}) },
        signal,
      }),
    refetchInterval: span <= 900 ? 2_000 : 10_000,
    placeholderData: keepPreviousData,
  })

/** Which versions the named deployments served since `from` (epoch seconds). */
export const lanesQuery = (project: ProjectName, names: readonly string[] | undefined, from: number) =>
  queryOptions({
    queryKey: [...readings.lanes(project), from, names?.join(',') ?? ''],
    queryFn: ({ signal }) =>
      client.call(listLanes, {
        params: { project },
        query: { from, ...(names ? { names: names.join(',') } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
