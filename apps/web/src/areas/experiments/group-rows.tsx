import { Pin } from 'lucide-react'
import type { ReactNode } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { grouped, say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { metricText } from './figures.ts'
import { Cell, Line, Twist } from './grid-row.tsx'
import type { Frame } from './grid-row.tsx'
import type { SortBy } from './look.ts'
import type { Aggregate, Row } from './rows.ts'
import type { RunList } from './run-store.ts'
import css from './runs-grid.module.css'
import type { ShownColumn } from './shown-columns.ts'

type Of<K extends Row['is']> = Extract<Row, { is: K }>

/** A group: what its runs have in common, how many they are, and how they did. */
export function GroupRow({
  row,
  columns,
  firstColumn,
  sort,
  onFold,
  onFocus,
  ...frame
}: Frame & {
  row: Of<'group'>
  columns: readonly ShownColumn[]
  firstColumn: number
  sort: readonly SortBy[]
  onFold: () => void
  onFocus: () => void
}) {
  const { group, isOpen } = row
  const name = group.values.map((value) => value ?? words.noValue).join(', ')
  return (
    <Line
      {...frame}
      className={css.section}
      aria-expanded={isOpen}
      onFocus={onFocus}
      onKeyDown={(event) => {
        const isFold = event.key === 'Enter' || event.key === ' ' || event.key === (isOpen ? 'ArrowLeft' : 'ArrowRight')
        if (event.target !== event.currentTarget || !isFold) return
        event.preventDefault()
        onFold()
      }}
      first={
        <>
          <Twist what={name} isOpen={isOpen} onFold={onFold} />
          <b className="cut" title={name.slice(0, 300)}>
            {name.slice(0, 200)}
          </b>
          <span className="faint num">{grouped(group.runs)}</span>
        </>
      }
    >
      {columns.map((column, at) => {
        const aggregate = column.id.startsWith('metrics.') ? group.metrics[column.key] : undefined
        return (
          <Cell key={column.id} column={column} at={firstColumn + at}>
            {aggregate && aggregate.count > 0 && (
              <Summary of={aggregate} sorted={sort.find(({ by }) => by === column.id)} />
            )}
          </Cell>
        )
      })}
    </Line>
  )
}

/** Which end is the better one is known where somebody sorts by it. */
function Summary({ of, sorted }: { of: Aggregate; sorted: SortBy | undefined }) {
  const { count, mean, deviation, min, max } = of
  const best = sorted === undefined ? null : sorted.down ? max : min
  const spread =
    count > 1 && deviation !== null ? say(words.deviation, { deviation: metricText(round(deviation)) }) : ''
  const average = mean === null ? '' : metricText(round(mean))
  const title = `${average} ${spread} (${[min, max].flatMap((end) => (end === null ? [] : [metricText(end)])).join(' – ')})`
  return (
    <span className="cut" title={title}>
      {best === null ? (
        <>
          <b className={css.value}>{average}</b> <span className="faint">{spread}</span>
        </>
      ) : (
        <>
          <b className={css.value}>{metricText(round(best))}</b> <span className="faint">{words.best}</span> {average}{' '}
          <span className="faint">{spread}</span>
        </>
      )}
    </span>
  )
}

const round = (value: number) => Number(value.toPrecision(3))

export function PinnedRow({ row, ...frame }: Frame & { row: Of<'pinned'> }) {
  return (
    <Line
      {...frame}
      className={css.section}
      first={
        <>
          <Pin size={14} className="faint" />
          <b>{words.pinned}</b>
          <span className="faint num">{row.count}</span>
        </>
      }
    />
  )
}

/** The end of a list of which there is more. */
export function MoreRow({
  row,
  list,
  onMore,
  ...frame
}: Frame & { row: Of<'more'>; list: RunList | undefined; onMore: () => void }) {
  return (
    <Line {...frame} first={<span style={{ paddingLeft: 22 + row.depth * 18 }}>{restOf(row, list, onMore)}</span>} />
  )
}

function restOf({ left }: Of<'more'>, list: RunList | undefined, onMore: () => void): ReactNode {
  if (list?.failure !== undefined)
    return (
      <span role="alert" className="cut">
        {say(words.moreFailed, { why: sentenceOf(list.failure) })}{' '}
        <button type="button" className={css.more} onClick={onMore}>
          {words.again}
        </button>
      </span>
    )
  if (list?.isReading) return <span className="faint">{words.readingMore}</span>
  return (
    <button type="button" className={css.more} onClick={onMore}>
      {left === undefined || left === 0 ? words.showRest : say(words.showMore, { count: left })}
    </button>
  )
}
