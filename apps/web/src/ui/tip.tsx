import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import css from './tip.module.css'

/** A word or two beside the pointer or the focus. `children` is the element that it is about. */
export function Tip({
  says,
  children,
  side,
}: {
  says: ReactNode
  children: ReactElement
  side?: 'top' | 'right' | 'bottom'
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={css.place} {...(side ? { side } : {})}>
          <Tooltip.Popup className={css.tip}>{says}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
