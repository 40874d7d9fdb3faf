import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { VirtualItem } from '@tanstack/react-virtual'
import { useProject } from '../../frame/project.ts'
import { comparison as words } from '../../strings/comparison.ts'
import { measure } from '../../ui/plot/measure.ts'
import { Ago } from '../../ui/time.tsx'
import { bestOf, deltaOf } from './comparison-rows.ts'
import type { ComparedRow, Section } from './comparison-rows.ts'
import css from './comparison.module.css'
import { inColour } from './run-look.ts'
import type { RunLook } from './run-look.ts'

const ROW = 33
const HEAD = 50
const COLUMN = 200

interface GridProps {
  readonly looks: readonly RunLook[]
  readonly rows: readonly ComparedRow[]
  /** The run that differences are told against, by its place. */
  readonly base: number
}

type Line = { readonly is: 'section'; readonly section: Section } | { readonly is: 'row'; readonly row: ComparedRow }

/** Rows with a heading above each section. */
function linesOf(rows: readonly ComparedRow[]): Line[] {
  return rows.flatMap((row, at): Line[] => [
    ...(row.section === rows[at - 1]?.section ? [] : [{ is: 'section', section: row.section } as const]),
    { is: 'row', row },
  ])
}

/** What each run has, runs side by side. Only what is in sight is in the page, both ways. */
export function ComparisonGrid({ looks, rows, base }: GridProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => linesOf(rows), [rows])
  const room = scroll.current?.clientWidth ?? window.innerWidth
  const keyWidth = room < 700 ? 140 : 220
  // Few runs share the width that there is.
  const columnWidth = Math.max(COLUMN, Math.min((room - keyWidth) / looks.length, 420))
  const down = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
    paddingStart: 0,
    scrollMargin: HEAD,
  })
  const across = useVirtualizer({
    horizontal: true,
    count: looks.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => columnWidth,
    overscan: 2,
    paddingStart: keyWidth,
  })
  const columns = across.getVirtualItems()
  const width = keyWidth + columnWidth * looks.length
  return (
    <div ref={scroll} className={css.grid} tabIndex={0} role="region" aria-label={words.table}>
      <div
        role="table"
        aria-label={words.table}
        aria-rowcount={lines.length + 1}
        aria-colcount={looks.length + 1}
        className={css.table}
        style={{ width, height: lines.length * ROW + HEAD }}
      >
        <Head {...{ looks, columns, width, keyWidth }} />
        {down.getVirtualItems().map(({ index, start }) => (
          <LineOf key={index} line={lines[index]!} at={index} top={start} {...{ columns, width, keyWidth, base }} />
        ))}
      </div>
    </div>
  )
}

interface Sight {
  readonly columns: readonly VirtualItem[]
  readonly width: number
  readonly keyWidth: number
}

function Head({ looks, columns, width, keyWidth }: Sight & Pick<GridProps, 'looks'>) {
  const project = useProject()
  return (
    <div role="row" aria-rowindex={1} className={css.head} style={{ width }}>
      <span role="columnheader" aria-colindex={1} className={css.key} style={{ width: keyWidth }}>
        <span className="heard-only">{words.name}</span>
      </span>
      {columns.map(({ index, start, size }) => {
        const { run, colour } = looks[index]!
        return (
          <span
            key={run.id}
            role="columnheader"
            aria-colindex={index + 2}
            className={`${css.cell} ${css.runName}`}
            style={{ left: start, width: size }}
          >
            <span className="row">
              <i className={css.swatch} style={inColour(colour)} aria-hidden />
              <Link to="/p/$project/runs/$run" params={{ project, run: run.id }} className="cut" title={run.name}>
                <b>{run.name}</b>
              </Link>
            </span>
            <small className="dim cut">
              {run.user !== '' && `${run.user}, `}
              <Ago at={run.startedAt} />
            </small>
          </span>
        )
      })}
    </div>
  )
}

function LineOf({
  line,
  at,
  top,
  columns,
  width,
  keyWidth,
  base,
}: Sight & { line: Line; at: number; top: number; base: number }) {
  const style = { width, height: ROW, transform: `translateY(${top}px)` }
  if (line.is === 'section')
    return (
      <div role="row" aria-rowindex={at + 2} className={`${css.line} ${css.section}`} style={style}>
        <span role="rowheader" aria-colindex={1} className={css.key} style={{ width: 'fit-content' }}>
          {words.sections[line.section]}
        </span>
      </div>
    )
  const { row } = line
  const best = bestOf(row)
  return (
    <div role="row" aria-rowindex={at + 2} className={css.line} style={style}>
      <span role="rowheader" aria-colindex={1} className={css.key} style={{ width: keyWidth }} title={row.key}>
        <span className="cut">{row.key}</span>
      </span>
      {columns.map(({ index, start, size }) => (
        <span
          key={index}
          role="cell"
          aria-colindex={index + 2}
          className={`${css.cell} ${row.numbers === undefined && row.values[index] !== row.values[base] ? css.differs : ''}`}
          style={{ left: start, width: size }}
        >
          <Value row={row} at={index} base={base} isBest={best.has(index)} />
        </span>
      ))}
    </div>
  )
}

function Value({ row, at, base, isBest }: { row: ComparedRow; at: number; base: number; isBest: boolean }) {
  const text = row.values[at]
  if (text === undefined) return <span className="faint">{words.absent}</span>
  const number = row.numbers?.[at]
  if (number === undefined)
    return (
      <span className="cut" title={text}>
        {text}
      </span>
    )
  const delta = deltaOf(row, at, base)
  return (
    <>
      <span className="num" title={text}>
        {isBest ? <b>{measure(number)}</b> : measure(number)}
      </span>
      {isBest && <span className={css.best}>{words.best}</span>}
      {delta !== undefined && delta !== 0 && (
        <span className={`${css.delta} num`}>
          {delta > 0 ? '+' : '−'}
          {measure(Math.abs(delta))}
        </span>
      )}
    </>
  )
}
