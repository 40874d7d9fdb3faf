import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from './button.tsx'
import css from './dialog.module.css'
import { TextField } from './field.tsx'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'

interface DialogProps {
  readonly title: ReactNode
  readonly says?: ReactNode
  /** Stands beside the title: a state, for example. */
  readonly aside?: ReactNode
  /** Stands at the left end of the foot. */
  readonly note?: ReactNode
  readonly acts?: ReactNode
  readonly size?: 'narrow' | 'wide'
  readonly onClose: () => void
  readonly children?: ReactNode
}

/** One act over the page, which stays live behind it. Esc closes, and the focus returns to where it was. */
export function Dialog({ size, onClose, ...content }: DialogProps) {
  return (
    <DialogFrame onClose={onClose} {...(size ? { size } : {})}>
      <DialogContent {...content} />
    </DialogFrame>
  )
}

/** The dialog without its content, for one whose content changes while it stays open. */
export function DialogFrame({ size, onClose, children }: Pick<DialogProps, 'size' | 'onClose' | 'children'>) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.scrim} />
        <Base.Viewport className={css.place}>
          <Base.Popup
            ref={popup}
            initialFocus={(by) => (by !== 'touch' && firstField(popup.current)) || popup.current}
            className={`${css.dialog} ${size ? css[size] : ''}`}
          >
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  )
}

/** Where typing begins. A dialog that only tells is focused itself, so that its keys work. */
const firstField = (dialog: HTMLElement | null) =>
  dialog?.querySelector<HTMLElement>(
    'form :is(input:not([type=hidden]), textarea, [role=combobox]), form [aria-haspopup]',
  )

/** Head, body and foot of a `DialogFrame`. */
export function DialogContent({ title, says, aside, note, acts, children }: Omit<DialogProps, 'size' | 'onClose'>) {
  return (
    <>
      <header className={css.head}>
        <div className="grow">
          <Base.Title className={css.title}>{title}</Base.Title>
          {says !== undefined && <Base.Description className={css.says}>{says}</Base.Description>}
        </div>
        {aside !== undefined && <div className={css.aside}>{aside}</div>}
        <Base.Close render={<IconButton look="quiet" label={say(ui.close)} icon={<X />} />} />
      </header>
      <div className={css.body}>{children}</div>
      {(acts !== undefined || note !== undefined) && (
        <footer className={css.foot}>
          <div className={css.note}>{note}</div>
          <div className={css.acts}>{acts}</div>
        </footer>
      )}
    </>
  )
}

interface ConfirmProps {
  readonly title: string
  /** What is lost, and who notices. */
  readonly says: ReactNode
  /** The verb with its object, as on the button that led here. */
  readonly act: string
  /** To be typed before the act may happen, where something is lost for good. */
  readonly name?: string
  /** Why it may not be done by whoever looks. */
  readonly because?: string | undefined
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
  /** Tells a failure in words. */
  readonly failureOf: (error: unknown) => string
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, says, act, name, because, onConfirm, onClose, failureOf }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  const isTyped = name === undefined || typed === name
  const confirm = async () => {
    if (because !== undefined) return
    if (!isTyped) return setFailure(say(ui.typeExactly, { name }))
    setBusy(true)
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      setFailure(failureOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title}
      size="narrow"
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{say(ui.cancel)}</Button>
          <Button look="danger" busy={busy} because={because} onClick={() => void confirm()}>
            {act}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <div>{says}</div>
        {name !== undefined ? (
          <TextField
            label={say(ui.typeName, { name })}
            value={typed}
            onChange={(text) => {
              setTyped(text)
              setFailure(undefined)
            }}
            error={failure}
            autoFocus
            autoComplete="off"
          />
        ) : (
          failure !== undefined && <p role="alert">{failure}</p>
        )}
      </form>
    </Dialog>
  )
}
