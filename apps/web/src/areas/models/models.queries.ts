import { getModel, getVersion, listModels, listVersions, modelServing, versionGraph } from '@stead/contracts'
import type { Digest, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'

const MODELS_AT_ONCE = 250
const VERSIONS_AT_ONCE = 100

/** A list that is read on as one goes down it. */
export const modelsQuery = (project: ProjectName, search: string, serving: boolean) =>
  infiniteQueryOptions({
    queryKey: [...readings.models(project), 'list', search, serving],
    queryFn: ({ signal, pageParam }) =>
      client.call(listModels, {
        params: { project },
        query: {
          limit: MODELS_AT_ONCE,
          serving: serving ? 'true' : 'false',
          ...(search === '' ? {} : { search }),
          ...(pageParam === '' ? {} : { after: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  })

export const modelQuery = (project: ProjectName, model: ModelName) =>
  queryOptions({
    queryKey: [...readings.model(project, model), 'itself'],
    queryFn: ({ signal }) => client.call(getModel, { params: { project, model }, signal }),
  })

export const versionsQuery = (project: ProjectName, model: ModelName) =>
  infiniteQueryOptions({
    queryKey: [...readings.model(project, model), 'versions'],
    queryFn: ({ signal, pageParam }) =>
      client.call(listVersions, {
        params: { project, model },
        query: { limit: VERSIONS_AT_ONCE, ...(pageParam === '' ? {} : { after: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

/** The newest few. */
export const newestQuery = (project: ProjectName, model: ModelName, limit: number) =>
  queryOptions({
    queryKey: [...readings.model(project, model), 'newest', limit],
    queryFn: ({ signal }) => client.call(listVersions, { params: { project, model }, query: { limit }, signal }),
  })

export const versionQuery = (project: ProjectName, model: ModelName, version: VersionNumber) =>
  queryOptions({
    queryKey: [...readings.model(project, model), 'version', version],
    queryFn: ({ signal }) => client.call(getVersion, { params: { project, model, version }, signal }),
  })

/** Where the model's versions, or one of them, serve and served. */
export const servingQuery = (project: ProjectName, model: ModelName, version?: VersionNumber) =>
  queryOptions({
    queryKey: [...readings.model(project, model), 'serving', version ?? 0],
    queryFn: ({ signal }) =>
      client.call(modelServing, {
        params: { project, model },
        query: version === undefined ? {} : { version },
        signal,
      }),
  })

/** A version's bytes never change, so neither does its graph: no event makes it old. */
export const graphQuery = (project: ProjectName, model: ModelName, version: VersionNumber, digest: Digest) =>
  queryOptions({
    queryKey: [project, 'graph', digest],
    queryFn: ({ signal }) => client.call(versionGraph, { params: { project, model, version }, signal }),
    staleTime: Infinity,
    gcTime: 5 * 60_000,
  })
