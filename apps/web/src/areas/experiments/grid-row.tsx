import type { RunInfo } from '@stead/contracts'
import { ChevronDown, ChevronRight, CornerDownRight, Pin } from 'lucide-react'
import { memo } from 'react'
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react'
import { grouped, say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import type { Cells } from './cells.ts'
import { RunCell } from './run-cell.tsx'
import type { Scale } from './run-cell.tsx'
import css from './runs-grid.module.css'
import type { ShownColumn } from './shown-columns.ts'
import { StatusMark } from './status.tsx'

/** What a line has of the grid around it. */
export interface Frame {
  readonly index: number
  readonly top: number
  readonly height: number
  readonly width: number
  readonly firstWidth: number
  /** The room before the columns in sight. */
  readonly gap: number
  readonly isCurrent: boolean
}

interface RunRowProps extends Frame {
  readonly project: string
  readonly run: string
  readonly info: RunInfo | undefined
  readonly cells: Cells | undefined
  readonly columns: readonly ShownColumn[]
  readonly firstColumn: number
  readonly scales: ReadonlyMap<string, Scale> | undefined
  readonly depth: number
  /** Undefined where the table has no parts at all. */
  readonly parts: number | undefined
  readonly isOpen: boolean
  readonly isSelected: boolean
  readonly isPinned: boolean
  readonly acts: RowActs
}

export interface RowActs {
  readonly choose: (index: number, isRange: boolean) => void
  readonly fold: (index: number) => void
  readonly pin: (index: number) => void
  readonly open: (index: number, inNewTab: boolean) => void
  readonly focus: (index: number) => void
}

const INDENT = 18

/** One run. It is drawn again only when something of it, or of its columns, is different. */
export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { index, project, run, info, cells, columns, depth, isOpen, isSelected, isPinned, acts } = props
  const parts = props.parts ?? 0
  return (
    <Line
      {...props}
      className={`${css.run} ${isSelected ? css.selected : ''}`}
      aria-selected={isSelected}
      {...(parts > 0 ? { 'aria-expanded': isOpen } : {})}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return
        if (event.key === 'Enter' || event.key === 'o') acts.open(index, event.metaKey || event.ctrlKey)
        else if (event.key === 'ArrowRight' && parts > 0 && !isOpen) acts.fold(index)
        else if (event.key === 'ArrowLeft' && isOpen) acts.fold(index)
        else return
        event.preventDefault()
      }}
      onFocus={() => acts.focus(index)}
      first={
        <FirstCell {...{ index, project, run, info, depth, isOpen, isSelected, isPinned, acts }} parts={props.parts} />
      }
    >
      {info &&
        columns.map((column, at) => (
          <Cell key={column.id} column={column} at={props.firstColumn + at}>
            <RunCell column={column} info={info} cells={cells} scale={props.scales?.get(column.id)} />
          </Cell>
        ))}
    </Line>
  )
})

type FirstProps = Pick<
  RunRowProps,
  'index' | 'project' | 'run' | 'info' | 'depth' | 'parts' | 'isOpen' | 'isSelected' | 'isPinned' | 'acts'
>

/** What stays in sight of a run. It is not drawn again when other columns come into sight. */
const FirstCell = memo(function FirstCell(props: FirstProps) {
  const { index, project, run, info, depth, isOpen, isSelected, isPinned, acts } = props
  const parts = props.parts ?? 0
  const name = info?.name ?? run
  return (
    <>
      <input
        type="checkbox"
        className={css.check}
        tabIndex={-1}
        aria-label={say(words.select, { run: name })}
        checked={isSelected}
        onChange={() => {}}
        onClick={(event) => acts.choose(index, event.shiftKey)}
      />
      {depth > 0 && <span style={{ flex: 'none', width: depth * INDENT }} />}
      {parts > 0 ? (
        <Twist what={name} isOpen={isOpen} onFold={() => acts.fold(index)} />
      ) : (
        props.parts !== undefined && <span className={css.noTwist} />
      )}
      {info && <StatusMark status={info.status} />}
      <a
        href={runPath(project, run)}
        tabIndex={-1}
        className={`${css.name} cut`}
        title={name.slice(0, 300)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
          event.preventDefault()
          acts.open(index, false)
        }}
      >
        <bdi>{name.slice(0, 200)}</bdi>
      </a>
      {parts > 0 && (
        <small className="faint num" title={say(words.parts, { count: parts })}>
          {grouped(parts)}
        </small>
      )}
      {depth === 0 && info?.parent && <CornerDownRight size={12} aria-label={words.partOf} className="faint" />}
      {info?.lifecycle === 'deleted' && <small className="faint">{words.isDeleted}</small>}
      <button
        type="button"
        tabIndex={-1}
        className={css.pin}
        aria-label={isPinned ? words.unpin : words.pin}
        aria-pressed={isPinned}
        onClick={() => acts.pin(index)}
      >
        <Pin />
      </button>
    </>
  )
})

/** A link of the router's own would cost more than the rest of the row. */
export const runPath = (project: string, run: string): string =>
  `/p/${encodeURIComponent(project)}/runs/${encodeURIComponent(run)}`

export function Cell({ column, at, children }: { column: ShownColumn; at: number; children: ReactNode }) {
  return (
    <div
      role="gridcell"
      aria-colindex={at + 2}
      className={`${css.cell} ${column.isNumber ? css.end : ''}`}
      style={{ width: column.width }}
    >
      {children}
    </div>
  )
}

export function Twist({ what, isOpen, onFold }: { what: string; isOpen: boolean; onFold: () => void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={css.twist}
      aria-expanded={isOpen}
      aria-label={say(isOpen ? words.fold : words.unfold, { what: what.slice(0, 200) })}
      onClick={onFold}
    >
      {isOpen ? <ChevronDown /> : <ChevronRight />}
    </button>
  )
}

/** A line of the grid with its first cell, which stays in sight. */
export function Line({
  index,
  top,
  height,
  width,
  firstWidth,
  gap,
  isCurrent,
  className = '',
  first,
  children,
  onKeyDown,
  onFocus,
  onClick,
  ...aria
}: Frame & {
  className?: string
  first: ReactNode
  children?: ReactNode
  onKeyDown?: (event: KeyboardEvent<HTMLDivElement>) => void
  onFocus?: () => void
  onClick?: (event: MouseEvent) => void
  'aria-selected'?: boolean
  'aria-expanded'?: boolean
}) {
  return (
    <div
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      {...('aria-selected' in aria ? { 'aria-selected': aria['aria-selected'] } : {})}
      {...('aria-expanded' in aria ? { 'aria-expanded': aria['aria-expanded'] } : {})}
      tabIndex={isCurrent ? 0 : -1}
      className={`${css.row} ${className}`}
      style={{ transform: `translateY(${top}px)`, height, width }}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onClick={onClick}
    >
      <div role="rowheader" aria-colindex={1} className={css.first} style={{ width: firstWidth }}>
        {first}
      </div>
      <span className={css.gap} style={{ width: gap }} />
      {children}
    </div>
  )
}
