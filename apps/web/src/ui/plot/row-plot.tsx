import { useId, useRef, useState } from 'react'
import type { CSSProperties, KeyboardEvent, ReactNode } from 'react'
import css from './row-plot.module.css'
import type { Tick } from './ticks.ts'

/** One line of a plot with a name at its left. */
export interface PlotRow {
  readonly id: string
  readonly label: string
  /** At the right end. */
  readonly figure: string
  /** The whole row in words. */
  readonly says: string
  /** Within the track: left and right in per cent of its width. */
  readonly mark: ReactNode
}

interface RowPlotProps {
  readonly label: string
  readonly rows: readonly PlotRow[]
  readonly ticks: readonly Tick[]
  /** Where a value lies on the track, in per cent. */
  readonly shareOf: (value: number) => number
  /** Of the whole; more rows than fit are scrolled. */
  readonly height: number
  readonly highlighted?: string | undefined
  readonly onHighlight?: ((id: string | undefined) => void) | undefined
}

const ROW = 26
const AXIS = 22
/** Rows beyond both edges that are there already when they come into sight. */
const SPARE = 6

/** Rows of names and marks above one axis. Only those in sight are in the page; arrow keys go from row to row. */
export function RowPlot({ label, rows, ticks, shareOf, height, highlighted, onHighlight }: RowPlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const own = useId()
  const [top, setTop] = useState(0)
  const [focus, setFocus] = useState(0)
  const active = Math.min(focus, rows.length - 1)
  const first = Math.max(Math.floor(top / ROW) - SPARE, 0)
  const last = Math.min(Math.ceil((top + height) / ROW) + SPARE, rows.length - 1)
  const shown = rows.slice(first, last + 1).map((row, index) => ({ row, index: first + index }))
  // The option that is told must be in the page, wherever one has scrolled to.
  if (active >= 0 && (active < first || active > last)) shown.push({ row: rows[active]!, index: active })

  const go = (index: number) => {
    const next = Math.min(Math.max(index, 0), rows.length - 1)
    setFocus(next)
    const view = box.current
    if (!view) return
    const room = view.clientHeight - AXIS
    if (next * ROW < view.scrollTop) view.scrollTop = next * ROW
    else if ((next + 1) * ROW > view.scrollTop + room) view.scrollTop = (next + 1) * ROW - room
  }
  const choose = (index: number) => {
    const id = rows[index]?.id
    setFocus(index)
    onHighlight?.(id === highlighted ? undefined : id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(Math.floor((height - AXIS) / ROW) - 1, 1)
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -rows.length, End: rows.length }
    const by = Object.entries(step).find(([key]) => key === event.key)?.[1]
    if (by !== undefined) go(active + by)
    else if (event.key === 'Enter' && onHighlight) choose(active)
    else return
    event.preventDefault()
  }
  const idOf = (index: number) => `${own}-${index}`
  return (
    <div
      ref={box}
      className={css.box}
      style={{ maxHeight: height }}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={active >= 0 ? idOf(active) : undefined}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div className={css.rows} style={{ height: rows.length * ROW }} role="presentation">
        <Lines ticks={ticks} shareOf={shareOf} />
        {shown.map(({ row, index }) => (
          <OneRow
            key={row.id}
            id={idOf(index)}
            row={row}
            index={index}
            count={rows.length}
            isActive={index === active}
            isChosen={row.id === highlighted}
            onChoose={onHighlight && (() => choose(index))}
          />
        ))}
      </div>
      <Labels ticks={ticks} shareOf={shareOf} />
    </div>
  )
}

function Lines({ ticks, shareOf }: Pick<RowPlotProps, 'ticks' | 'shareOf'>) {
  return (
    <div className={css.lines} aria-hidden>
      {ticks.map(({ at }) => (
        <i key={at} style={{ left: `${shareOf(at)}%` }} />
      ))}
    </div>
  )
}

function Labels({ ticks, shareOf }: Pick<RowPlotProps, 'ticks' | 'shareOf'>) {
  return (
    <div className={css.axis} aria-hidden>
      {ticks.map(({ at, label }) => (
        <span key={at} style={{ '--at': shareOf(at) } as CSSProperties}>
          {label}
        </span>
      ))}
    </div>
  )
}

interface OneRowProps {
  readonly id: string
  readonly row: PlotRow
  readonly index: number
  readonly count: number
  readonly isActive: boolean
  readonly isChosen: boolean
  readonly onChoose: (() => void) | undefined
}

function OneRow({ id, row, index, count, isActive, isChosen, onChoose }: OneRowProps) {
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      aria-setsize={count}
      aria-posinset={index + 1}
      title={row.says}
      className={`${css.row} ${isActive ? css.active : ''} ${onChoose ? css.opens : ''}`}
      style={{ top: index * ROW }}
      onClick={onChoose}
    >
      <span className="heard-only">{row.says}</span>
      <span className={`${css.name} cut`} aria-hidden>
        {row.label}
      </span>
      <span className={css.track}>{row.mark}</span>
      <b className={css.value} aria-hidden>
        {row.figure}
      </b>
    </div>
  )
}
