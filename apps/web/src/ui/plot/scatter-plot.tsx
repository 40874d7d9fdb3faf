import { useMemo } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import { REST } from './palette.ts'
import { PlotFigure } from './plot-figure.tsx'
import { axisWords, unitWords, withoutPlace } from './plot-items.ts'
import { PointPlane } from './point-plane.tsx'
import type { PlacedPoint } from './point-plane.tsx'
import { scaleOf } from './scale.ts'
import type { Axis, Scale, Value } from './scale.ts'

export interface ScatterItem {
  readonly id: string
  readonly label: string
  readonly x: Value
  readonly y: Value
  readonly colour?: string
}

interface ScatterPlotProps {
  /** "y against x" unless given. */
  readonly name?: string
  readonly x: Axis
  readonly y: Axis
  /** Up to some thousands. Those without a value on both axes are counted below. */
  readonly items: readonly ScatterItem[]
  readonly highlighted?: string | undefined
  readonly onHighlight?: (id: string | undefined) => void
  readonly height?: number
  readonly empty?: string
}

/** Items by two of their values. Words have a place each on their axis. */
export function ScatterPlot({ x, y, items, height = 260, ...rest }: ScatterPlotProps) {
  const name = rest.name ?? say(words.against, { y: y.name, x: x.name })
  const xScale = useScale(items, 'x', x.scale)
  const yScale = useScale(items, 'y', y.scale)
  const points = useMemo(
    () =>
      items
        .map((item): PlacedPoint => ({
          id: item.id,
          label: item.label,
          x: xScale.place(item.x),
          y: yScale.place(item.y),
          colour: item.colour ?? REST,
        }))
        .filter((point) => !Number.isNaN(point.x + point.y)),
    [items, xScale, yScale],
  )
  const byId = useMemo(() => new Map(items.map((item) => [item.id, item])), [items])
  const rowsOf = (id: string) => [
    { key: 'y', label: y.name, value: yScale.text(byId.get(id)?.y) },
    { key: 'x', label: x.name, value: xScale.text(byId.get(id)?.x) },
  ]
  return (
    <PlotFigure
      name={name}
      unit={rest.name === undefined ? unitWords(y) : axisWords(y)}
      notes={withoutPlace(items.length - points.length)}
      table={() => <ScatterTable {...{ name, x, y, items, xScale, yScale }} />}
    >
      <PointPlane
        label={name}
        x={xScale}
        y={yScale}
        xName={axisWords(x)}
        empty={rest.empty ?? words.noItems}
        {...{ points, rowsOf, height }}
        highlighted={rest.highlighted}
        onHighlight={rest.onHighlight}
      />
    </PlotFigure>
  )
}

const useScale = (items: readonly ScatterItem[], which: 'x' | 'y', scale: Axis['scale']): Scale =>
  useMemo(
    () =>
      scaleOf(
        items.map((item) => item[which]),
        { scale },
        words.none,
      ),
    [items, which, scale],
  )

interface ScatterTableProps extends Pick<ScatterPlotProps, 'x' | 'y' | 'items'> {
  readonly name: string
  readonly xScale: Scale
  readonly yScale: Scale
}

function ScatterTable({ name, x, y, items, xScale, yScale }: ScatterTableProps) {
  return (
    <Table
      label={name}
      rows={items}
      keyOf={({ id }) => id}
      columns={[
        { id: 'name', title: words.item, phone: 'line', cell: ({ label }) => label },
        { id: 'x', title: axisWords(x), align: 'end', cell: (item) => xScale.text(item.x) },
        { id: 'y', title: axisWords(y), align: 'end', cell: (item) => yScale.text(item.y) },
      ]}
    />
  )
}
