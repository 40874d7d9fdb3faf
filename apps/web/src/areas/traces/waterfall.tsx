import type { Span } from '@stead/contracts'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { Button } from '../../ui/button.tsx'
import { duration } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { parentRow, rowsOf, unfolded } from './span-rows.ts'
import type { SpanRow } from './span-rows.ts'
import css from './traces.module.css'

/** A trace can have thousands; each is a row of the page. */
const AT_ONCE = 300
const INDENT_PX = 14
const DEEPEST = 12

/** The spans as a tree along the time that they took. The arrow keys go through it, and fold it. */
export function Waterfall({
  spans,
  shown,
  onShow,
}: {
  spans: readonly Span[]
  shown: string | undefined
  onShow: (span: string) => void
}) {
  const tree = useRef<HTMLDivElement>(null)
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const all = useMemo(() => rowsOf(spans), [spans])
  const open = useMemo(() => unfolded(all, folded), [all, folded])
  const at = Math.max(
    0,
    open.findIndex(({ span }) => span.id === shown),
  )
  const [most, setMost] = useState(() => Math.max(AT_ONCE, at + 1))
  const rows = open.slice(0, most)
  const go = (row: SpanRow | undefined) => {
    const place = row === undefined ? -1 : rows.indexOf(row)
    if (row === undefined || place < 0) return
    onShow(row.span.id)
    const element = tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[place]
    element?.focus()
  }
  const toggle = (span: string) => {
    const next = new Set(folded)
    if (!next.delete(span)) next.add(span)
    setFolded(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = open[at]
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const isOpen = row.below > 0 && !folded.has(row.span.id)
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(open[at + 1]),
      ArrowUp: () => go(open[at - 1]),
      Home: () => go(open[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () => (row.below > 0 && !isOpen ? toggle(row.span.id) : isOpen && go(open[at + 1])),
      ArrowLeft: () => (isOpen ? toggle(row.span.id) : go(parentRow(open, at))),
      ' ': () => row.below > 0 && toggle(row.span.id),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  if (all.length === 0)
    return (
      <Panel title={words.spans}>
        <p className="pad dim">{words.noSpans}</p>
      </Panel>
    )
  const left = Math.min(open.length - most, AT_ONCE)
  return (
    <Panel title={words.spans} note={<span className="num">{say(words.spansCount, { count: all.length })}</span>}>
      <div ref={tree} role="tree" aria-label={words.spans} className={css.tree} tabIndex={-1} onKeyDown={onKeyDown}>
        {rows.map((row, index) => (
          <Row
            key={row.span.id}
            row={row}
            isShown={index === at}
            isFolded={folded.has(row.span.id)}
            onShow={() => onShow(row.span.id)}
            onToggle={() => toggle(row.span.id)}
          />
        ))}
      </div>
      {left > 0 && (
        <div className="pad">
          <Button size="small" onClick={() => setMost(most + AT_ONCE)}>
            {say(words.moreSpans, { count: left })}
          </Button>
        </div>
      )}
    </Panel>
  )
}

interface RowProps {
  readonly row: SpanRow
  readonly isShown: boolean
  readonly isFolded: boolean
  readonly onShow: () => void
  readonly onToggle: () => void
}

function Row({ row, isShown, isFolded, onShow, onToggle }: RowProps) {
  const { span, depth, below, from, share } = row
  const Fold = isFolded ? ChevronRight : ChevronDown
  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isShown}
      aria-expanded={below > 0 ? !isFolded : undefined}
      tabIndex={isShown ? 0 : -1}
      className={css.row}
      onClick={onShow}
    >
      <span className={css.label} style={{ paddingLeft: Math.min(depth, DEEPEST) * INDENT_PX }}>
        {below > 0 ? (
          <Fold
            className={css.fold}
            onClick={(event) => {
              event.stopPropagation()
              onToggle()
            }}
          />
        ) : (
          <span className={css.leaf} />
        )}
        {span.status === 'ERROR' && <StateMark is="failed" label={words.failed} />}
        <bdi className="cut" title={span.name}>
          {span.name || words.span}
        </bdi>
        {span.type !== '' && <span className={`${css.kind} cut`}>{span.type}</span>}
      </span>
      <span className={css.track}>
        <span
          className={css.bar}
          data-status={span.status}
          data-open={row.duration === undefined || undefined}
          style={{ left: `min(${from * 100}%, calc(100% - 2px))`, width: `${share * 100}%` }}
        />
      </span>
      <span className={`${css.took} num`}>
        {row.duration === undefined ? words.states.IN_PROGRESS : duration(row.duration)}
        <span className="heard-only">{say(words.began, { offset: duration(row.offset) })}</span>
      </span>
    </div>
  )
}
