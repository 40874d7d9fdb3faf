import type { RunRow } from '@stead/contracts'
import type { BoxGroup } from '../../ui/plot/box-plot.tsx'
import { colourAt } from '../../ui/plot/palette.ts'
import { valueOf } from './axes.ts'
import type { AxisId } from './axes.ts'

const natural = new Intl.Collator('en', { numeric: true })

/** The values of a metric by those of another column; runs that have no such column come last. */
export function groupsBy(
  runs: readonly RunRow[],
  metric: AxisId,
  by: AxisId | undefined,
  says: { readonly all: string; readonly none: string },
): BoxGroup[] {
  const nameOf = (run: RunRow) => {
    const value = by === undefined ? undefined : valueOf(run, by)
    return value === undefined || value === null ? undefined : String(value)
  }
  const groups = [...Map.groupBy(runs, nameOf)].toSorted(
    ([a], [b]) => Number(a === undefined) - Number(b === undefined) || natural.compare(a ?? '', b ?? ''),
  )
  return groups.map(([name, own], at) => ({
    id: name ?? '',
    label: name ?? (by === undefined ? says.all : says.none),
    values: own.flatMap((run) => {
      const value = valueOf(run, metric)
      return typeof value === 'number' ? [value] : []
    }),
    colour: colourAt(at),
  }))
}
