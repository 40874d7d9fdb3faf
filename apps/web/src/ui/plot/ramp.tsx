import { RAMP_GRADIENT } from './palette.ts'
import css from './plot.module.css'

/** What the colours from low to high mean. */
export function Ramp({ name, low, high }: { name: string; low: string; high: string }) {
  return (
    <span className={css.ramp}>
      {name} {low}
      <i style={{ background: RAMP_GRADIENT }} aria-hidden />
      {high}
    </span>
  )
}
