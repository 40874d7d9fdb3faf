import { deploymentFigures } from '@stead/contracts'
import type { DeploymentName, FigurePoint, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { client } from '../../live/client.ts'
import { useLiveFigures } from '../../live/live.tsx'
import type { KnownChange } from '../../live/running.ts'
import { readings } from '../../live/stale.ts'
import { failedOf } from './failed.ts'

/** What all versions of a deployment did in one step of time. */
export interface Second {
  readonly at: number
  readonly requests: number
  readonly failed: number
  /** Microseconds; null without an answer. */
  readonly p99: number | null
}

const BEFORE_S = 60
const AFTER_S = 30
/** How long the server keeps seconds, with a little in hand, and tens of seconds. */
const SECONDS_KEPT_S = 840
const TENS_KEPT_S = 86_000
const KEPT = 400

/** The figures of a deployment around a change: second by second while it is young, in tens of seconds for a day. */
export function useSeconds(project: ProjectName, deployment: DeploymentName, change: KnownChange) {
  const start = Math.floor(Date.parse(change.startedAt) / 1000)
  const end = change.endedAt === null ? undefined : Math.ceil(Date.parse(change.endedAt) / 1000) + AFTER_S
  const step = useStep(start)
  const { data } = useQuery({
    queryKey: [...readings.figures(project, deployment), 'around', change.startedAt, step, end ?? 'now'],
    queryFn: ({ signal }) =>
      client.call(deploymentFigures, {
        params: { project, deployment },
        query: { step: step ?? 10, from: start - BEFORE_S * (step ?? 1), ...(end === undefined ? {} : { to: end }) },
        signal,
      }),
    enabled: step !== undefined && change.before !== null,
  })
  const [heard, setHeard] = useState<readonly FigurePoint[]>([])
  useLiveFigures(
    deployment,
    useCallback((points) => setHeard((before) => [...before, ...points].slice(-KEPT)), []),
  )
  const seconds = useMemo(() => {
    const all = step === 1 ? [...(data?.points ?? []), ...heard] : (data?.points ?? [])
    return together(all.filter((point) => (end === undefined || point.at <= end) && isOfCallers(point, change)))
  }, [data, heard, step, end, change])
  return { seconds, step: step ?? 10, start, isKept: step !== undefined && change.before !== null }
}

/** Chosen once: a page that stays open does not change its scale. */
function useStep(start: number): 1 | 10 | undefined {
  const [step] = useState<1 | 10 | undefined>(() => {
    const age = Date.now() / 1000 - start
    if (age < SECONDS_KEPT_S) return 1
    return age < TENS_KEPT_S ? 10 : undefined
  })
  return step
}

/** Copies for shadows are counted on their version, and no caller meets them. */
function isOfCallers({ at, version }: FigurePoint, { before, after, committedAt }: KnownChange): boolean {
  const committed = committedAt === null ? Infinity : Date.parse(committedAt) / 1000
  const table = at < committed ? before : after
  return !table?.shadows.some((shadow) => shadow.version === version)
}

function together(points: readonly FigurePoint[]): Second[] {
  const at = new Map<number, Map<number, FigurePoint>>()
  // The same second may have been read and heard.
  for (const point of points) at.set(point.at, (at.get(point.at) ?? new Map()).set(point.version, point))
  return [...at.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([second, versions]) => {
      const all = [...versions.values()]
      const timed = all.filter(({ p99 }) => p99 !== null)
      return {
        at: second,
        requests: all.reduce((sum, { requests }) => sum + requests, 0),
        failed: all.reduce((sum, { errors }) => sum + failedOf(errors), 0),
        p99: timed.length === 0 ? null : Math.max(...timed.map(({ p99 }) => p99 ?? 0)),
      }
    })
}
