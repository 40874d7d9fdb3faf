import { ChevronDown, MoveRight, Plus, X } from 'lucide-react'
import type { PointerEvent } from 'react'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Menu } from '../../ui/menu.tsx'
import css from './alias-chip.module.css'

/** An alias where it points: dragged by its name, or moved by its menu. */
export function AliasChip({
  alias,
  onGrab,
  onMove,
  onRemove,
}: {
  alias: string
  onGrab?: (event: PointerEvent) => void
  onMove: () => void
  onRemove: () => void
}) {
  return (
    <span className={css.chip}>
      <span className={`${css.name} ${onGrab ? css.grip : ''}`} title={alias} onPointerDown={onGrab}>
        {say(words.alias, { alias })}
      </span>
      <Menu
        label={say(words.aliasActs, { alias })}
        trigger={
          <button type="button" className={css.acts} aria-label={say(words.aliasActs, { alias })}>
            <ChevronDown />
          </button>
        }
        items={[
          { label: say(words.moveAlias, { alias }), icon: <MoveRight />, onSelect: onMove },
          { label: say(words.removeAlias, { alias }), icon: <X />, onSelect: onRemove },
        ]}
      />
    </span>
  )
}

export function AddAlias({ version, onAdd, quiet = false }: { version: number; onAdd: () => void; quiet?: boolean }) {
  return (
    <button
      type="button"
      className={`${css.add} ${quiet ? css.quiet : ''}`}
      aria-label={say(words.addAliasTo, { version })}
      onClick={onAdd}
    >
      <Plus />
      {words.addAlias}
    </button>
  )
}
