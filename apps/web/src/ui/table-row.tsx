import { memo } from 'react'
import type { KeyboardEvent } from 'react'
import type { TableProps } from './table.tsx'
import css from './table.module.css'

type RowProps<Row> = Omit<TableProps<Row>, 'rows' | 'label' | 'keyOf'> & {
  row: Row
  index: number
  measure?: (element: HTMLTableRowElement | null) => void
}

/** What concerns a single row: one whose row and columns stay is not drawn again while the list is scrolled. */
export const rowProps = <Row,>({
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

export const OneRow = memo(OneRowOf) as typeof OneRowOf

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
