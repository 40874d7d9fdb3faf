import { Popover as Base } from '@base-ui/react/popover'
import { X } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { IconButton } from './button.tsx'
import css from './popover.module.css'

/** Something to read beside what it is about, with links in it. `trigger` must be a button. */
export function Popover({
  trigger,
  title,
  children,
}: {
  trigger: ReactElement
  title: ReactNode
  children: ReactNode
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={css.place} sideOffset={6} collisionPadding={12}>
          <Base.Popup className={css.popup}>
            <div className={css.head}>
              <Base.Title className={css.title}>{title}</Base.Title>
              <Base.Close render={<IconButton look="quiet" size="small" label={say(ui.close)} icon={<X />} />} />
            </div>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
