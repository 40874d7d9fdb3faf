import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { charts as words } from '../../strings/charts.ts'
import { Button } from '../button.tsx'
import 'uplot/dist/uPlot.min.css'
import { useBoard, useFrames } from './board.ts'
import type { Board, Span } from './board.ts'
import { PLOT_LEFT, PLOT_RIGHT } from './chart.ts'
import type { Chart, Gap, Marker } from './chart.ts'
import { ChartTable } from './chart-table.tsx'
import css from './chart.module.css'
import { FigureTip } from './figure-tip.tsx'
import figureCss from './figure.module.css'
import { onThemeChange } from './colours.ts'
import { LineSample, Plot, valuesInFocus } from './plot.tsx'
import { timeOfRow, timeTicks } from './ticks.ts'
import { useWidth } from './width.ts'

interface ChartStackProps {
  readonly label: string
  readonly board: Board
  readonly charts: readonly Chart[]
  readonly markers?: readonly Marker[]
  readonly gaps?: readonly Gap[]
  /** The newest row is of now. */
  readonly live: boolean
  /** What else the tip tells of a moment. */
  readonly noteOf?: (at: number) => string | undefined
  /** In the first plot, where nothing is to be drawn. */
  readonly empty?: ReactNode
  readonly onSelect: (span: Span) => void
  readonly onReset: () => void
  /** Above the charts, on the same time. */
  readonly rail?: ReactNode
}

const NO_MARKERS: readonly Marker[] = []
const NO_GAPS: readonly Gap[] = []

/** Charts above each other with one time, one crosshair and the same markers, or all of their figures as a table. */
export function ChartStack(props: ChartStackProps) {
  const { label, board, charts, live, rail, empty, markers = NO_MARKERS, gaps = NO_GAPS } = props
  const [stack, setStack] = useState<HTMLDivElement | null>(null)
  const [asTable, setAsTable] = useState(false)
  const width = useWidth(stack)
  useEffect(() => onThemeChange(() => board.refresh()), [board])
  const toggle = (
    <div className={css.foot}>
      <Button look="quiet" size="small" onClick={() => setAsTable(!asTable)}>
        {asTable ? words.showAsCharts : words.showAsTable}
      </Button>
    </div>
  )
  return (
    <div className={css.stack} role="group" aria-label={label}>
      {rail}
      {asTable ? (
        <>
          {toggle}
          <ChartTable board={board} charts={charts} />
        </>
      ) : (
        <div ref={setStack}>
          {charts.map((chart, index) => (
            <Plot
              key={chart.id}
              board={board}
              around={{ chart, markers, gaps, live }}
              width={width}
              onSelect={props.onSelect}
              onReset={props.onReset}
              tip={<CrosshairTip board={board} chart={chart} gaps={gaps} noteOf={props.noteOf} />}
              over={index === 0 && empty ? <div className={css.empty}>{empty}</div> : undefined}
            />
          ))}
          <TimeAxis board={board} live={live} width={width} />
        </div>
      )}
      {!asTable && toggle}
    </div>
  )
}

function TimeAxis({ board, live, width }: { board: Board; live: boolean; width: number }) {
  const { from, to } = useBoard(board, ({ span }) => span())
  const paused = useBoard(board, ({ pausedAt }) => pausedAt()) !== undefined
  const endsNow = live && !paused
  const ticks = timeTicks(from, to, Math.max(Math.floor(width / 110), 2))
  const share = (at: number) => (at - from) / (to - from)
  return (
    <div className={css.times} aria-hidden>
      {ticks
        .filter(({ at }) => share(at) > 0.02 && share(at) < (endsNow ? 0.93 : 0.99))
        .map(({ at, label }) => (
          <span key={at} style={{ left: `${share(at) * 100}%` }}>
            {label}
          </span>
        ))}
      {endsNow && <span className={css.now}>{words.now}</span>}
    </div>
  )
}

/** What the crosshair stands on: the time, and the figures of the chart it was moved in. */
function CrosshairTip({
  board,
  chart,
  gaps,
  noteOf,
}: {
  board: Board
  chart: Chart
  gaps: readonly Gap[]
  noteOf: ChartStackProps['noteOf']
}) {
  useFrames(board)
  const crosshair = board.crosshair()
  if (crosshair?.chart !== chart.id) return null
  const { from, to } = board.span()
  const share = (crosshair.at - from) / (to - from)
  if (share < 0 || share > 1) return null
  const gap = gaps.find((one) => crosshair.at >= one.from && crosshair.at < one.to)
  const note = noteOf?.(crosshair.at)
  return (
    <FigureTip
      x={`${PLOT_LEFT}px + (100% - ${PLOT_LEFT + PLOT_RIGHT}px) * ${share}`}
      isBefore={share > 0.5}
      top={(crosshair.y ?? 12) - 8}
      head={
        <>
          {timeOfRow(crosshair.at, board.rows().step)}
          {note !== undefined && ` · ${note}`}
        </>
      }
    >
      {gap ? (
        <div>{gap.says}</div>
      ) : (
        valuesInFocus(board, chart).map(({ id, label, value, colour, dash }) => (
          <div key={id} className={figureCss.tipRow}>
            <LineSample colour={colour} dash={dash} />
            <span className="grow">{label}</span>
            <b>{value}</b>
          </div>
        ))
      )}
    </FigureTip>
  )
}
