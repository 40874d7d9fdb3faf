import { ArrowDown, ArrowUp } from 'lucide-react'
import { lazy, Suspense, useLayoutEffect, useRef } from 'react'
import type { ReactNode, RefObject } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { useKeys } from './keys.ts'
import { OneRow, rowProps } from './table-row.tsx'
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
  /** What becomes of it on a card: the first line, with the box before it that selects; a labelled figure (the default),
   *  which may be as wide as the card; a full line without a label, or nothing. */
  readonly phone?: 'tick' | 'name' | 'state' | 'figure' | 'wide' | 'line' | 'none'
}

export interface Sort {
  readonly by: string
  readonly down: boolean
}

export interface TableProps<Row> {
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
        {rows.length > VIRTUAL_BEYOND ? (
          <Suspense fallback={<tbody />}>
            <VirtualBody {...props} body={body} />
          </Suspense>
        ) : (
          <PlainBody {...props} body={body} />
        )}
      </table>
    </div>
  )
}

export type BodyProps<Row> = TableProps<Row> & { body: RefObject<HTMLTableSectionElement | null> }

// Few tables are long: what they need comes with the first of them. What is lazy has no type parameters any more.
const VirtualBody = lazy(() =>
  import('./table-virtual.tsx').then((module) => ({ default: module.VirtualBody })),
) as unknown as <Row>(props: BodyProps<Row>) => ReactNode

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

/** j and k, or the arrows on a focused row, go from row to row. */
function useRowKeys(body: RefObject<HTMLTableSectionElement | null>): void {
  const move = (step: 1 | -1) => {
    const rows = [...(body.current?.querySelectorAll<HTMLTableRowElement>('tr[data-index]') ?? [])]
    const at = rows.findIndex((row) => row.contains(document.activeElement))
    const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  const onRow = (step: 1 | -1) => (event: KeyboardEvent) => {
    if (body.current?.contains(event.target as Node)) move(step)
    else window.scrollBy({ top: step * 60 })
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: onRow(1), ArrowUp: onRow(-1) })
}
