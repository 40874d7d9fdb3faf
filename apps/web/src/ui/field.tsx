import { useId } from 'react'
import type { InputHTMLAttributes, ReactNode, TextareaHTMLAttributes } from 'react'
import css from './field.module.css'
import { StateMark } from './state-mark.tsx'

export interface FieldProps {
  readonly label: ReactNode
  /** A type or unit, at the right end of the label. */
  readonly unit?: ReactNode
  readonly hint?: ReactNode
  /** What is wrong and how to mend it; takes the place of the hint. */
  readonly error?: string | undefined
}

interface Wiring {
  readonly id: string
  readonly 'aria-invalid': true | undefined
  readonly 'aria-describedby': string | undefined
}

/** Label above, hint or error below, tied to whatever `children` renders with the attributes it is given. */
export function Field({
  label,
  unit,
  hint,
  error,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId()
  const told = error ?? hint
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
        {unit !== undefined && <span className={css.unit}>{unit}</span>}
      </label>
      {children({ id, 'aria-invalid': error ? true : undefined, 'aria-describedby': told ? `${id}-told` : undefined })}
      {told !== undefined && told !== '' && (
        <div id={`${id}-told`} className={error ? css.error : css.hint}>
          {error ? <StateMark is="failed" /> : null}
          <span>{told}</span>
        </div>
      )}
    </div>
  )
}

type TextProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> & {
    value: string
    onChange: (text: string) => void
  }

export function TextField({ label, unit, hint, error, onChange, className = '', ...rest }: TextProps) {
  return (
    <Field label={label} unit={unit} hint={hint} error={error}>
      {(wiring) => (
        <input
          {...rest}
          {...wiring}
          className={`${css.input} ${className}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

/** For what is typed letter by letter: nothing is suggested, corrected or written large. */
export function NameField(props: TextProps) {
  return <TextField {...props} autoComplete="off" autoCapitalize="none" spellCheck={false} />
}

type AreaProps = FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> & {
    value: string
    onChange: (text: string) => void
  }

export function TextArea({ label, unit, hint, error, onChange, className = '', ...rest }: AreaProps) {
  return (
    <Field label={label} unit={unit} hint={hint} error={error}>
      {(wiring) => (
        <textarea
          {...rest}
          {...wiring}
          className={`${css.input} ${css.area} ${className}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

/** A box to tick, with its sentence. */
export function Tick({
  checked,
  onChange,
  children,
  ...rest
}: { checked: boolean; onChange: (checked: boolean) => void; children?: ReactNode } & Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'onChange' | 'checked' | 'type'
>) {
  return (
    <label className={css.tick}>
      <input {...rest} type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  )
}
