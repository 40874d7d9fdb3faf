import type { ExperimentId } from '@stead/contracts'
import { ListFilter, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { IconButton } from '../../ui/button.tsx'
import type { KnownKeys } from './columns.ts'
import type { Complaint } from './complaint.ts'
import type { Suggestion } from './completion.ts'
import css from './filter-bar.module.css'
import { FilterChips, FilterTold } from './filter-told.tsx'
import { isWhole, readFilter } from './filter-text.ts'
import { useCompletion } from './use-completion.ts'

const SETTLE_MS = 500
/** The field begins so many pixels behind the edge of the bar. */
const BEFORE = 30

/** The one expression that says which runs are shown: coloured, completed, and asked as soon as it is whole. */
export function FilterBar({
  experiment,
  value,
  known,
  complaint,
  onChange,
}: {
  experiment: ExperimentId
  value: string
  known: KnownKeys
  /** What the server finds wrong with `value`. */
  complaint: Complaint | undefined
  onChange: (filter: string) => void
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const paint = useRef<HTMLDivElement>(null)
  const { text, put } = useText(value, onChange)
  const isTold = complaint !== undefined && text === value
  const completion = useCompletion({ experiment, known, text, put, input, isTold })
  const { suggestions, at, isOpen, place } = completion
  useFindKey(input)
  const follow = () => {
    if (paint.current && input.current) paint.current.scrollLeft = input.current.scrollLeft
  }
  useEffect(follow)

  return (
    <div className={css.place}>
      <div className={css.bar} data-wrong={isTold || undefined}>
        <ListFilter size={14} />
        <div className={css.text}>
          <div ref={paint} className={css.paint} aria-hidden>
            <Painted text={text} complaint={isTold ? complaint : undefined} />
          </div>
          <input
            {...completion.on}
            ref={input}
            type="search"
            className={css.input}
            role="combobox"
            aria-label={words.filter}
            aria-expanded={isOpen}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && at >= 0 ? `${id}-${at}` : undefined}
            aria-invalid={isTold || undefined}
            aria-describedby={`${id}-told`}
            placeholder={words.prompt}
            value={text}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onScroll={follow}
            onChange={({ target }) => {
              put(target.value, 'later')
              completion.see(target.selectionStart ?? undefined)
            }}
          />
        </div>
        {text !== '' && (
          <IconButton look="quiet" size="small" label={words.clearFilter} icon={<X />} onClick={() => put('', 'now')} />
        )}
      </div>
      {isOpen && (
        <Suggestions
          id={id}
          all={suggestions}
          at={at}
          left={`calc(${place.characters}ch + ${BEFORE + place.pixels}px)`}
          onPoint={completion.point}
          onTake={completion.take}
        />
      )}
      <div id={`${id}-told`}>
        <FilterTold
          text={text}
          complaint={isTold ? complaint : undefined}
          known={known}
          onMend={(next) => put(next, 'now')}
        />
      </div>
      <FilterChips text={value} onChange={(next) => put(next, 'now')} />
    </div>
  )
}

/** What could stand where one types, below the place. */
function Suggestions({
  id,
  all,
  at,
  left,
  onPoint,
  onTake,
}: {
  id: string
  all: readonly Suggestion[]
  at: number
  left: string
  onPoint: (index: number) => void
  onTake: (taken: Suggestion) => void
}) {
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label={words.suggestions}
      className={css.list}
      style={{ left: `max(0px, min(${left}, calc(100% - 260px)))` }}
    >
      {all.map((one, index) => (
        <div
          key={one.text}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          className={css.option}
          onPointerDown={(event) => {
            // Before the field loses the focus, and the list with it.
            event.preventDefault()
            onTake(one)
          }}
          onPointerMove={() => onPoint(index)}
        >
          <bdi className="mono cut">{one.text}</bdi>
          {one.note && (
            <small>
              {'runs' in one.note ? say(words.inRuns, { count: one.note.runs }) : words.kinds[one.note.kind]}
            </small>
          )}
        </div>
      ))}
    </div>
  )
}

/** What is typed, which is told when it is whole and the typing pauses, or at once. */
export function useText(value: string, onChange: (filter: string) => void) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // Going back, or to another view, brings its filter; what was typed here comes back without the blanks around it.
  if (known !== value) {
    setKnown(value)
    if (value !== text.trim()) setText(value)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const put = (next: string, when: 'now' | 'later') => {
    setText(next)
    clearTimeout(timer.current)
    const tell = () => next.trim() !== value && onChange(next.trim())
    if (when === 'now') tell()
    else if (isWhole(next)) timer.current = setTimeout(tell, SETTLE_MS)
  }
  return { text, put }
}

/** A table that shows only what is in sight cannot be searched by the browser: its key leads here first. */
function useFindKey(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'f' || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return
      if (document.activeElement === input.current) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [input])
}

/** The text below the field, which is itself transparent. */
export function Painted({ text, complaint }: { text: string; complaint: Complaint | undefined }) {
  const { pieces } = readFilter(text)
  const isUnderlined = (from: number, to: number) =>
    complaint !== undefined && from < complaint.at + Math.max(complaint.length, 1) && to > complaint.at
  const parts = pieces.flatMap((piece, index) => {
    const before = pieces[index - 1]
    const end = before ? before.at + before.raw.length : 0
    return [
      <span key={`${piece.at} gap`}>{text.slice(end, piece.at)}</span>,
      <span
        key={piece.at}
        className={`${css[piece.role]} ${isUnderlined(piece.at, piece.at + piece.raw.length) ? css.underlined : ''}`}
      >
        {piece.raw}
      </span>,
    ]
  })
  const last = pieces.at(-1)
  const isAtEnd = complaint !== undefined && complaint.at >= text.trimEnd().length
  return (
    <>
      {parts}
      {text.slice(last ? last.at + last.raw.length : 0)}
      {isAtEnd && <span className={css.underlined}>{'  '}</span>}
    </>
  )
}
