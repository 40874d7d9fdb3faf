import type { LatestMetric, RunId } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { grown, isUpToDate, stepToAskFrom } from './history.ts'
import type { Histories } from './history.ts'
import { createHistoryReader } from './history-reader.ts'

const readHistory = createHistoryReader(client)

export interface LoggingRun {
  readonly id: RunId
  readonly metrics: Readonly<Record<string, LatestMetric>>
}

/** All of them together; each has at least as many as a line needs to be seen. */
const POINTS = { together: 60_000, least: 100, most: 2_000 }
const NONE: Histories = new Map()

/** How a metric went in some runs. Goes on with what the runs log, as soon as their newest values are known. */
export function useHistory(runs: readonly LoggingRun[], metric: string, isWanted: boolean) {
  const project = useProject()
  const queries = useQueryClient()
  const logged = runs.filter(({ metrics }) => Object.hasOwn(metrics, metric))
  const ids = logged.map(({ id }) => id)
  const queryKey = [project, 'history', metric, ids.join()]
  const points = Math.round(Math.min(Math.max(POINTS.together / Math.max(ids.length, 1), POINTS.least), POINTS.most))
  const reading = useQuery({
    queryKey,
    queryFn: async () => {
      const known = queries.getQueryData<Histories>(queryKey) ?? NONE
      const stale = logged.filter(({ id, metrics }) => !isUpToDate(known.get(id), metrics[metric])).map(({ id }) => id)
      if (stale.length === 0) return known
      const afterStep = stepToAskFrom(known, stale)
      return grown(known, await readHistory({ project, runs: stale, points, afterStep }, metric), afterStep)
    },
    enabled: isWanted && ids.length > 0,
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
  })
  const newest = logged.map(({ metrics }) => Object.values(metrics[metric]!).join()).join('\n')
  const { refetch, data } = reading
  const isKnown = data !== undefined
  useEffect(() => {
    if (isWanted && isKnown) void refetch()
  }, [isWanted, isKnown, newest, refetch])
  return reading
}
