import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { say } from '../../strings/message.ts'
import { welcome as words } from '../../strings/welcome.ts'
import { Button } from '../../ui/button.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { STEPS } from './use-steps.ts'
import type { StepName } from './use-steps.ts'
import css from './welcome.module.css'

/** One step of the guide: open, done with what came of it, or still to come. */
export function Step({
  name,
  is,
  came,
  fails,
  onOpen,
  children,
}: {
  name: StepName
  is: 'now' | 'done' | 'later'
  /** What came of it. */
  came?: ReactNode
  /** What to do if it fails. */
  fails: string
  onOpen: () => void
  children: ReactNode
}) {
  const head = useRef<HTMLHeadingElement>(null)
  const isNow = is === 'now'
  const wasNow = useRef(isNow)
  // Whoever goes on by keyboard goes on here.
  useEffect(() => {
    if (isNow && !wasNow.current) head.current?.focus()
    wasNow.current = isNow
  }, [isNow])
  return (
    <li className={`${css.step} ${css[is]}`} aria-current={isNow ? 'step' : undefined}>
      <div className={css.head}>
        {is === 'done' ? (
          <StateMark is="passed" label={words.done} />
        ) : (
          <span className={css.number} aria-hidden>
            {STEPS.indexOf(name) + 1}
          </span>
        )}
        <h2 ref={head} tabIndex={-1}>
          <span className="heard-only">{say(words.step, { number: STEPS.indexOf(name) + 1 })} </span>
          {words.steps[name]}
        </h2>
        {is === 'done' && (
          <>
            <span className="grow dim wrap">{came}</span>
            <Button size="small" onClick={onOpen}>
              {words.change}
            </Button>
          </>
        )}
      </div>
      {isNow && (
        <div className={css.body}>
          {children}
          <details className={css.fails}>
            <summary>{words.ifItFails}</summary>
            <p>{fails}</p>
          </details>
        </div>
      )}
    </li>
  )
}
