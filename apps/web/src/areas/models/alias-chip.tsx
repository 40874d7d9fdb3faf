import { ChevronDown, MoveRight, Plus, X } from 'lucide-react'
import type { PointerEvent } from 'react'
import { useMay } from '../../frame/may.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Menu } from '../../ui/menu.tsx'
import { Tip } from '../../ui/tip.tsx'
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
  const move = useMay('alias.set').because
  const remove = useMay('alias.delete').because
  const grab = move === undefined ? onGrab : undefined
  return (
    <span className={css.chip}>
      <span className={`${css.name} ${grab ? css.grip : ''}`} title={alias} onPointerDown={grab}>
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
          { label: say(words.moveAlias, { alias }), icon: <MoveRight />, because: move, onSelect: onMove },
          { label: say(words.removeAlias, { alias }), icon: <X />, because: remove, onSelect: onRemove },
        ]}
      />
    </span>
  )
}

export function AddAlias({ version, onAdd, quiet = false }: { version: number; onAdd: () => void; quiet?: boolean }) {
  const { because } = useMay('alias.set')
  const button = (
    <button
      type="button"
      className={`${css.add} ${quiet ? css.quiet : ''}`}
      aria-label={say(words.addAliasTo, { version })}
      aria-disabled={because !== undefined || undefined}
      onClick={because === undefined ? onAdd : undefined}
    >
      <Plus />
      {words.addAlias}
    </button>
  )
  return because === undefined ? button : <Tip says={because}>{button}</Tip>
}
