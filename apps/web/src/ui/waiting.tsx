import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { Button } from './button.tsx'
import { StateMark } from './state-mark.tsx'
import css from './waiting.module.css'

function useLater(ms: number): boolean {
  const [isLater, setLater] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return isLater
}

/** Grey bars in the shape of what comes: nothing at first, words when it takes long. */
export function Waiting({ what, rows = 3 }: { what: string; rows?: number }) {
  const isVisible = useLater(150)
  const isLong = useLater(5000)
  return (
    <div className={css.waiting} role="status" aria-label={say(ui.reading, { what })}>
      {isVisible && Array.from({ length: rows }, (_, index) => <div key={index} className={css.bar} />)}
      {isLong && <p className="faint">{say(ui.stillReading, { what })}</p>}
    </div>
  )
}

/** A part of the page that failed: what, why, when it is tried again. `why` is a sentence. */
export function Failure({
  what,
  why,
  id,
  onRetry,
  retryInMs,
}: {
  what: string
  why: string
  id?: string | undefined
  onRetry?: () => void
  retryInMs?: number
}) {
  return (
    <div className={css.failure} role="alert">
      <StateMark is="failed" />
      <div className="grow wrap">
        <p>
          {atBeginning(say(ui.couldNotRead, { what, why }))}{' '}
          {onRetry && retryInMs !== undefined && <Countdown ms={retryInMs} onEnd={onRetry} />}
        </p>
        {id !== undefined && <small className="faint mono">{say(ui.requestId, { id })}</small>}
      </div>
      {onRetry && <Button onClick={onRetry}>{say(ui.tryNow)}</Button>}
    </div>
  )
}

/** What is named within a sentence also begins one. */
const atBeginning = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1)

function Countdown({ ms, onEnd }: { ms: number; onEnd: () => void }) {
  const [seconds, setSeconds] = useState(Math.ceil(ms / 1000))
  useEffect(() => {
    if (seconds <= 0) return onEnd()
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds, onEnd])
  return <>{say(ui.tryingAgain, { seconds: Math.max(seconds, 0) })}</>
}

/** Nothing here: what would be, one act, one command. */
export function Empty({
  title,
  says,
  act,
  command,
}: {
  title: string
  says?: ReactNode
  act?: ReactNode
  command?: string
}) {
  return (
    <div className={css.empty}>
      <p className={css.title}>{title}</p>
      {says !== undefined && <p className="dim">{says}</p>}
      <div className={css.acts}>
        {act}
        {command !== undefined && <code className="faint wrap">{command}</code>}
      </div>
    </div>
  )
}

/** A sentence across the page that changes what the rest means. */
export function Banner({
  is,
  children,
  act,
}: {
  is: 'attention' | 'failed' | 'off'
  children: ReactNode
  act?: ReactNode
}) {
  return (
    <div className={`${css.banner} ${css[is]}`} role="status">
      <StateMark is={is} />
      <div className="grow wrap">{children}</div>
      {act}
    </div>
  )
}
