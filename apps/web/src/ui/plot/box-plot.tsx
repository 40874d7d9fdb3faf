import { useMemo } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import { measure } from './measure.ts'
import { REST } from './palette.ts'
import { PlotFigure } from './plot-figure.tsx'
import { unitWords } from './plot-items.ts'
import css from './plot.module.css'
import { boxOf } from './quantiles.ts'
import type { Box } from './quantiles.ts'
import { RowPlot } from './row-plot.tsx'
import type { PlotRow } from './row-plot.tsx'
import rowCss from './row-plot.module.css'
import { scaleOf } from './scale.ts'

export interface BoxGroup {
  readonly id: string
  readonly label: string
  readonly values: readonly number[]
  readonly colour?: string
}

interface BoxPlotProps {
  readonly name: string
  readonly unit?: string
  readonly groups: readonly BoxGroup[]
  readonly scale?: 'linear' | 'log'
  readonly highlighted?: string | undefined
  readonly onHighlight?: (id: string | undefined) => void
  readonly height?: number
  readonly empty?: string
}

interface Boxed {
  readonly group: BoxGroup
  readonly box: Box | undefined
}

const TICKS = 4
/** More lie upon one another. */
const MOST_OUTLIERS = 120

/** How the values of groups lie: quartiles, whiskers of 1.5 times the box, and what is beyond. */
export function BoxPlot({ name, unit, groups, scale, height = 320, empty, ...rest }: BoxPlotProps) {
  const boxes = useMemo(() => groups.map((group) => ({ group, box: boxOf(group.values) })), [groups])
  const axis = useMemo(
    () =>
      scaleOf(
        groups.flatMap(({ values }) => values),
        { scale },
      ),
    [groups, scale],
  )
  const shareOf = (place: number) => ((place - axis.min) / (axis.max - axis.min)) * 100
  const placeOf = (value: number) => {
    const place = axis.place(value)
    return shareOf(Number.isNaN(place) ? axis.min : place)
  }
  const rows = boxes.map(({ group, box }): PlotRow => ({
    id: group.id,
    label: group.label,
    figure: box ? measure(box.median) : words.none,
    says: box
      ? say(words.oneBox, {
          label: group.label,
          median: measure(box.median),
          count: box.count,
          quarter: measure(box.quarter),
          threeQuarters: measure(box.threeQuarters),
        })
      : say(words.noFinite, { label: group.label }),
    mark: box && <BoxMark box={box} colour={group.colour ?? REST} placeOf={placeOf} />,
  }))
  return (
    <PlotFigure name={name} unit={unitWords({ unit, scale })} table={() => <BoxTable name={name} boxes={boxes} />}>
      {groups.length === 0 ? (
        <p className={css.nothing}>{empty ?? words.noItems}</p>
      ) : (
        <RowPlot label={name} ticks={axis.ticks(TICKS)} {...{ rows, shareOf, height, ...rest }} />
      )}
    </PlotFigure>
  )
}

function BoxMark({ box, colour, placeOf }: { box: Box; colour: string; placeOf: (value: number) => number }) {
  const between = (from: number, to: number) => ({
    left: `${placeOf(from)}%`,
    width: `${placeOf(to) - placeOf(from)}%`,
    color: colour,
  })
  const step = Math.ceil(box.outliers.length / MOST_OUTLIERS)
  const outliers = box.outliers.filter((_, index) => index % step === 0 || index === box.outliers.length - 1)
  return (
    <>
      <i className={rowCss.whisker} style={between(box.low, box.high)} />
      <i className={rowCss.quartiles} style={between(box.quarter, box.threeQuarters)} />
      <i className={rowCss.median} style={{ left: `${placeOf(box.median)}%`, color: colour }} />
      {outliers.map((value, index) => (
        <i key={index} className={rowCss.outlier} style={{ left: `${placeOf(value)}%`, color: colour }} />
      ))}
    </>
  )
}

function BoxTable({ name, boxes }: { name: string; boxes: readonly Boxed[] }) {
  const figure = (title: string, read: (box: Box) => number) => ({
    id: title,
    title,
    align: 'end' as const,
    cell: ({ box }: Boxed) => (box ? measure(read(box)) : words.none),
  })
  return (
    <Table
      label={name}
      rows={boxes}
      keyOf={({ group: { id } }) => id}
      columns={[
        { id: 'name', title: words.item, phone: 'line', cell: ({ group: { label } }) => label },
        figure(words.count, ({ count }) => count),
        figure(words.lowest, ({ low, outliers }) => Math.min(low, outliers[0] ?? low)),
        figure(words.quarter, ({ quarter }) => quarter),
        figure(words.median, ({ median }) => median),
        figure(words.threeQuarters, ({ threeQuarters }) => threeQuarters),
        figure(words.highest, ({ high, outliers }) => Math.max(high, outliers.at(-1) ?? high)),
        figure(words.outliers, ({ outliers }) => outliers.length),
        figure(words.notNumbers, ({ left }) => left),
      ]}
    />
  )
}
