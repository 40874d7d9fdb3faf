import { useEffect, useLayoutEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { charts as words } from '../../strings/charts.ts'
import { say } from '../../strings/message.ts'
import { rowInFocus, useFrames } from './board.ts'
import type { Board, Span } from './board.ts'
import { PLOT_LEFT, PLOT_RIGHT } from './chart.ts'
import type { Chart } from './chart.ts'
import css from './chart.module.css'
import figureCss from './figure.module.css'
import { createDrawing } from './drawing.ts'
import type { Drawing, Surroundings } from './drawing.ts'
import { usePointing } from './pointing.ts'
import { timeOfRow } from './ticks.ts'

interface PlotProps {
  readonly board: Board
  readonly around: Surroundings
  readonly width: number
  readonly onSelect: (span: Span) => void
  readonly onReset: () => void
  readonly tip: ReactNode
  readonly over?: ReactNode
}

/** One chart: its name with the figures of now or of the crosshair, and its lines. */
export function Plot({ board, around, width, onSelect, onReset, tip, over }: PlotProps) {
  const { chart } = around
  const place = useRef<HTMLDivElement>(null)
  const overlay = useRef<HTMLDivElement>(null)
  const drawing = useRef<Drawing>(undefined)
  const latest = useRef(around)
  useLayoutEffect(() => {
    latest.current = around
    board.refresh()
  })
  const looks = JSON.stringify([chart.height, chart.series])
  const hasRoom = width > PLOT_LEFT + PLOT_RIGHT + 20
  useLayoutEffect(() => {
    if (!hasRoom || !place.current) return
    const made = createDrawing(place.current, board, place.current.clientWidth, () => latest.current)
    drawing.current = made
    const off = board.onFrame((what) => {
      if (what === 'rows') made.draw()
      if (overlay.current) moveOverlay(overlay.current, board, latest.current.chart, made)
    })
    board.refresh()
    return () => {
      off()
      drawing.current = undefined
      made.remove()
    }
  }, [board, looks, hasRoom])
  useEffect(() => {
    drawing.current?.resize(width)
    board.refresh()
  }, [board, width])
  const pointing = usePointing(board, chart.id, onSelect)
  return (
    <figure className={css.chart}>
      <figcaption className={figureCss.caption}>
        <b>{chart.name}</b>
        <span className={figureCss.unit}>{chart.unit}</span>
        <Legend board={board} chart={chart} />
      </figcaption>
      <div className={css.area}>
        <PlotArea board={board} chart={chart} pointing={pointing} onReset={onReset}>
          <div ref={place} className={css.canvas} style={{ height: chart.height }} />
          <div ref={overlay} className={css.overlay} aria-hidden>
            <i className={css.selection} hidden />
            <i className={css.hair} hidden />
            {chart.series.map(({ id }) => (
              <i key={id} className={css.dot} hidden />
            ))}
          </div>
          {tip}
        </PlotArea>
        {over}
      </div>
    </figure>
  )
}

/** Hears like a slider over time: arrows move the crosshair, and the values there are told. */
function PlotArea({
  board,
  chart,
  pointing,
  onReset,
  children,
}: {
  board: Board
  chart: Chart
  pointing: ReturnType<typeof usePointing>
  onReset: () => void
  children: ReactNode
}) {
  useFrames(board)
  const { from, to } = board.span()
  const { times, step } = board.rows()
  const at = times[rowInFocus(board)] ?? to
  return (
    <div
      {...pointing}
      onDoubleClick={onReset}
      className={css.plot}
      role="slider"
      tabIndex={0}
      aria-label={say(words.crosshair, { chart: chart.name })}
      aria-valuemin={Math.round(from)}
      aria-valuemax={Math.round(to)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={say(words.valueText, {
        time: timeOfRow(at, step),
        values: valuesInFocus(board, chart)
          .map(({ label, value }) => say(words.oneValue, { series: label, value }))
          .join(', '),
      })}
    >
      {children}
    </div>
  )
}

function Legend({ board, chart }: { board: Board; chart: Chart }) {
  useFrames(board)
  return (
    <span className={figureCss.legend}>
      {valuesInFocus(board, chart).map(({ id, label, value, colour, dash }) => (
        <span key={id} className={css.entry}>
          <LineSample colour={colour} dash={dash} />
          {label} <b>{value}</b>
        </span>
      ))}
      {chart.bound && <span className={figureCss.unit}>{chart.bound.label}</span>}
    </span>
  )
}

export function LineSample({ colour, dash }: { colour: string; dash: readonly number[] | undefined }) {
  return (
    <svg viewBox="0 0 16 8" width="16" height="8" aria-hidden>
      <path d="M0 4h16" style={{ stroke: colour }} strokeWidth="2" strokeDasharray={dash?.join(' ')} fill="none" />
    </svg>
  )
}

/** The values of a chart at the crosshair, or the newest in sight, in words. */
export function valuesInFocus(board: Board, chart: Chart) {
  const rows = board.rows()
  const row = rowInFocus(board)
  return chart.series.map(({ id, label, colour, dash }) => {
    const value = rows.column(id)[row] ?? NaN
    return { id, label, colour, dash, value: Number.isNaN(value) ? words.none : chart.format(value) }
  })
}

/** Moves what floats over the lines without drawing the page anew. */
function moveOverlay(overlay: HTMLElement, board: Board, chart: Chart, drawing: Drawing): void {
  const [selection, hair, ...dots] = overlay.children as unknown as HTMLElement[]
  const { from, to } = board.span()
  const share = (at: number) => `${(((at - from) / (to - from)) * 100).toFixed(3)}%`
  const selected = board.selection()
  selection!.hidden = selected === undefined
  if (selected) {
    selection!.style.left = share(selected.from)
    selection!.style.width = `calc(${share(selected.to)} - ${share(selected.from)})`
  }
  const crosshair = board.crosshair()
  const isVisible = crosshair !== undefined && crosshair.at >= from && crosshair.at <= to
  hair!.hidden = !isVisible
  if (isVisible) hair!.style.left = share(crosshair.at)
  const row = rowInFocus(board)
  for (const [index, dot] of dots.entries()) {
    const value = board.rows().column(chart.series[index]?.id ?? '')[row] ?? NaN
    dot.hidden = !isVisible || Number.isNaN(value)
    if (dot.hidden) continue
    dot.style.left = share(crosshair!.at)
    dot.style.top = `${drawing.yOf(value)}px`
  }
}
