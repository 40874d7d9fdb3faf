import { Dialog } from '@base-ui/react/dialog'
import { useQueryClient } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { useRef } from 'react'
import { Logo } from '../../frame/mark.tsx'
import { signIn as words } from '../../strings/sign-in.ts'
import { SignInForm } from './sign-in-form.tsx'
import css from './sign-in.module.css'

/** Covers a page whose session has ended, and keeps it: what was typed is there again after signing in. */
export function SignInAgain({ actor, name }: { actor: string | null; name: string }) {
  const queries = useQueryClient()
  const { href } = useLocation()
  const popup = useRef<HTMLDivElement>(null)
  const goOn = (next: string | null) => {
    // What the page holds was read by somebody else.
    if (next !== actor) location.assign('/')
    else void queries.invalidateQueries()
  }
  return (
    <Dialog.Root open modal>
      <Dialog.Portal>
        <Dialog.Popup
          ref={popup}
          className={css.cover}
          initialFocus={() => popup.current?.querySelector<HTMLInputElement>('input[type=password]') ?? true}
        >
          <div className={css.way}>
            <p className={css.product}>
              <Logo />
              Stead
            </p>
            <div>
              <Dialog.Title className={css.title}>{words.ended}</Dialog.Title>
              <Dialog.Description className="dim">{words.endedSays}</Dialog.Description>
            </div>
            <SignInForm to={href} usualName={name} onDone={goOn} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
