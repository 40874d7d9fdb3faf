import type { RunId } from '@stead/contracts'
import { barScale } from './figures.ts'
import type { Cells } from './cells.ts'
import { textIn } from './cells.ts'

const MOST_RUNS = 500

/** Where the bars of each metric begin and end, by the runs that were read. */
export function scalesOf(
  columns: readonly string[],
  runs: readonly RunId[],
  cellsOf: (run: RunId) => Cells | undefined,
): ReadonlyMap<string, { readonly from: number; readonly to: number }> {
  const all = runs.slice(0, MOST_RUNS).flatMap((run) => cellsOf(run) ?? [])
  return new Map(
    columns.flatMap((id) => {
      if (!id.startsWith('metrics.')) return []
      const key = id.slice('metrics.'.length)
      const values = all.flatMap(({ metrics }) => (Object.hasOwn(metrics, key) ? [Number(metrics[key]!.value)] : []))
      const scale = barScale(values)
      return scale ? [[id, scale] as const] : []
    }),
  )
}

/** The columns under which the runs are not all the same; one that was not read yet is among them. */
export function differing(
  columns: readonly string[],
  runs: readonly RunId[],
  cellsOf: (run: RunId) => Cells | undefined,
  isKnown: (run: RunId, column: string) => boolean,
): string[] {
  return columns.filter((id) => {
    if (!id.includes('.')) return true
    if (runs.some((run) => !isKnown(run, id))) return true
    return new Set(runs.map((run) => textIn(cellsOf(run), id))).size > 1
  })
}
