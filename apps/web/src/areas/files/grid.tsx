import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useMemo, useRef } from 'react'
import { files as words } from '../../strings/files.ts'
import { figureColumns } from './csv.ts'
import css from './grid.module.css'

const ROW = 28
const SAMPLE = 200
const CHAR = 7.3

type Cells = readonly string[]

/** Rows and columns of text, of which only what is in sight is in the page. */
export function Grid({ label, columns, rows }: { label: string; columns: Cells; rows: readonly Cells[] }) {
  const scroll = useRef<HTMLDivElement>(null)
  const gutter = Math.ceil(String(rows.length).length * CHAR) + 20
  const places = usePlaces(columns, rows, gutter)
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroll.current,
    estimateSize: (at) => places[at]?.width ?? 80,
    overscan: 2,
    paddingStart: gutter,
  })
  const shown = across.getVirtualItems()
  const range = { from: shown[0]?.index ?? 0, until: (shown.at(-1)?.index ?? -1) + 1, gutter, places }
  const width = across.getTotalSize()
  return (
    <div ref={scroll} className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        style={{ width, height: down.getTotalSize() + ROW }}
      >
        <div role="row" aria-rowindex={1} className={css.head} style={{ width }}>
          <span role="columnheader" aria-colindex={1} className={css.number} style={{ width: gutter }}>
            <span className="heard-only">{words.row}</span>
          </span>
          <RowCells role="columnheader" cells={columns} {...range} />
        </div>
        {down.getVirtualItems().map(({ index }) => (
          <GridRow key={index} at={index} cells={rows[index]!} width={width} {...range} />
        ))}
      </div>
    </div>
  )
}

interface Place {
  readonly left: number
  readonly width: number
  readonly isFigure: boolean
}

interface Range {
  readonly from: number
  readonly until: number
  readonly gutter: number
  readonly places: readonly Place[]
}

/** Where each column is, by what its first rows have: what comes in later does not move the columns. */
function usePlaces(columns: Cells, rows: readonly Cells[], gutter: number): readonly Place[] {
  return useMemo(() => {
    const sample = rows.slice(0, SAMPLE)
    const figures = figureColumns(sample, columns.length)
    const places: Place[] = []
    for (const [at, name] of columns.entries()) {
      const before = places.at(-1)
      const left = before ? before.left + before.width : gutter
      places.push({ left, width: widthOf([name, ...sample.map((row) => row[at] ?? '')]), isFigure: figures[at]! })
    }
    return places
  }, [columns, rows, gutter])
}

// While one scrolls, a row that stays is not drawn again.
const GridRow = memo(({ at, cells, width, ...range }: { at: number; cells: Cells; width: number } & Range) => (
  <div
    role="row"
    aria-rowindex={at + 2}
    className={css.row}
    style={{ width, transform: `translateY(${(at + 1) * ROW}px)` }}
  >
    <span role="rowheader" aria-colindex={1} className={css.number} style={{ width: range.gutter }}>
      {at + 1}
    </span>
    <RowCells role="cell" cells={cells} {...range} />
  </div>
))

const RowCells = ({ role, cells, from, until, places }: { role: 'cell' | 'columnheader'; cells: Cells } & Range) =>
  places.slice(from, until).map(({ left, width, isFigure }, nth) => (
    <span
      key={from + nth}
      role={role}
      aria-colindex={from + nth + 2}
      className={isFigure ? `${css.cell} ${css.figure}` : css.cell}
      style={{ left, width }}
      title={isLong(cells[from + nth], width) ? cells[from + nth] : undefined}
    >
      {cells[from + nth]}
    </span>
  ))

const isLong = (cell: string | undefined, width: number) => cell !== undefined && cell.length * CHAR > width - 20

/** Room for nearly all of the cells, within bounds. */
function widthOf(cells: Cells): number {
  const lengths = cells.map((cell) => Math.min(cell.length, 60)).toSorted((a, b) => a - b)
  const most = Math.max(lengths[Math.floor(lengths.length * 0.95)] ?? 0, Math.min(cells[0]!.length, 24))
  return Math.min(Math.max(Math.ceil(most * CHAR) + 22, 56), 380)
}
