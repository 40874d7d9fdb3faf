import { useCallback, useMemo } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import { paintBands } from './contour-painting.ts'
import { interpolate } from './interpolation.ts'
import type { Pen } from './plane.ts'
import { PlotFigure } from './plot-figure.tsx'
import { axisWords, unitWords, withoutPlace } from './plot-items.ts'
import { PointPlane } from './point-plane.tsx'
import { Ramp } from './ramp.tsx'
import { scaleOf } from './scale.ts'
import type { Axis, Scale, Value } from './scale.ts'

export interface ContourItem {
  readonly id: string
  readonly label: string
  readonly x: Value
  readonly y: Value
  readonly z: Value
}

interface ContourPlotProps {
  /** "z over x and y" unless given. */
  readonly name?: string
  readonly x: Axis
  readonly y: Axis
  /** The value that is told by colour. */
  readonly z: Axis
  readonly items: readonly ContourItem[]
  readonly highlighted?: string | undefined
  readonly onHighlight?: (id: string | undefined) => void
  readonly height?: number
  readonly empty?: string
}

interface Scales {
  readonly x: Scale
  readonly y: Scale
  readonly z: Scale
}

/** Nodes of the grid, each way. */
const NODES = 56
/** Beyond this share of the plane from every item nothing is claimed. */
const REACH = 0.3

/** A value over two others: bands between the items, and the items themselves. */
export function ContourPlot({ x, y, z, items, height = 300, ...rest }: ContourPlotProps) {
  const name = rest.name ?? say(words.overPlane, { z: z.name, x: x.name, y: y.name })
  const scales = useMemo((): Scales => {
    const scale = (which: 'x' | 'y' | 'z', wanted: Axis['scale']) =>
      scaleOf(
        items.map((item) => item[which]),
        { scale: wanted },
        words.none,
      )
    return { x: scale('x', x.scale), y: scale('y', y.scale), z: scale('z', z.scale) }
  }, [items, x.scale, y.scale, z.scale])
  const surface = useMemo(() => surfaceOf(items, scales), [items, scales])
  const paint = useCallback((pen: Pen) => paintBands(pen, surface.grid, scales, surface.height), [surface, scales])
  const byId = useMemo(() => new Map(items.map((item) => [item.id, item])), [items])
  const axes = { x, y, z } as const
  const rowsOf = (id: string) =>
    (['z', 'x', 'y'] as const).map((which) => ({
      key: which,
      label: axes[which].name,
      value: scales[which].text(byId.get(id)?.[which]),
    }))
  const ends = [surface.height.min, surface.height.max].map((place) => scales.z.textAt(place))
  return (
    <PlotFigure
      name={name}
      unit={rest.name === undefined ? unitWords(y) : axisWords(y)}
      legend={surface.points.length > 0 && <Ramp name={axisWords(z)} low={ends[0]!} high={ends[1]!} />}
      notes={[
        ...withoutPlace(items.length - surface.points.length),
        ...(surface.grid.values.some(Number.isNaN) && surface.points.length > 0 ? [words.withoutHeight] : []),
      ]}
      table={() => <ContourTable {...{ name, axes, scales, items }} />}
    >
      <PointPlane
        label={name}
        x={scales.x}
        y={scales.y}
        xName={axisWords(x)}
        points={surface.points}
        paint={paint}
        empty={rest.empty ?? words.noItems}
        {...{ rowsOf, height }}
        highlighted={rest.highlighted}
        onHighlight={rest.onHighlight}
      />
    </PlotFigure>
  )
}

/** The items that have a place, and what lies between them. */
function surfaceOf(items: readonly ContourItem[], { x, y, z }: Scales) {
  const placed = items
    .map(({ id, label, ...at }) => ({ id, label, x: x.place(at.x), y: y.place(at.y), z: z.place(at.z) }))
    .filter((point) => !Number.isNaN(point.x + point.y + point.z))
  const share = (place: number, { min, max }: Scale) => (place - min) / (max - min)
  const grid = interpolate(
    placed.map((point) => ({ x: share(point.x, x), y: share(point.y, y), z: point.z })),
    NODES,
    REACH,
  )
  let [min, max] = [Infinity, -Infinity]
  for (const point of placed) {
    min = Math.min(min, point.z)
    max = Math.max(max, point.z)
  }
  return { grid, height: { min, max }, points: placed.map((point) => ({ ...point, colour: 'var(--text)' })) }
}

interface ContourTableProps {
  readonly name: string
  readonly axes: Readonly<Record<'x' | 'y' | 'z', Axis>>
  readonly scales: Scales
  readonly items: readonly ContourItem[]
}

function ContourTable({ name, axes, scales, items }: ContourTableProps) {
  return (
    <Table
      label={name}
      rows={items}
      keyOf={({ id }) => id}
      columns={[
        { id: 'name', title: words.item, phone: 'line', cell: ({ label }) => label },
        ...(['x', 'y', 'z'] as const).map((which) => ({
          id: which,
          title: axisWords(axes[which]),
          align: 'end' as const,
          cell: (item: ContourItem) => scales[which].text(item[which]),
        })),
      ]}
    />
  )
}
