import { ArrowDown, ArrowUp } from 'lucide-react'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { ui } from '../../strings/ui.ts'
import { metricText } from './figures.ts'
import type { SortBy } from './look.ts'
import type { Scale } from './run-cell.tsx'
import css from './runs-grid.module.css'
import type { ShownColumn } from './shown-columns.ts'

interface HeadProps {
  readonly columns: readonly ShownColumn[]
  /** Which of them are in sight, with the room before them. */
  readonly from: number
  readonly to: number
  readonly gap: number
  readonly width: number
  readonly firstWidth: number
  readonly sort: readonly SortBy[]
  readonly onSort: (by: string, isMore: boolean) => void
  readonly chosen: 'none' | 'some' | 'all'
  readonly onChooseAll: () => void
  readonly scaleOf: (column: ShownColumn) => Scale | undefined
}

/** The headings: they stay in sight, and sort. */
export function GridHead(props: HeadProps) {
  const { columns, from, to, gap, width, firstWidth, sort, onSort, chosen, onChooseAll, scaleOf } = props
  return (
    <div role="rowgroup" className={css.head} style={{ width }}>
      <div role="row" aria-rowindex={1} style={{ display: 'contents' }}>
        <div
          role="columnheader"
          aria-colindex={1}
          aria-sort={ariaSort(sort, 'run_name')}
          className={css.first}
          style={{ width: firstWidth }}
        >
          <input
            type="checkbox"
            className={css.check}
            aria-label={chosen === 'all' ? words.unselectAll : words.selectAll}
            checked={chosen === 'all'}
            ref={(box) => {
              if (box) box.indeterminate = chosen === 'some'
            }}
            onChange={onChooseAll}
          />
          <Heading id="run_name" title={words.run} sort={sort} onSort={onSort} />
        </div>
        <span className={css.gap} style={{ width: gap }} />
        {columns.slice(from, to).map((column, index) => {
          const scale = scaleOf(column)
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-colindex={from + index + 2}
              aria-sort={ariaSort(sort, column.id)}
              className={`${css.cell} ${column.isNumber ? css.end : ''}`}
              style={{ width: column.width }}
              title={column.id}
            >
              {scale && scale.from !== 0 && (
                <small className="faint cut">{say(words.base, { base: metricText(scale.from) })}</small>
              )}
              {column.sorts ? (
                <Heading id={column.id} title={column.title} sort={sort} onSort={onSort} />
              ) : (
                <span className="cut">{column.title}</span>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Heading({
  id,
  title,
  sort,
  onSort,
}: {
  id: string
  title: string
  sort: readonly SortBy[]
  onSort: (by: string, isMore: boolean) => void
}) {
  const at = sort.findIndex(({ by }) => by === id)
  const isDown = sort[at]?.down === true
  const Arrow = isDown ? ArrowDown : ArrowUp
  return (
    <button
      type="button"
      className={`${css.sort} ${at >= 0 ? css.sorted : ''}`}
      title={say(words.sortHint, { column: title })}
      onClick={(event) => onSort(id, event.shiftKey)}
    >
      <span className="cut">{title}</span>
      {at >= 0 && (
        <>
          <Arrow aria-label={isDown ? ui.sortedDown : ui.sortedUp} />
          {sort.length > 1 && <sup>{at + 1}</sup>}
        </>
      )}
    </button>
  )
}

/** Only of the first: there is no way to tell of several. */
function ariaSort(sort: readonly SortBy[], id: string): 'ascending' | 'descending' | undefined {
  const [first] = sort
  if (first?.by !== id) return undefined
  return first.down ? 'descending' : 'ascending'
}
