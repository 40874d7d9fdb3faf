import { Columns3, GripVertical, X } from 'lucide-react'
import { useState } from 'react'
import type { KeyboardEvent } from 'react'
import { grouped, say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ui } from '../../strings/ui.ts'
import { Tick } from '../../ui/field.tsx'
import { Popover } from '../../ui/popover.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { columnsIn, columnOf, GROUPS } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import { moved } from './moved.ts'
import css from './picker.module.css'
import { titleOf } from './shown-columns.ts'

/** That the keys of all runs could not be read; those of some are known nevertheless. */
export interface UnreadKeys {
  /** A sentence. */
  readonly why: string
  readonly onAgain: () => void
}

interface PickerProps {
  readonly known: KnownKeys
  readonly unread: UnreadKeys | undefined
  /** In their order. */
  readonly shown: readonly string[]
  readonly differ: boolean
  readonly judgedBy: number
  readonly onChange: (columns: readonly string[] | undefined) => void
  readonly onDiffer: (on: boolean) => void
}

/** Lists longer than this are searched rather than read. */
const MOST = 60

/** Which columns are shown, and in which order. */
export function ColumnPicker(props: PickerProps) {
  const { known, shown, differ } = props
  const count = GROUPS.reduce((sum, group) => sum + columnsIn(group, known).length, 0)
  return (
    <Popover
      title={words.columnsTitle}
      trigger={
        <Button icon={<Columns3 />} aria-pressed={differ || undefined}>
          {words.columns}
          <span className="faint num not-on-phone">
            {say(words.columnsCount, { shown: shown.length, count: Math.max(count, shown.length) })}
          </span>
        </Button>
      }
    >
      <Picker {...props} />
    </Popover>
  )
}

function Picker({ known, unread, shown, differ, judgedBy, onChange, onDiffer }: PickerProps) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const groups = GROUPS.map((group) => ({ group, all: columnsIn(group, known) })).map(({ group, all }) => ({
    group,
    all,
    found: all.filter((id) => `${id} ${titleOf(id)}`.toLowerCase().includes(wanted)),
  }))
  const isNone = groups.every(({ found }) => found.length === 0)
  return (
    <div className={css.picker}>
      <SearchBox label={words.columnsFind} value={text} onChange={setText} onSettled={setText} />
      <div className={css.scroll}>
        {wanted === '' && <Order shown={shown} onChange={onChange} />}
        {groups.map(({ group, all, found }) => (
          <Group key={group} name={words.groupNames[group]} all={all} found={found} shown={shown} onChange={onChange} />
        ))}
        {known.isPart && <Part unread={unread} />}
        {isNone && <p className="dim">{words.columnsNone}</p>}
      </div>
      <div className={css.foot}>
        <Tick checked={differ} onChange={onDiffer}>
          <span>
            {words.columnsDiffer}
            <br />
            <small className="faint">{say(words.columnsDifferHint, { count: judgedBy })}</small>
          </span>
        </Tick>
        <Button size="small" onClick={() => onChange(undefined)}>
          {words.columnsReset}
        </Button>
      </div>
    </div>
  )
}

/** What is listed is not all there is. */
const Part = ({ unread }: { unread: UnreadKeys | undefined }) =>
  unread === undefined ? (
    <p className="faint">{words.columnsPart}</p>
  ) : (
    <div className={css.unread} role="alert">
      <p className="wrap">{say(words.columnsFailed, { why: unread.why })}</p>
      <Button size="small" onClick={unread.onAgain}>
        {ui.tryNow}
      </Button>
    </div>
  )

function Group({
  name,
  all,
  found,
  shown,
  onChange,
}: {
  name: string
  all: readonly string[]
  found: readonly string[]
  shown: readonly string[]
  onChange: (columns: readonly string[]) => void
}) {
  if (found.length === 0) return null
  const has = new Set(shown)
  const few = found.slice(0, MOST)
  return (
    <section aria-label={name}>
      <h3 className={css.group}>
        <span>
          {name} <span className="faint num">{grouped(all.length)}</span>
        </span>
        <Button
          look="quiet"
          size="small"
          aria-label={say(words.showAllOf, { group: name })}
          onClick={() => onChange([...shown, ...found.filter((id) => !has.has(id))])}
        >
          {words.showGroup}
        </Button>
        <Button
          look="quiet"
          size="small"
          aria-label={say(words.hideAllOf, { group: name })}
          onClick={() => onChange(shown.filter((id) => !found.includes(id)))}
        >
          {words.hideGroup}
        </Button>
      </h3>
      {few.map((id) => (
        <div key={id} className={css.item}>
          <Tick
            checked={has.has(id)}
            onChange={(on) => onChange(on ? [...shown, id] : shown.filter((one) => one !== id))}
          >
            <bdi className="cut" title={id}>
              {titleOf(id)}
            </bdi>
          </Tick>
        </div>
      ))}
      {found.length > few.length && (
        <small className="faint">{say(words.columnsMore, { count: found.length - few.length })}</small>
      )}
    </section>
  )
}

/** What is shown, to be dragged into another order, or moved by key. */
function Order({ shown, onChange }: { shown: readonly string[]; onChange: (columns: readonly string[]) => void }) {
  const [dragged, setDragged] = useState<string>()
  const [over, setOver] = useState<string>()
  const few = shown.slice(0, MOST)
  const move = (id: string, to: number) => onChange(moved(shown, id, to))
  const onKeyDown = (id: string) => (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step === undefined || !event.altKey) return
    event.preventDefault()
    move(id, shown.indexOf(id) + step)
  }
  if (shown.length === 0) return null
  return (
    <section aria-label={words.columnsShown}>
      <h3 className={css.group}>
        <span>{words.columnsShown}</span>
      </h3>
      <small className="faint">{words.orderHint}</small>
      <ol>
        {few.map((id, at) => (
          <li key={id} className={`${css.item} ${over === id && dragged !== id ? css.over : ''}`}>
            <button
              type="button"
              draggable
              className={css.grip}
              onDragStart={() => setDragged(id)}
              onDragEnd={() => {
                setDragged(undefined)
                setOver(undefined)
              }}
              onKeyDown={onKeyDown(id)}
              onDragOver={(event) => {
                event.preventDefault()
                setOver(id)
              }}
              onDrop={(event) => {
                event.preventDefault()
                if (dragged !== undefined) move(dragged, at)
                setOver(undefined)
              }}
            >
              <GripVertical />
              <bdi className="cut" title={id}>
                {titleOf(id)}
              </bdi>
              <small className="faint">{kindOf(id)}</small>
            </button>
            <IconButton
              look="quiet"
              size="small"
              label={say(words.hideColumn, { column: titleOf(id) })}
              icon={<X />}
              onClick={() => onChange(shown.filter((one) => one !== id))}
            />
          </li>
        ))}
      </ol>
      {shown.length > few.length && (
        <small className="faint">{say(words.columnsMore, { count: shown.length - few.length })}</small>
      )}
    </section>
  )
}

const kindOf = (id: string) => words.kinds[columnOf(id).group]
