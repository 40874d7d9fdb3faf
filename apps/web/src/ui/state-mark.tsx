import type { ReactNode } from 'react'
import css from './state-mark.module.css'

/** States that things can be in. Each has a shape of its own, so that colour is never needed to tell them apart. */
export type Mark =
  | 'serving'
  | 'standby'
  | 'moving'
  | 'draining'
  | 'failed'
  | 'paused'
  | 'attention'
  | 'shadow'
  | 'off'
  | 'passed'
  | 'waiting'

const SHAPES: Record<Mark, ReactNode> = {
  serving: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  standby: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  moving: (
    <>
      <circle
        className={css.arc}
        cx="6"
        cy="6"
        r="4.2"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeDasharray="17 30"
        strokeLinecap="round"
      />
      <circle cx="6" cy="6" r="1.4" fill="currentColor" />
    </>
  ),
  draining: (
    <>
      <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M1.8 6h8.4a4.2 4.2 0 0 1-8.4 0z" fill="currentColor" />
    </>
  ),
  failed: (
    <>
      <path d="M3.6.7h4.8l2.9 2.9v4.8l-2.9 2.9H3.6L.7 8.4V3.6z" fill="currentColor" />
      <path d="M4.2 4.2l3.6 3.6M7.8 4.2L4.2 7.8" className={css.cutout} strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  paused: (
    <>
      <rect x="2" y="1.5" width="2.8" height="9" rx=".8" fill="currentColor" />
      <rect x="7.2" y="1.5" width="2.8" height="9" rx=".8" fill="currentColor" />
    </>
  ),
  attention: (
    <>
      <path d="M6 .9l5.4 9.7H.6z" fill="currentColor" stroke="currentColor" strokeWidth=".8" strokeLinejoin="round" />
      <path d="M6 4.3v3M6 8.9v.1" className={css.cutout} strokeWidth="1.3" strokeLinecap="round" />
    </>
  ),
  shadow: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 2.2" />,
  off: (
    <>
      <rect x="1.6" y="1.6" width="8.8" height="8.8" rx="1.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M4 6h4" stroke="currentColor" strokeWidth="1.4" />
    </>
  ),
  passed: (
    <>
      <circle cx="6" cy="6" r="5.4" fill="currentColor" />
      <path
        d="M3.6 6.2l1.7 1.7 3.2-3.5"
        fill="none"
        className={css.cutout}
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  waiting: <circle cx="6" cy="6" r="2" fill="none" stroke="currentColor" strokeWidth="1.2" />,
}

/** The shape alone. `label` is for those who hear the page; leave it out where the word stands beside it. */
export function StateMark({ is, label }: { is: Mark; label?: string }) {
  return (
    <svg
      className={`${css.mark} ${css[is]}`}
      viewBox="0 0 12 12"
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    >
      {SHAPES[is]}
    </svg>
  )
}

/** Shape and word, in the state's colour. */
export function StateWord({ is, children }: { is: Mark; children: ReactNode }) {
  return (
    <span className={`${css.word} ${css[is]}`}>
      <StateMark is={is} />
      {children}
    </span>
  )
}

/** The same on a tint, for the head of a page or dialog. */
export function StateBadge({ is, children }: { is: Mark; children: ReactNode }) {
  return (
    <span className={`${css.badge} ${css[is]}`}>
      <StateMark is={is} />
      {children}
    </span>
  )
}
