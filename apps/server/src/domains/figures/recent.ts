import type { Figure, VersionNumber } from '@stead/contracts'
import { mergeFigures } from './figure.ts'

export interface RecentFigure {
  readonly version: VersionNumber
  readonly at: number
  readonly figure: Figure
}

interface Series {
  /** The second `at` lies at `at` modulo the reach, so a series never grows beyond it. */
  readonly ring: Array<{ at: number; figure: Figure } | undefined>
  newest: number
}

/** Series there may be at once; the one that was quiet longest makes room for another. */
const MOST_SERIES = 1000

export type Recent = ReturnType<typeof createRecent>

/** Figures by the second, in memory and bounded: the last `reach` seconds of each version of each deployment. */
export function createRecent(reach: number) {
  const all = new Map<string, Map<VersionNumber, Series>>()
  let size = 0

  function forget(deploymentId: string, version: VersionNumber): void {
    const versions = all.get(deploymentId)
    if (versions?.delete(version)) size -= 1
    if (versions?.size === 0) all.delete(deploymentId)
  }

  const entries = () =>
    [...all].flatMap(([id, versions]) => [...versions].map(([version, { newest }]) => ({ id, version, newest })))

  function seriesOf(deploymentId: string, version: VersionNumber): Series {
    const known = all.get(deploymentId)?.get(version)
    if (known) return known
    if (size >= MOST_SERIES) {
      const [quietest] = entries().toSorted((a, b) => a.newest - b.newest)
      if (quietest) forget(quietest.id, quietest.version)
    }
    const series: Series = { ring: [], newest: 0 }
    const versions = all.get(deploymentId) ?? new Map<VersionNumber, Series>()
    all.set(deploymentId, versions.set(version, series))
    size += 1
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
      const versions = [...(all.get(deploymentId) ?? [])].toSorted(([a], [b]) => a - b)
      const found: RecentFigure[] = []
      for (let at = Math.max(from, to - reach, 0); at < to && versions.length > 0; at++)
        for (const [version, { ring }] of versions) {
          const point = ring[at % reach]
          if (point?.at === at) found.push({ version, at, figure: point.figure })
        }
      return found
    },
    forgetBefore(at: number): void {
      for (const [id, versions] of all)
        for (const [version, { newest }] of versions) if (newest < at) forget(id, version)
    },
    clear() {
      all.clear()
      size = 0
    },
  }
}
