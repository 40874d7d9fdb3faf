import type { RunId } from '@stead/contracts'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { RefObject } from 'react'
import { askedFor } from './columns.ts'
import { GridHead } from './grid-head.tsx'
import { RunRow } from './grid-row.tsx'
import type { Frame, RowActs } from './grid-row.tsx'
import { GroupRow, MoreRow, PinnedRow } from './group-rows.tsx'
import type { SortBy } from './look.ts'
import type { Row } from './rows.ts'
import type { Scale } from './run-cell.tsx'
import { MAIN } from './run-store.ts'
import type { RunStore } from './run-store.ts'
import css from './runs-grid.module.css'
import type { ShownColumn } from './shown-columns.ts'
import { useNarrow } from './use-narrow.ts'

interface GridProps {
  readonly label: string
  readonly project: string
  readonly store: RunStore
  readonly rows: readonly Row[]
  readonly columns: readonly ShownColumn[]
  readonly sort: readonly SortBy[]
  readonly onSort: (by: string, isMore: boolean) => void
  readonly scales: ReadonlyMap<string, Scale> | undefined
  readonly selected: ReadonlySet<string>
  readonly chosen: 'none' | 'some' | 'all'
  readonly onChooseAll: () => void
  readonly pins: readonly string[]
  /** The row that was reached last; -1 before. */
  readonly current: number
  readonly acts: RowActs
  readonly isOld: boolean
  readonly isNested: boolean
  /** Reads more when the end comes near. */
  readonly readsOn: boolean
  /** Hears whether the beginning is in sight. */
  readonly onTop: (isTop: boolean) => void
}

const SETTLE_MS = 60
const NEAR_END = 40
const STEP = 5

/** The table: only the rows and the columns that are in sight are in the page, and read. */
export function RunsGrid(props: GridProps) {
  const { label, rows, columns, sort, current, scales } = props
  const box = useRef<HTMLDivElement>(null)
  const isNarrow = useNarrow()
  const firstWidth = isNarrow ? 176 : 300
  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isNarrow ? 40 : 30),
    overscan: 10,
    scrollPaddingStart: 36,
    scrollPaddingEnd: 8,
  })
  const sideways = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => columns[index]?.width ?? 100,
    overscan: 2,
  })
  // Sizes are kept by index: other columns, other sizes.
  useEffect(() => sideways.measure(), [sideways, columns])
  useEffect(() => vertical.measure(), [vertical, isNarrow])
  const lines = vertical.getVirtualItems()
  const across = sideways.getVirtualItems()
  // In steps, so that the rows are not drawn again for each column that comes or goes.
  const from = Math.floor((across[0]?.index ?? 0) / STEP) * STEP
  const to = Math.min(Math.ceil(((across.at(-1)?.index ?? -1) + 1) / STEP) * STEP, columns.length)
  const gap = useMemo(() => columns.slice(0, from).reduce((sum, column) => sum + column.width, 0), [columns, from])
  const width = Math.max(firstWidth + sideways.getTotalSize(), box.current?.clientWidth ?? 0)
  // One row can be reached by Tab, also before any was.
  const stop = Math.min(Math.max(current, 0), rows.length - 1)
  const inSight = useMemo(() => columns.slice(from, to), [columns, from, to])
  useSight(props, lines[0]?.index ?? 0, (lines.at(-1)?.index ?? -1) + 1, inSight)
  useFocus(box, current, (index) => vertical.scrollToIndex(index))
  const scaleOf = useCallback((column: ShownColumn) => scales?.get(column.id), [scales])

  return (
    <div
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      aria-busy={props.isOld}
      className={css.grid}
      onScroll={(event) => props.onTop(event.currentTarget.scrollTop < 60)}
    >
      <GridHead
        columns={columns}
        from={from}
        to={to}
        gap={gap}
        width={width}
        firstWidth={firstWidth}
        sort={sort}
        onSort={props.onSort}
        chosen={props.chosen}
        onChooseAll={props.onChooseAll}
        scaleOf={scaleOf}
      />
      <div
        role="rowgroup"
        className={`${css.body} ${props.isOld ? css.old : ''}`}
        style={{ height: vertical.getTotalSize(), width }}
      >
        {lines.map(({ index, start, size }) => {
          const row = rows[index]
          const isCurrent = index === stop
          const frame = { index, top: start, height: size, width, firstWidth, gap, isCurrent }
          return (
            row && <GridLine key={row.key} row={row} grid={props} columns={inSight} firstColumn={from} frame={frame} />
          )
        })}
      </div>
    </div>
  )
}

function GridLine({
  row,
  grid,
  columns,
  firstColumn,
  frame,
}: {
  row: Row
  grid: GridProps
  columns: readonly ShownColumn[]
  firstColumn: number
  frame: Frame
}) {
  const { store, acts, sort } = grid
  const { index } = frame
  if (row.is === 'pinned') return <PinnedRow row={row} {...frame} />
  if (row.is === 'more')
    return <MoreRow row={row} list={store.list(row.list)} onMore={() => store.more(row.list)} {...frame} />
  if (row.is === 'group')
    return (
      <GroupRow
        row={row}
        columns={columns}
        firstColumn={firstColumn}
        sort={sort}
        onFold={() => acts.fold(index)}
        onFocus={() => acts.focus(index)}
        {...frame}
      />
    )
  const parts = row.isPinned ? 0 : (store.children(row.run) ?? 0)
  return (
    <RunRow
      project={grid.project}
      run={row.run}
      info={store.info(row.run)}
      cells={store.cells(row.run)}
      columns={columns}
      firstColumn={firstColumn}
      scales={grid.scales}
      depth={row.depth}
      parts={grid.isNested ? parts : undefined}
      isOpen={row.isOpen}
      isSelected={grid.selected.has(row.run)}
      isPinned={grid.pins.includes(row.run)}
      acts={acts}
      {...frame}
    />
  )
}

/** Says what is in sight once scrolling pauses, and reads on before the end comes. */
function useSight(
  { store, rows, isNested, readsOn, isOld }: GridProps,
  from: number,
  to: number,
  columns: readonly ShownColumn[],
): void {
  const runs = rows.slice(from, to).flatMap((row): RunId[] => (row.is === 'run' ? [row.run] : []))
  // As a text, which stays the same as long as the runs do.
  const names = [...new Set(runs)].join(' ')
  useEffect(() => {
    const timer = setTimeout(() => {
      const seen = names.split(' ').filter((name) => name !== '') as RunId[]
      const asked = columns.flatMap(({ id }) => askedFor(id) ?? [])
      store.want(seen, asked)
      if (isNested) store.wantChildren(seen)
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [store, names, columns, isNested])
  const isNearEnd = to >= rows.length - NEAR_END
  useEffect(() => {
    const list = store.list(MAIN)
    if (readsOn && isNearEnd && !isOld && list && !list.isReading && list.failure === undefined) store.more(MAIN)
  }, [store, readsOn, isNearEnd, isOld, rows])
}

/** The current row is focused when it was reached by a key, wherever it is. */
function useFocus(box: RefObject<HTMLDivElement | null>, current: number, scrollTo: (index: number) => void): void {
  const scroll = useRef(scrollTo)
  useEffect(() => {
    scroll.current = scrollTo
  })
  useEffect(() => {
    if (current < 0) return
    const focus = () => box.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)
    if (focus()?.contains(document.activeElement)) return
    scroll.current(current)
    // It may be drawn only after the scrolling.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => focus()?.focus({ preventScroll: true }))
    })
    return () => cancelAnimationFrame(frame)
  }, [box, current])
}
