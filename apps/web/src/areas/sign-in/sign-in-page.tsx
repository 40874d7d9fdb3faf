import { ERRORS } from '@stead/contracts'
import { useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Logo } from '../../frame/mark.tsx'
import { say } from '../../strings/message.ts'
import { signIn as words } from '../../strings/sign-in.ts'
import { safePath } from './safe-path.ts'
import { SignInForm } from './sign-in-form.tsx'
import css from './sign-in.module.css'

/** The way in. It shows the same to every stranger, whatever is behind it. */
export function SignInPage() {
  const { to, refused } = useSearch({ strict: false }) as { to?: string; refused?: string }
  useEffect(() => {
    document.title = `${words.title} · Stead`
  }, [])
  return (
    <div className={css.page}>
      <main className={css.side}>
        <div className={css.way}>
          <p className={css.product}>
            <Logo />
            Stead
          </p>
          <div>
            <h1 className={css.title}>{words.title}</h1>
            <p className="dim wrap">{say(words.to, { host: location.host })}</p>
          </div>
          <SignInForm to={safePath(to)} refused={sayRefused(refused)} />
        </div>
      </main>
      <Picture />
    </div>
  )
}

/** Codes come by the address, which anybody can write: only sentences of ours are shown. */
function sayRefused(code: string | undefined): string | undefined {
  if (code === undefined) return undefined
  const known = Object.hasOwn(ERRORS, code) ? (code as keyof typeof ERRORS) : 'sso_unavailable'
  return `${ERRORS[known].says} ${ERRORS[known].fix}`
}

function Picture() {
  return (
    <aside className={css.picture}>
      <p className={css.motto}>
        {words.motto} <span>{words.mottoMore}</span>
      </p>
      <div>
        <p className={css.address}>{words.oneAddress}</p>
        <div className={css.lane} role="img" aria-label={words.picture}>
          {['v1', 'v2', 'v3', 'v4'].map((version) => (
            <span key={version}>{version}</span>
          ))}
        </div>
        <p className={css.ends}>
          <span>{words.first}</span>
          <span>{words.today}</span>
        </p>
      </div>
    </aside>
  )
}
