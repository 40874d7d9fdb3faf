import { deploymentFigures } from '@stead/contracts'
import type { Deployment, DeploymentName, FigurePoint, Lane, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import { client } from '../../live/client.ts'
import { useLiveFigures, useLiveState } from '../../live/live.tsx'
import { readings } from '../../live/stale.ts'
import { useBoard } from '../../ui/chart/board.ts'
import type { Span } from '../../ui/chart/board.ts'
import { RANGES, textOf } from './live-ranges.ts'
import type { RangeName, Step } from './live-ranges.ts'
import { rolesOf } from './live-roles.ts'
import { createScene, learnSkew, newestComplete, serverNow } from './live-scene.ts'
import type { BlindSpan, Scene } from './live-scene.ts'

export interface LiveHistory {
  readonly scene: Scene
  readonly reading: UseQueryResult<FigurePoint[]>
  /** What the charts have lines for; these lists are other ones only when they say something else. */
  readonly versions: readonly number[]
  readonly codes: readonly number[]
  readonly blindSpans: readonly BlindSpan[]
  readonly isLive: boolean
}

/** The figures of a range, read once and then followed: second by second, or bucket by bucket as they fill. */
export function useLiveHistory(
  { project, name, table, createdAt, urls }: Deployment,
  lane: Lane | undefined,
  range: RangeName,
  selected: Span | undefined,
): LiveHistory {
  const isConnected = useLiveState().live !== false
  const hasRunner = urls.length > 0
  const roles = useMemo(() => rolesOf(lane, table, createdAt), [lane, table, createdAt])
  const scene = useMemo(() => createScene(range, selected), [range, selected])
  const { picture, board, step } = scene
  const reading = useFigures(project, name, scene)
  const points = reading.data

  useEffect(() => {
    if (!points) return
    picture.clear()
    picture.take(points)
    picture.rewrite(roles)
    if (!selected) picture.advance(newestComplete(step))
    board.refresh()
  }, [points, roles, picture, board, step, selected])

  useEffect(
    () => scene.see(!isConnected ? 'notLive' : !hasRunner ? 'noRunner' : undefined),
    [scene, isConnected, hasRunner],
  )
  const onFigures = useCallback(
    (told: readonly FigurePoint[]) => {
      if (step !== 1 || selected) return
      const newest = Math.max(...told.map(({ at }) => at))
      learnSkew(newest)
      picture.take(told)
      picture.advance(newest)
      board.refresh()
    },
    [picture, board, step, selected],
  )
  useLiveFigures(name, onFigures)
  useFollowing(project, name, scene, isConnected, hasRunner)
  return {
    scene,
    reading,
    versions: useBoard(board, () => picture.versions()),
    codes: useBoard(board, () => picture.codes()),
    blindSpans: useBoard(board, () => scene.blindSpans()),
    isLive: isConnected && !selected,
  }
}

/** What there is to read of a scene when it begins. */
function useFigures(project: ProjectName, deployment: DeploymentName, { step, range, selected }: Scene) {
  return useQuery({
    queryKey: [...readings.figures(project, deployment), step, selected ? textOf(selected) : range],
    queryFn: async ({ signal }) => {
      const from = Math.floor(selected?.from ?? serverNow() - RANGES[range].seconds - step)
      const read = async (size: Step) => {
        const query = { step: size, from, ...(selected ? { to: Math.ceil(selected.to) + size } : {}) }
        return (await client.call(deploymentFigures, { params: { project, deployment }, query, signal })).points
      }
      if (step > 1) return read(step)
      const [fine, coarse] = await Promise.all([read(1), read(10)])
      return [...fine, ...spreadOut(coarse, fine)]
    },
    // What was read before has a hole since then.
    staleTime: 0,
    gcTime: 0,
  })
}

/** Single seconds are forgotten when the server starts anew; steps of ten are kept, and stand in for theirs. */
function spreadOut(coarse: readonly FigurePoint[], fine: readonly FigurePoint[]): FigurePoint[] {
  const known = new Set(fine.map(({ at }) => at - (at % 10)))
  return coarse
    .filter(({ at }) => !known.has(at))
    .flatMap((point) => {
      const errors = Object.fromEntries(Object.entries(point.errors).map(([kind, count]) => [kind, count / 10]))
      const { requests, rows, executions } = point
      const tenth = { ...point, errors, requests: requests / 10, rows: rows / 10, executions: executions / 10 }
      return Array.from({ length: 10 }, (_, index) => ({ ...tenth, at: point.at + index }))
    })
}

/** Time goes on where nothing is asked, and coarser buckets fill up. */
function useFollowing(
  project: ProjectName,
  deployment: DeploymentName,
  { picture, board, step, selected }: Scene,
  isConnected: boolean,
  hasRunner: boolean,
): void {
  useEffect(() => {
    if (selected) return
    const gone = new AbortController()
    let isReading = false
    const follow = async () => {
      const end = newestComplete(step)
      if (!isConnected || end <= picture.last() || isReading) return board.refresh()
      if (step > 1) {
        isReading = true
        const query = { step, from: picture.last() + step, to: end + step }
        const call = { params: { project, deployment }, query, signal: gone.signal }
        const more = await client.call(deploymentFigures, call).catch(() => undefined)
        isReading = false
        if (!more || gone.signal.aborted) return
        picture.take(more.points)
      }
      picture.advance(end, !hasRunner)
      board.refresh()
    }
    const timer = setInterval(() => void follow(), step === 1 ? 1000 : 2000)
    return () => {
      clearInterval(timer)
      gone.abort()
    }
  }, [picture, board, step, selected, isConnected, hasRunner, project, deployment])
}
