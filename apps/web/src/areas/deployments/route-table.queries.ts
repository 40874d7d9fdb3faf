import { deploymentFigures } from '@stead/contracts'
import type { DeploymentName, FigurePoint, ProjectName } from '@stead/contracts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { failuresOf } from './live-failures.ts'

const SPAN = 1800
const STEP = 10

/** What one version did in the last half hour, in steps of ten seconds. */
export interface VersionFigures {
  /** Of the last whole step; latencies in microseconds. */
  readonly rate: number
  readonly p50: number | null
  readonly p99: number | null
  /** The 99th percentile over the half hour, steps without requests left out. */
  readonly trend: readonly number[]
  readonly failed: number
}

export const versionFiguresQuery = (project: ProjectName, deployment: DeploymentName) =>
  queryOptions({
    queryKey: [...readings.figures(project, deployment), 'versions'],
    queryFn: async ({ signal }) => {
      const query = { step: STEP, from: Math.floor(Date.now() / 1000) - SPAN } as const
      const { points } = await client.call(deploymentFigures, { params: { project, deployment }, query, signal })
      return byVersion(points)
    },
    refetchInterval: STEP * 1000,
    placeholderData: keepPreviousData,
  })

function byVersion(points: readonly FigurePoint[]): ReadonlyMap<number, VersionFigures> {
  // The newest step is still filling: what it says so far would look like a drop.
  const times = [...new Set(points.map(({ at }) => at))].toSorted((a, b) => a - b)
  const newest = times.at(-1) ?? 0
  const isFilling = Date.now() / 1000 - newest < STEP + 1
  const whole = isFilling ? (times.at(-2) ?? 0) : newest
  const isNow = newest - whole <= STEP && Date.now() / 1000 - whole < 3 * STEP
  const figures = new Map<number, VersionFigures>()
  for (const version of new Set(points.map((point) => Number(point.version)))) {
    const own = points.filter((point) => point.version === version)
    const last = isNow ? own.find(({ at }) => at === whole) : undefined
    figures.set(version, {
      rate: (last?.requests ?? 0) / STEP,
      p50: last?.p50 ?? null,
      p99: last?.p99 ?? null,
      trend: own.flatMap(({ at, p99 }) => (p99 === null || at > whole ? [] : [p99])),
      failed: own.reduce((sum, { errors }) => sum + failuresOf(errors).failed, 0),
    })
  }
  return figures
}
