import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import type { ParallelLine, ParallelScene } from './parallel-scene.ts'
import { axisWords } from './plot-items.ts'

/** The items within the ranges, with all their values. */
export function ParallelTable({ name, scene: { axes, scales, lines } }: { name: string; scene: ParallelScene }) {
  return (
    <Table
      label={name}
      rows={lines.filter(({ isWithin }) => isWithin)}
      keyOf={({ item: { id } }) => id}
      columns={[
        { id: 'name', title: words.item, phone: 'line' as const, cell: ({ item }: ParallelLine) => item.label },
        ...axes.map((axis, index) => ({
          id: `axis-${axis.id}`,
          title: axisWords(axis),
          align: 'end' as const,
          cell: ({ item }: ParallelLine) => scales[index]!.text(item.values[index]),
        })),
      ]}
    />
  )
}
