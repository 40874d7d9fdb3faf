import { ListTree } from 'lucide-react'
import { useState } from 'react'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button } from '../../ui/button.tsx'
import { Tick } from '../../ui/field.tsx'
import { Popover } from '../../ui/popover.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { columnsIn } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import css from './picker.module.css'
import { titleOf } from './shown-columns.ts'

const MOST = 60
/** The server groups by as many at once. */
const MOST_AT_ONCE = 5
const ATTRIBUTES = ['status', 'user_id']

/** By which params and tags runs stand together. */
export function GroupPicker({
  known,
  by,
  onChange,
}: {
  known: KnownKeys
  by: readonly string[]
  onChange: (by: readonly string[]) => void
}) {
  const [text, setText] = useState('')
  const all = [...columnsIn('params', known), ...columnsIn('tags', known), ...ATTRIBUTES, ...internalTags(known)]
  const found = all.filter((id) => `${id} ${titleOf(id)}`.toLowerCase().includes(text.trim().toLowerCase()))
  const shown = [...new Set([...by, ...found])].slice(0, MOST)
  return (
    <Popover
      title={words.groupTitle}
      trigger={
        <Button icon={<ListTree />} aria-pressed={by.length > 0 || undefined}>
          <span className="cut" style={{ maxWidth: 200 }}>
            {by.length === 0 ? words.group : say(words.groupedBy, { by: by.map(titleOf).join(', ') })}
          </span>
        </Button>
      }
    >
      <div className={css.picker}>
        <SearchBox label={words.groupFind} value={text} onChange={setText} onSettled={setText} />
        <div className={css.scroll}>
          {shown.map((id) => (
            <div key={id} className={css.item}>
              <Tick
                checked={by.includes(id)}
                disabled={!by.includes(id) && by.length >= MOST_AT_ONCE}
                onChange={(on) => onChange(on ? [...by, id] : by.filter((one) => one !== id))}
              >
                <bdi className="cut" title={id}>
                  {titleOf(id)}
                </bdi>
              </Tick>
            </div>
          ))}
          {found.length === 0 && <p className="dim">{words.columnsNone}</p>}
          {found.length > MOST && (
            <small className="faint">{say(words.columnsMore, { count: found.length - MOST })}</small>
          )}
        </div>
        {by.length > 0 && (
          <div className={css.foot}>
            <Button size="small" onClick={() => onChange([])}>
              {words.ungroup}
            </Button>
          </div>
        )}
      </div>
    </Popover>
  )
}

const internalTags = (known: KnownKeys) => columnsIn('system', known).filter((id) => id.startsWith('tags.'))
