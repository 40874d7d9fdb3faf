import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import type { LineSeries } from './line-scene.ts'
import { isDrawable, measure } from './measure.ts'

interface Summary {
  readonly series: LineSeries
  readonly last: number
  readonly lastStep: number
  readonly lowest: number
  readonly highest: number
  readonly notNumbers: number
}

/** What each line says in figures. */
export function LineTable({ name, series }: { name: string; series: readonly LineSeries[] }) {
  const orNone = (value: number) => (Number.isFinite(value) ? measure(value) : words.none)
  return (
    <Table
      label={name}
      rows={series.map(summaryOf)}
      keyOf={({ series: { id } }) => id}
      columns={[
        { id: 'series', title: words.series, phone: 'line', cell: ({ series: { label } }) => label },
        {
          id: 'last',
          title: words.last,
          align: 'end',
          cell: ({ last, series: { points } }) => (points.values.length > 0 ? measure(last) : words.none),
        },
        { id: 'step', title: words.step, align: 'end', cell: ({ lastStep }) => orNone(lastStep) },
        { id: 'lowest', title: words.lowest, align: 'end', cell: ({ lowest }) => orNone(lowest) },
        { id: 'highest', title: words.highest, align: 'end', cell: ({ highest }) => orNone(highest) },
        { id: 'points', title: words.points, align: 'end', cell: (row) => measure(row.series.points.values.length) },
        { id: 'not', title: words.notNumbers, align: 'end', cell: ({ notNumbers }) => measure(notNumbers) },
      ]}
    />
  )
}

function summaryOf(series: LineSeries): Summary {
  const { values, steps } = series.points
  let [lowest, highest, notNumbers, last] = [Infinity, -Infinity, 0, 0]
  for (let row = 0; row < values.length; row++) {
    if (steps[row]! >= steps[last]!) last = row
    if (!isDrawable(values[row]!)) notNumbers += 1
    else {
      lowest = Math.min(lowest, values[row]!)
      highest = Math.max(highest, values[row]!)
    }
  }
  return { series, last: values[last] ?? NaN, lastStep: steps[last] ?? NaN, lowest, highest, notNumbers }
}
