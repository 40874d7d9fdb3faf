import { columnValues, groupRuns, runColumns, searchRuns } from '@stead/contracts'
import type { ExperimentId, ProjectName, RunId } from '@stead/contracts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { keysAmong, quoted } from './columns.ts'
import type { Lifecycle } from './look.ts'
import type { RunSource } from './run-store.ts'

export const ALL_KEYS = 'columns'
/** Few, for each may have thousands of keys. */
const NEWEST = 20
export const PARENT_TAG = 'mlflow.parentRunId'
const PARENT = `tags.${PARENT_TAG}`
export const TOP_LEVEL = `${PARENT} IS NULL`
export const partsOf = (run: string): string => `${PARENT} = ${quoted(run)}`

/** What the runs of an experiment are called and kept under. */
export const keysQuery = (project: ProjectName, experiment: ExperimentId) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), ALL_KEYS],
    queryFn: ({ signal }) => client.call(runColumns, { params: { project, experiment }, signal }),
  })

/** The newest runs tell at once what most are called and kept under; those of all take long where there are many. */
export const newestKeysQuery = (project: ProjectName, experiment: ExperimentId) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), 'newest keys'],
    queryFn: async ({ signal }) => {
      const body = { experiments: [experiment], lifecycle: 'all' as const, limit: NEWEST }
      return keysAmong((await client.call(searchRuns, { params: { project }, body, signal })).runs)
    },
  })

/** How many runs match. */
export const countQuery = (project: ProjectName, experiment: ExperimentId, filter: string, state: Lifecycle) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), 'count', state, filter],
    queryFn: async ({ signal }) => {
      const body = { experiments: [experiment], filter, lifecycle: state, columns: [], limit: 1, count: true }
      return (await client.call(searchRuns, { params: { project }, body, signal })).total ?? 0
    },
    placeholderData: keepPreviousData,
  })

const MOST_METRICS = 100

export const groupsQuery = (
  project: ProjectName,
  experiment: ExperimentId,
  {
    filter,
    state,
    by,
    metrics,
  }: { filter: string; state: Lifecycle; by: readonly string[]; metrics: readonly string[] },
) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), 'groups', state, filter, by, metrics],
    queryFn: ({ signal }) =>
      client.call(groupRuns, {
        params: { project },
        body: {
          experiments: [experiment],
          filter,
          lifecycle: state,
          by: [...by],
          metrics: metrics.slice(0, MOST_METRICS),
        },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

/** The values that were seen under a column, for completion. */
export const valuesQuery = (project: ProjectName, experiment: ExperimentId, column: string) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), 'values', column],
    queryFn: ({ signal }) =>
      client.call(columnValues, { params: { project, experiment }, query: { column, search: '' }, signal }),
  })

/** Where the table of an experiment reads its runs. */
export function runSource(project: ProjectName, experiment: ExperimentId): RunSource {
  return {
    search({ filter, state, orderBy, columns, limit, after }) {
      const body = {
        experiments: [experiment],
        filter,
        lifecycle: state,
        orderBy: [...orderBy],
        columns: [...columns],
        limit,
        ...(after === undefined ? {} : { after }),
      }
      return client.call(searchRuns, { params: { project }, body })
    },
    async children(runs: readonly RunId[]) {
      const { groups } = await client.call(groupRuns, {
        params: { project },
        body: {
          experiments: [experiment],
          filter: `${PARENT} IN (${runs.map(quoted).join(', ')})`,
          by: [PARENT],
        },
      })
      return new Map(groups.flatMap(({ values: [parent], runs: count }) => (parent ? [[parent, count] as const] : [])))
    },
  }
}
