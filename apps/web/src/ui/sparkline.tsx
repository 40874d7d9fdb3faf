import css from './sparkline.module.css'

/** The shape of a trend beside its number; says nothing by itself, so it is not heard. */
export function Sparkline({ values, top }: { values: readonly number[]; top?: number }) {
  const highest = top ?? Math.max(...values, 0)
  if (values.length < 2) return <svg className={css.spark} aria-hidden />
  const x = (index: number) => (index / (values.length - 1)) * 92
  const y = (value: number) => (highest === 0 ? 20 : 20 - (value / highest) * 18)
  const line = values
    .map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('')
  return (
    <svg className={css.spark} viewBox="0 0 92 22" preserveAspectRatio="none" aria-hidden>
      <path className={css.area} d={`${line}L92 22L0 22Z`} />
      <path className={css.line} d={line} />
    </svg>
  )
}

/** How much of something is used. */
export function Meter({ label, value, max }: { label: string; value: number; max: number }) {
  const share = max > 0 ? Math.min(value / max, 1) : 0
  return (
    <svg
      className={css.meter}
      role="meter"
      aria-label={label}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      preserveAspectRatio="none"
      viewBox="0 0 100 6"
    >
      <rect className={css.track} width="100" height="6" />
      <rect className={css.full} width={share * 100} height="6" />
    </svg>
  )
}

/** How far something is that moves on. */
export function Progress({ label, value, max }: { label: string; value: number; max: number }) {
  const share = max > 0 ? Math.min(value / max, 1) : 1
  return (
    <svg
      className={css.meter}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      preserveAspectRatio="none"
      viewBox="0 0 100 6"
    >
      <rect className={css.track} width="100" height="6" />
      <rect className={css.moving} width={share * 100} height="6" />
    </svg>
  )
}
