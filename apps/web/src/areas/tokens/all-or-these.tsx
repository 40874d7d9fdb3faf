import type { ReactNode } from 'react'
import { Segmented } from '../../ui/segmented.tsx'
import css from './tokens.module.css'

/** All of a kind, or some of it only, which are chosen below. `null` is all. */
export function AllOrThese<T>({
  label,
  all,
  these,
  value,
  error,
  onChange,
  children,
}: {
  label: string
  all: string
  these: string
  value: readonly T[] | null
  error: string | undefined
  onChange: (value: readonly T[] | null) => void
  children: (chosen: readonly T[]) => ReactNode
}) {
  return (
    <fieldset className={css.choice}>
      <legend>{label}</legend>
      <Segmented
        label={label}
        value={value === null ? 'all' : 'these'}
        options={[
          { value: 'all', label: all },
          { value: 'these', label: these },
        ]}
        onChange={(which) => onChange(which === 'all' ? null : [])}
      />
      {value !== null && <div className={css.nouns}>{children(value)}</div>}
      {error !== undefined && (
        <p className={css.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}
