import type { CSSProperties, ReactNode } from 'react'
import css from './figure.module.css'

interface FigureTipProps {
  /** Of the crosshair, as CSS says lengths. */
  readonly x: string
  readonly isBefore: boolean
  /** Pixels. */
  readonly top: number
  readonly head: ReactNode
  readonly children: ReactNode
}

/** What the crosshair stands on, beside it; at the right edge of a phone. Heard by its figure's own words. */
export function FigureTip({ x, isBefore, top, head, children }: FigureTipProps) {
  return (
    <div
      className={`${css.tip} ${isBefore ? css.before : ''}`}
      style={{ '--x': x, top: Math.max(top, 0) } as CSSProperties}
      aria-hidden
    >
      <div className={css.tipHead}>{head}</div>
      {children}
    </div>
  )
}
