import { getExperiment, getRun, listLoggedModels, listRunVersions, searchRuns } from '@stead/contracts'
import type { ExperimentId, ProjectName, Run, RunId } from '@stead/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { isOfNotebook, notebookAmong } from './run-memory.ts'
import { runSource } from './run-source.ts'

/** Everything of a run lies under its reading: what changes it makes all of it old. */
export const runKey = (project: string, run: string) => [...readings.run(project, run), 'itself'] as const

export const runQuery = (project: ProjectName, run: RunId) =>
  queryOptions({
    queryKey: runKey(project, run),
    queryFn: ({ signal }) => client.call(getRun, { params: { project, run }, signal }),
  })

/** Its name is wanted, and not how many runs it has: that is counted anew each time. */
export const experimentNameQuery = (project: ProjectName, experiment: ExperimentId) =>
  queryOptions({
    queryKey: [...readings.experiment(project, experiment), 'name'],
    queryFn: async ({ signal }) => (await client.call(getExperiment, { params: { project, experiment }, signal })).name,
    staleTime: 60_000,
  })

const CHILDREN_AT_ONCE = 100

/** The runs that are parts of this one, the newest first. */
export const childrenQuery = (project: ProjectName, experiment: ExperimentId, run: RunId) =>
  infiniteQueryOptions({
    queryKey: [...readings.run(project, run), 'children'],
    queryFn: ({ signal, pageParam }) =>
      client.call(searchRuns, {
        params: { project },
        body: {
          experiments: [experiment],
          filter: `tags.mlflow.parentRunId = '${run}'`,
          columns: [],
          limit: CHILDREN_AT_ONCE,
          ...(pageParam === '' ? {} : { after: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const modelsOfRunQuery = (project: ProjectName, run: RunId) =>
  queryOptions({
    queryKey: [...readings.run(project, run), 'models'],
    queryFn: ({ signal }) => client.call(listLoggedModels, { params: { project }, query: { run, limit: 100 }, signal }),
  })

export const versionsOfRunQuery = (project: ProjectName, run: RunId) =>
  queryOptions({
    queryKey: [...readings.run(project, run), 'versions'],
    queryFn: ({ signal }) => client.call(listRunVersions, { params: { project, run }, signal }),
  })

const MOST_FOLDERS = 8

/** Where among its files the notebook of a run is; null where there is none. Folders are looked into, one deep, where
 *  its code was a notebook. */
export const notebookQuery = (project: ProjectName, { id, tags }: Pick<Run, 'id' | 'tags'>) =>
  queryOptions({
    // With the files and not with the run, of which every metric makes a new one.
    queryKey: [...runSource(project, id).key, 'notebook'],
    queryFn: async ({ signal }) => {
      const { list } = runSource(project, id)
      const top = await list('', { signal })
      const isDeep = isOfNotebook(tags) && !top.some(({ path }) => path.endsWith('.ipynb'))
      const folders = isDeep ? top.filter(({ isDirectory }) => isDirectory).slice(0, MOST_FOLDERS) : []
      const below = await Promise.all(folders.map(({ path }) => list(path, { signal })))
      const files = [...top, ...below.flat()].filter(({ isDirectory }) => !isDirectory)
      return (
        notebookAmong(
          files.map(({ path }) => path),
          tags,
        ) ?? null
      )
    },
    staleTime: 60_000,
  })
