import { changeProfile } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { useSession } from '../../live/session.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { profile as words } from '../../strings/profile.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { tell } from '../../ui/toast.tsx'
import css from './profile.module.css'

const SHORTEST = 12
const NOTHING = { current: '', next: '', again: '' }

/** Changes the password, or says that there is none. */
export function PasswordPanel({ hasPassword }: { hasPassword: boolean }) {
  const { profile } = useSession()
  const queries = useQueryClient()
  const [typed, setTyped] = useState(NOTHING)
  const form = useSubmit(['current', 'next'], { password_wrong: 'current' })
  if (!hasPassword)
    return (
      <Panel title={words.password} padded>
        <p className="dim">{words.ssoOnly}</p>
      </Panel>
    )
  const { current, next, again } = typed
  const wrong = {
    current: current === '' ? words.currentMissing : undefined,
    next: next.length < SHORTEST ? say(words.tooShort, { count: next.length }) : undefined,
    again: again === next ? undefined : words.notSame,
  }
  const change = async () => {
    await client.call(changeProfile, { body: { password: { current, next } } })
    setTyped(NOTHING)
    await queries.invalidateQueries({ queryKey: readings.mySessions() })
    tell(words.changed)
  }
  const field = (name: keyof typeof typed, autoComplete: string, hint?: string) => (
    <TextField
      label={words[name]}
      type="password"
      autoComplete={autoComplete}
      value={typed[name]}
      error={form.problems[name]}
      hint={hint}
      onChange={(text) => {
        setTyped({ ...typed, [name]: text })
        form.mend(name)
      }}
    />
  )
  return (
    <Panel title={words.password} padded>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void form.submit(wrong, change)
        }}
      >
        <p className="dim">{words.passwordSays}</p>
        {/* Password managers keep the new one under this name. */}
        <input type="text" name="username" autoComplete="username" value={profile?.name ?? ''} readOnly hidden />
        {field('current', 'current-password')}
        {field('next', 'new-password', words.nextHint)}
        {field('again', 'new-password')}
        {form.problems.whole !== undefined && <p role="alert">{form.problems.whole}</p>}
        <div>
          <Button type="submit" busy={form.busy}>
            {words.change}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
