import { SteadError } from '@stead/contracts'
import { useEffect, useState } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { useSignIn } from '../../live/session.ts'
import { say } from '../../strings/message.ts'
import { signIn as words } from '../../strings/sign-in.ts'
import { duration } from '../../ui/numbers.ts'

type Problems = Partial<Record<'name' | 'password' | 'whole', string>>

/** Where the server does not say how long to wait. */
const USUAL_WAIT_S = 30

/** What is typed at the door, and what was wrong with it. The name is kept when the password was refused. */
export function useSignInForm(usualName: string, onDone: ((actor: string | null) => void) | undefined) {
  const signIn = useSignIn()
  const [name, setName] = useState(usualName)
  const [password, setPassword] = useState('')
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)
  const [wait, setWait] = useCountdown()
  const submit = async () => {
    const missing: Problems = {
      ...(name.trim() === '' ? { name: words.nameMissing } : {}),
      ...(password === '' ? { password: words.passwordMissing } : {}),
    }
    setProblems(missing)
    if (Object.keys(missing).length > 0 || busy || wait > 0) return
    setBusy(true)
    try {
      const { actor } = await signIn(name.trim().toLowerCase(), password)
      onDone?.(actor)
    } catch (error) {
      if (isWait(error)) setWait(secondsOf(error))
      else setProblems({ [isWrong(error) ? 'password' : 'whole']: sentenceOf(error) })
    }
    setBusy(false)
  }
  return {
    name,
    password,
    busy,
    submit,
    problems: wait > 0 ? { whole: say(words.wait, { time: duration(wait * 1000) }) } : problems,
    held: wait > 0 ? say(words.waitHeld, { time: duration(wait * 1000) }) : undefined,
    setName: (text: string) => {
      setName(text)
      setProblems({})
    },
    setPassword: (text: string) => {
      setPassword(text)
      setProblems({})
    },
  }
}

const isWait = (error: unknown): error is SteadError =>
  error instanceof SteadError && error.code === 'too_many_attempts'
const isWrong = (error: unknown) => error instanceof SteadError && error.code === 'sign_in_refused'

function secondsOf({ details }: SteadError): number {
  const told = (details as { retryAfter?: unknown } | undefined)?.retryAfter
  return typeof told === 'number' && told > 0 ? Math.ceil(told) : USUAL_WAIT_S
}

/** Seconds that pass. */
function useCountdown(): [number, (seconds: number) => void] {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (seconds <= 0) return
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds])
  return [seconds, setSeconds]
}
