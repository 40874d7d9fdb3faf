import { useMemo } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Table } from '../table.tsx'
import { isDrawable, measure } from './measure.ts'
import { REST } from './palette.ts'
import { PlotFigure } from './plot-figure.tsx'
import css from './plot.module.css'
import { RowPlot } from './row-plot.tsx'
import type { PlotRow } from './row-plot.tsx'
import rowCss from './row-plot.module.css'
import { scaleOf } from './scale.ts'

export interface Bar {
  readonly id: string
  readonly label: string
  /** Not finite or absent: no bar, and the figure says so. */
  readonly value: number | null
  readonly colour?: string
}

interface BarPlotProps {
  readonly name: string
  readonly unit?: string
  /** In the order in which they stand; thousands are scrolled. */
  readonly bars: readonly Bar[]
  /** Where bars begin, told beside the unit; 0 unless given. */
  readonly from?: number
  readonly highlighted?: string | undefined
  readonly onHighlight?: (id: string | undefined) => void
  readonly height?: number
  readonly empty?: string
}

const TICKS = 4

/** One value of each of many things, as bars with their names. */
export function BarPlot({ name, unit, bars, from = 0, highlighted, onHighlight, height = 320, empty }: BarPlotProps) {
  const scale = useMemo(() => scaleOf([from, ...bars.map(({ value }) => value)], {}), [bars, from])
  const values = bars.map(({ value }) => value ?? from)
  const min = values.every((value) => !(value < from)) ? from : scale.min
  const max = values.every((value) => !(value > from)) && min < from ? from : scale.max
  const shareOf = (value: number) => ((value - min) / (max - min)) * 100
  const ticks = scale.ticks(TICKS).filter(({ at }) => at >= min && at <= max)
  const note = from === 0 ? undefined : say(words.barsFrom, { value: measure(from) })
  const rows = bars.map((bar): PlotRow => {
    const figure = bar.value === null ? words.none : measure(bar.value)
    return {
      id: bar.id,
      label: bar.label,
      figure,
      says: say(words.oneBar, { label: bar.label, value: figure }),
      mark: <BarMark {...bar} from={shareOf(from)} to={shareOf(bar.value ?? NaN)} />,
    }
  })
  return (
    <PlotFigure
      name={name}
      unit={[unit, note].filter(Boolean).join(', ') || undefined}
      table={() => <BarTable name={name} bars={bars} />}
    >
      {bars.length === 0 ? (
        <p className={css.nothing}>{empty ?? words.noItems}</p>
      ) : (
        <RowPlot label={name} ticks={ticks} {...{ rows, shareOf, height, highlighted, onHighlight }} />
      )}
    </PlotFigure>
  )
}

function BarMark({ value, colour = REST, from, to }: Bar & { readonly from: number; readonly to: number }) {
  if (value === null || !isDrawable(value)) return null
  return (
    <i
      className={rowCss.bar}
      style={{ left: `${Math.min(from, to)}%`, width: `${Math.abs(to - from)}%`, background: colour }}
    />
  )
}

function BarTable({ name, bars }: Pick<BarPlotProps, 'name' | 'bars'>) {
  return (
    <Table
      label={name}
      rows={bars}
      keyOf={({ id }) => id}
      columns={[
        { id: 'name', title: words.item, phone: 'line', cell: ({ label }) => label },
        {
          id: 'value',
          title: words.value,
          align: 'end',
          cell: ({ value }) => (value === null ? words.none : measure(value)),
        },
      ]}
    />
  )
}
