import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import css from './menu.module.css'

export interface MenuItem {
  readonly label: ReactNode
  readonly icon?: ReactNode
  readonly hint?: ReactNode
  readonly danger?: boolean
  /** Why it cannot be chosen now; it stays in the list and says so. */
  readonly because?: string | undefined
  readonly onSelect: () => void
}

/** A list of acts behind `trigger`, which must be a button. */
export function Menu({ trigger, items, label }: { trigger: ReactElement; items: readonly MenuItem[]; label?: string }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={css.place} sideOffset={4} align="end">
          <Base.Popup className={css.popup} aria-label={label}>
            {items.map((item, index) => (
              <Base.Item
                key={index}
                className={`${css.item} ${item.danger ? css.danger : ''}`}
                disabled={item.because !== undefined}
                onClick={item.onSelect}
              >
                {item.icon}
                <span className="grow">
                  {item.label}
                  {item.because !== undefined && <small className={css.because}>{item.because}</small>}
                </span>
                {item.hint}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
