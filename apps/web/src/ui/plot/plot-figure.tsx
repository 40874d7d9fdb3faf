import { useState } from 'react'
import type { ReactNode } from 'react'
import { plots as words } from '../../strings/plots.ts'
import { Button } from '../button.tsx'
import { FigureTip } from '../chart/figure-tip.tsx'
import figureCss from '../chart/figure.module.css'
import { LineSample } from '../chart/plot.tsx'
import { PLANE_BOTTOM, PLANE_RIGHT, PLANE_TOP } from './plane.ts'
import css from './plot.module.css'

interface PlotFigureProps {
  readonly name: string
  readonly unit?: string | undefined
  /** Beside the name: a legend, or what colours mean. */
  readonly legend?: ReactNode
  /** Below: what the picture leaves out. */
  readonly notes?: readonly string[]
  readonly acts?: ReactNode
  /** All figures; made only when asked for. */
  readonly table: () => ReactNode
  readonly children: ReactNode
}

/** A plot with its name, what it leaves out, and the same as a table. */
export function PlotFigure({ name, unit, legend, notes = [], acts, table, children }: PlotFigureProps) {
  const [asTable, setAsTable] = useState(false)
  return (
    <figure className={css.figure} aria-label={name}>
      <figcaption className={figureCss.caption}>
        <b className="wrap">{name}</b>
        {unit !== undefined && <span className={figureCss.unit}>{unit}</span>}
        {!asTable && legend}
      </figcaption>
      {asTable ? table() : children}
      <div className={css.foot}>
        <div className={css.notes}>
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </div>
        {!asTable && acts}
        <Button look="quiet" size="small" onClick={() => setAsTable(!asTable)}>
          {asTable ? words.showAsPlot : words.showAsTable}
        </Button>
      </div>
    </figure>
  )
}

/** A sentence where nothing is drawn; the axes stay around it. */
export function EmptyPlane({ left, children }: { left: number; children: ReactNode }) {
  return (
    <div className={css.empty} style={{ inset: `${PLANE_TOP}px ${PLANE_RIGHT}px ${PLANE_BOTTOM}px ${left}px` }}>
      <span>{children}</span>
    </div>
  )
}

/** One figure of a tip. */
export interface TipRow {
  readonly key: string
  readonly label: string
  readonly value: string
  readonly note?: string | undefined
  readonly colour?: string | undefined
  readonly dash?: readonly number[] | undefined
  readonly strong?: boolean
}

interface PlotTipProps {
  /** In pixels of the plot. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly head: string
  readonly rows: readonly TipRow[]
  readonly more?: string | undefined
}

/** The figures at the crosshair. */
export function PlotTip({ x, y, width, head, rows, more }: PlotTipProps) {
  return (
    <FigureTip x={`${x}px`} isBefore={x > width / 2} top={y - 12} head={head}>
      {rows.map(({ key, label, value, note, colour, dash, strong }) => (
        <div key={key} className={`${figureCss.tipRow} ${strong ? figureCss.strong : ''}`}>
          {colour !== undefined && <LineSample colour={colour} dash={dash} />}
          <span className="grow cut">{label}</span>
          {note !== undefined && <span className="faint">{note}</span>}
          <b>{value}</b>
        </div>
      ))}
      {more !== undefined && <div className="faint">{more}</div>}
    </FigureTip>
  )
}
