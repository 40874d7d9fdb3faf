import { charts as words } from '../../strings/charts.ts'
import { say } from '../../strings/message.ts'
import { Table } from '../table.tsx'
import type { Column } from '../table.tsx'
import { useBoard } from './board.ts'
import type { Board } from './board.ts'
import type { Chart } from './chart.ts'
import { nearestRow } from './ring.ts'
import { timeOfRow } from './ticks.ts'

interface Row {
  readonly at: number
  readonly values: readonly number[]
}

/** All figures in sight, newest first. */
export function ChartTable({ board, charts }: { board: Board; charts: readonly Chart[] }) {
  const span = useBoard(board, (one) => one.span())
  const rows = board.rows()
  const columns = charts.flatMap((chart) => chart.series.map((series) => ({ chart, series })))
  const values = columns.map(({ series }) => rows.column(series.id))
  const shown: Row[] = []
  for (let row = nearestRow(rows, span.to); row >= Math.max(nearestRow(rows, span.from), 0); row--)
    shown.push({ at: rows.times[row]!, values: values.map((column) => column[row]!) })
  return (
    <Table
      label={words.rows}
      rows={shown}
      keyOf={({ at }) => String(at)}
      columns={[
        { id: 'at', title: words.time, phone: 'line', cell: ({ at }) => timeOfRow(at, rows.step) },
        ...columns.map(({ chart, series }, index): Column<Row> => ({
          id: series.id,
          title: say(words.column, { chart: chart.name, series: series.label }),
          align: 'end',
          cell: ({ values: all }) => (Number.isNaN(all[index]) ? words.none : chart.format(all[index]!)),
        })),
      ]}
    />
  )
}
