import type { Figure, VersionNumber } from '@stead/contracts'
import { mergeFigures } from './figure.ts'

export interface RecentFigure {
  readonly version: VersionNumber
  readonly at: number
  readonly figure: Figure
}

interface Series {
  readonly deploymentId: string
  readonly version: VersionNumber
  /** The second `at` lies at `at` modulo the reach, so a series never grows beyond it. */
  readonly ring: Array<{ at: number; figure: Figure } | undefined>
  newest: number
}

/** Series there may be at once; the one that was quiet longest makes room for another. */
const MOST_SERIES = 1000

/** Figures by the second, in memory and bounded: the last `reach` seconds of each version of each deployment. */
export function createRecent(reach: number) {
  const all = new Map<string, Series>()

  function seriesOf(deploymentId: string, version: VersionNumber): Series {
    const key = `${deploymentId} ${version}`
    const known = all.get(key)
    if (known) return known
    if (all.size >= MOST_SERIES) {
      const [quietest] = [...all].toSorted(([, a], [, b]) => a.newest - b.newest)
      if (quietest) all.delete(quietest[0])
    }
    const series: Series = { deploymentId, version, ring: [], newest: 0 }
    all.set(key, series)
    return series
  }

  return {
    add(deploymentId: string, version: VersionNumber, at: number, figure: Figure): void {
      const series = seriesOf(deploymentId, version)
      const before = series.ring[at % reach]
      series.ring[at % reach] = { at, figure: before?.at === at ? mergeFigures(before.figure, figure) : figure }
      series.newest = at
    },
    /** From `from` to before `to`, in order of time and version. */
    read(deploymentId: string, from: number, to: number): RecentFigure[] {
      return [...all.values()]
        .filter((series) => series.deploymentId === deploymentId)
        .flatMap(({ version, ring }) =>
          ring.flatMap((point) => (point && point.at >= from && point.at < to ? [{ version, ...point }] : [])),
        )
        .toSorted((a, b) => a.at - b.at || a.version - b.version)
    },
    forgetBefore(at: number): void {
      for (const [key, series] of all) if (series.newest < at) all.delete(key)
    },
    clear: () => all.clear(),
  }
}
