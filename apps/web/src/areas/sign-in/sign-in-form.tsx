import { beginSso } from '@stead/contracts'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useWays } from '../../live/session.ts'
import { say } from '../../strings/message.ts'
import { signIn as words } from '../../strings/sign-in.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import css from './sign-in.module.css'
import { useSignInForm } from './use-sign-in-form.ts'

/** Name and password, and single sign-on where there is one. `to` is where one goes afterwards. */
export function SignInForm({
  to,
  usualName = '',
  refused,
  onDone,
}: {
  to: string
  usualName?: string
  /** Why single sign-on sent one back. */
  refused?: string | undefined
  /** Besides the session, which all of the console hears of. */
  onDone?: (actor: string | null) => void
}) {
  const ways = useWays()
  const form = useSignInForm(usualName, onDone)
  const { problems } = form
  const element = useRef<HTMLFormElement>(null)
  const [capsLock, setCapsLock] = useState(false)
  const hearCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))
  useEffect(() => {
    if (problems.name !== undefined || problems.password !== undefined)
      element.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus()
  }, [problems.name, problems.password])
  return (
    <>
      {ways.sso && (
        <a className={`${classOf('plain')} ${css.wide}`} href={`${beginSso.path}?${new URLSearchParams({ to })}`}>
          {say(words.sso, { name: ways.sso.name })}
        </a>
      )}
      {refused !== undefined && <Problem says={say(words.ssoRefused, { why: refused })} />}
      {ways.sso && ways.password && <div className={css.or}>{words.or}</div>}
      {ways.password && (
        <form
          ref={element}
          className={css.fields}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void form.submit()
          }}
        >
          <TextField
            label={words.name}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={form.name}
            error={problems.name}
            onChange={form.setName}
            autoFocus={usualName === ''}
          />
          <TextField
            label={words.password}
            name="password"
            type="password"
            autoComplete="current-password"
            value={form.password}
            error={problems.password}
            hint={capsLock ? words.capsLock : undefined}
            onChange={form.setPassword}
            onKeyDown={hearCapsLock}
            onKeyUp={hearCapsLock}
            autoFocus={usualName !== ''}
          />
          {problems.whole !== undefined && <Problem says={problems.whole} />}
          <Button type="submit" look="filled" className={css.wide} busy={form.busy} because={form.held}>
            {words.act}
          </Button>
          <p className="faint">
            <small>{words.lost}</small>
          </p>
        </form>
      )}
      {!ways.sso && !ways.password && <p>{words.noWay}</p>}
    </>
  )
}

function Problem({ says }: { says: string }) {
  return (
    <p className={css.problem} role="alert">
      <StateMark is="failed" />
      <span className="wrap">{says}</span>
    </p>
  )
}
