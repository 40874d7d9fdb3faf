import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode, RefObject } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { useKeys } from './keys.ts'
import css from './table.module.css'

export interface Column<Row> {
  readonly id: string
  readonly title: ReactNode
  /** The title in words, where it is not a text; labels the figure on a phone. */
  readonly heading?: string
  readonly align?: 'end'
  readonly width?: string
  readonly cell: (row: Row) => ReactNode
  /** Sortable by its heading. */
  readonly sorts?: boolean
  /** What becomes of it on a card: the first line, a labelled figure (the default), a full line, or nothing. */
  readonly phone?: 'name' | 'state' | 'figure' | 'line' | 'none'
}

export interface Sort {
  readonly by: string
  readonly down: boolean
}

interface TableProps<Row> {
  /** What the rows are, for those who hear the page. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly onOpen?: ((row: Row) => void) | undefined
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  readonly rowHeight?: number
  readonly isSelected?: (row: Row) => boolean
  readonly classOf?: (row: Row) => string | undefined
  /** Columns keep their widths whatever is in them: for rows that come and go while one scrolls. */
  readonly fixed?: boolean
  /** Called when the last rows come into sight. */
  readonly onEnd?: () => void
  /** Beyond a hundred rows: those that are in sight, once scrolling pauses. Must be stable. */
  readonly onSight?: ((rows: readonly Row[]) => void) | undefined
  /** A second row of its own below: an expanded part. */
  readonly below?: (row: Row) => ReactNode
}

const VIRTUAL_BEYOND = 100
const SIGHT_MS = 150

/** Rows of things. Only what is in sight is in the page beyond a hundred rows; on a phone each row is a card. */
export function Table<Row>(props: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const { columns, rows, label, onSort, sort, fixed } = props
  useRowKeys(body)
  return (
    <div className={css.scroll}>
      <table className={`${css.table} ${fixed ? css.fixed : ''}`} aria-label={label} aria-rowcount={rows.length + 1}>
        <colgroup>
          {columns.map(({ id, width }) => (
            <col key={id} width={width} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={column.align === 'end' ? css.end : ''}
                aria-sort={sort?.by === column.id ? (sort.down ? 'descending' : 'ascending') : undefined}
              >
                {column.sorts && onSort ? (
                  <button
                    type="button"
                    className={css.sort}
                    onClick={() => onSort({ by: column.id, down: sort?.by === column.id ? !sort.down : false })}
                  >
                    {column.title}
                    {sort?.by === column.id &&
                      (sort.down ? (
                        <ArrowDown aria-label={say(ui.sortedDown)} />
                      ) : (
                        <ArrowUp aria-label={say(ui.sortedUp)} />
                      ))}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        {rows.length > VIRTUAL_BEYOND ? <VirtualBody {...props} body={body} /> : <PlainBody {...props} body={body} />}
      </table>
    </div>
  )
}

type BodyProps<Row> = TableProps<Row> & { body: RefObject<HTMLTableSectionElement | null> }

function PlainBody<Row>({ body, onEnd, ...props }: BodyProps<Row>) {
  useLayoutEffect(() => onEnd?.(), [onEnd])
  return (
    <tbody ref={body}>
      {props.rows.map((row, index) => (
        <OneRow key={props.keyOf(row)} row={row} index={index} {...rowProps(props)} />
      ))}
    </tbody>
  )
}

function VirtualBody<Row>({ body, onEnd, ...props }: BodyProps<Row>) {
  const { rows, rowHeight = 34, onSight } = props
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY)
  }, [body])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useLayoutEffect(() => {
    if (last >= rows.length - 20) onEnd?.()
  }, [last, rows.length, onEnd])
  const first = items[0]?.index ?? 0
  useEffect(() => {
    const timer = setTimeout(() => onSight?.(rows.slice(first, last + 1)), SIGHT_MS)
    return () => clearTimeout(timer)
  }, [onSight, rows, first, last])
  const before = (items[0]?.start ?? top) - top
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  return (
    <tbody ref={body}>
      {before > 0 && <Spacer height={before} />}
      {items.map(({ index }) => {
        const row = rows[index]!
        return (
          <OneRow
            key={props.keyOf(row)}
            row={row}
            index={index}
            measure={virtual.measureElement}
            {...rowProps(props)}
          />
        )
      })}
      {after > 0 && <Spacer height={after} />}
    </tbody>
  )
}

const Spacer = ({ height }: { height: number }) => <tr aria-hidden className={css.spacer} style={{ height }} />

type RowProps<Row> = Omit<TableProps<Row>, 'rows' | 'label' | 'keyOf'> & {
  row: Row
  index: number
  measure?: (element: HTMLTableRowElement | null) => void
}

/** What concerns a single row: one whose row and columns stay is not drawn again while the list is scrolled. */
const rowProps = <Row,>({
  columns,
  onOpen,
  isSelected,
  classOf,
  below,
}: Pick<TableProps<Row>, 'columns' | 'onOpen' | 'isSelected' | 'classOf' | 'below'>) => ({
  columns,
  onOpen,
  ...(isSelected ? { isSelected } : {}),
  ...(classOf ? { classOf } : {}),
  ...(below ? { below } : {}),
})

const OneRow = memo(OneRowOf) as typeof OneRowOf

function OneRowOf<Row>({ row, index, columns, onOpen, isSelected, classOf, measure, below }: RowProps<Row>) {
  const more = below?.(row)
  return (
    <>
      <tr
        ref={measure}
        data-index={index}
        aria-rowindex={index + 2}
        tabIndex={-1}
        className={`${isSelected?.(row) ? css.selected : ''} ${onOpen ? css.opens : ''} ${classOf?.(row) ?? ''}`}
        onClick={onOpen && ((event) => isPlain(event.target, event.currentTarget) && onOpen(row))}
        onKeyDown={
          onOpen &&
          ((event: KeyboardEvent<HTMLTableRowElement>) =>
            event.target === event.currentTarget && (event.key === 'Enter' || event.key === 'o') && onOpen(row))
        }
      >
        {columns.map((column) => (
          <td
            key={column.id}
            className={`${column.align === 'end' ? css.end : ''} ${css[column.phone ?? 'figure'] ?? ''}`}
            data-label={column.heading ?? (typeof column.title === 'string' ? column.title : undefined)}
          >
            {column.cell(row)}
          </td>
        ))}
      </tr>
      {more !== undefined && more !== null && (
        <tr className={css.below}>
          <td colSpan={columns.length}>{more}</td>
        </tr>
      )}
    </>
  )
}

/** A click on the row itself, not on something in it that has a use of its own, nor in a menu that belongs to it. */
const isPlain = (target: EventTarget, row: Element) =>
  target instanceof Element &&
  row.contains(target) &&
  target.closest('a, button, input, label, select, textarea') === null &&
  getSelection()?.isCollapsed !== false

/** j and k, or the arrows on a focused row, go from row to row. */
function useRowKeys(body: RefObject<HTMLTableSectionElement | null>): void {
  const move = (step: 1 | -1) => {
    const rows = [...(body.current?.querySelectorAll<HTMLTableRowElement>('tr[data-index]') ?? [])]
    const at = rows.findIndex((row) => row.contains(document.activeElement))
    const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  const onRow = (step: 1 | -1) => (event: globalThis.KeyboardEvent) => {
    if (body.current?.contains(event.target as Node)) move(step)
    else window.scrollBy({ top: step * 60 })
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: onRow(1), ArrowUp: onRow(-1) })
}
