import type { ReactNode } from 'react'
import { ui } from '../strings/ui.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { StateMark } from './state-mark.tsx'
import css from './field.module.css'

/** A dialog that is a form: its fields, what was wrong with the whole of it, and its one act. */
export function FormDialog({
  title,
  says,
  act,
  leave = ui.cancel,
  busy,
  because,
  danger = false,
  size = 'narrow',
  problem,
  onSubmit,
  onClose,
  children,
}: {
  title: string
  says?: ReactNode
  act: string
  /** On the button that closes it, where there is nothing any more that it would leave undone. */
  leave?: string | undefined
  busy: boolean
  because?: string | undefined
  danger?: boolean
  size?: 'narrow' | 'wide'
  problem?: string | undefined
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}) {
  const submit = () => because === undefined && onSubmit()
  return (
    <Dialog
      title={title}
      says={says}
      size={size}
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{leave}</Button>
          <Button look={danger ? 'danger' : 'filled'} busy={busy} because={because} onClick={submit}>
            {act}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {children}
        {problem !== undefined && (
          <p className={css.error} role="alert">
            <StateMark is="failed" />
            <span>{problem}</span>
          </p>
        )}
        <button type="submit" hidden tabIndex={-1} aria-hidden />
      </form>
    </Dialog>
  )
}
