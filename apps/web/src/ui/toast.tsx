import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { Button, IconButton } from './button.tsx'
import css from './toast.module.css'

const manager = Toast.createToastManager()

interface More {
  readonly undo?: () => void
  /** What one may want to do next, such as to open what was made. */
  readonly act?: { readonly label: string; readonly run: () => void }
  readonly failed?: boolean
}

/** Says what was done, and offers to take it back or to go on from it. */
export function tell(text: string, more: More = {}): void {
  const act = more.undo ? { label: say(ui.undo), run: more.undo } : more.act
  const id = manager.add({
    title: text,
    priority: more.failed ? 'high' : 'low',
    timeout: act || more.failed ? 10_000 : 5_000,
    data: act && {
      label: act.label,
      run: () => {
        manager.close(id)
        act.run()
      },
    },
  })
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={css.viewport} aria-label={say(ui.notices)}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => {
    const act = toast.data as More['act']
    return (
      <Toast.Root key={toast.id} toast={toast} className={css.toast} swipeDirection={['down', 'right']}>
        <Toast.Title className="grow wrap" />
        {act && (
          <Button size="small" onClick={act.run}>
            {act.label}
          </Button>
        )}
        <Toast.Close render={<IconButton look="quiet" size="small" label={say(ui.close)} icon={<X />} />} />
      </Toast.Root>
    )
  })
}
