import { ListFilter, X } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import { traces as words } from '../../strings/traces.ts'
import { IconButton } from '../../ui/button.tsx'
import type { Complaint } from '../experiments/complaint.ts'
import css from '../experiments/filter-bar.module.css'
import { Painted, useText } from '../experiments/filter-bar.tsx'
import { FilterChips, FilterTold } from '../experiments/filter-told.tsx'

/** What traces have is not counted: nothing is said to be unknown. */
const NOTHING_KNOWN = { metrics: [], params: [], tags: [] }

/** The one expression that says which traces are shown; asked when it is whole and the typing pauses, or on Enter. */
export function TraceFilter({
  value,
  complaint,
  onChange,
}: {
  value: string
  /** What the server finds wrong with `value`. */
  complaint: Complaint | undefined
  onChange: (filter: string) => void
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const paint = useRef<HTMLDivElement>(null)
  const { text, put } = useText(value, onChange)
  const told = text === value ? complaint : undefined
  const follow = () => {
    if (paint.current && input.current) paint.current.scrollLeft = input.current.scrollLeft
  }
  useEffect(follow)
  return (
    <div>
      <div className={css.bar} data-wrong={told ? true : undefined}>
        <ListFilter size={14} />
        <div className={css.text}>
          <div ref={paint} className={css.paint} aria-hidden>
            <Painted text={text} complaint={told} />
          </div>
          <input
            ref={input}
            type="search"
            className={css.input}
            aria-label={words.filter}
            aria-invalid={told ? true : undefined}
            aria-describedby={`${id}-told`}
            placeholder={words.prompt}
            value={text}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onScroll={follow}
            onChange={({ target }) => put(target.value, 'later')}
            onKeyDown={({ key }) => key === 'Enter' && put(text, 'now')}
          />
        </div>
        {text !== '' && (
          <IconButton look="quiet" size="small" label={words.clear} icon={<X />} onClick={() => put('', 'now')} />
        )}
      </div>
      <div id={`${id}-told`}>
        <FilterTold text={text} complaint={told} known={NOTHING_KNOWN} onMend={(next) => put(next, 'now')} />
      </div>
      <FilterChips text={value} onChange={(next) => put(next, 'now')} />
    </div>
  )
}
