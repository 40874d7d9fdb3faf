import { Select as BaseSelect } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import css from './field.module.css'
import { Field } from './field.tsx'
import type { FieldProps } from './field.tsx'

export interface Option<V extends string> {
  readonly value: V
  readonly label: ReactNode
  readonly note?: ReactNode
}

interface SelectProps<V extends string> extends FieldProps {
  readonly value: V | null
  readonly options: readonly Option<V>[]
  readonly placeholder?: string
  readonly onChange: (value: V) => void
  /** For narrow places: the label is only heard. */
  readonly bare?: boolean
}

/** One of a few. For many, use a search. */
export function SelectField<V extends string>({ label, unit, hint, error, bare, ...rest }: SelectProps<V>) {
  if (bare) return <Select {...rest} wiring={{ 'aria-label': typeof label === 'string' ? label : undefined }} />
  return (
    <Field label={label} unit={unit} hint={hint} error={error}>
      {(wiring) => <Select {...rest} wiring={wiring} />}
    </Field>
  )
}

function Select<V extends string>({
  value,
  options,
  placeholder = '',
  onChange,
  wiring,
}: Pick<SelectProps<V>, 'value' | 'options' | 'placeholder' | 'onChange'> & { wiring: object }) {
  const chosen = options.find((option) => option.value === value)
  return (
    <BaseSelect.Root value={value} onValueChange={(next) => next !== null && onChange(next as V)}>
      <BaseSelect.Trigger {...wiring} className={`${css.input} ${css.trigger}`}>
        <BaseSelect.Value>{() => chosen?.label ?? <span className="faint">{placeholder}</span>}</BaseSelect.Value>
        <BaseSelect.Icon className={css.caret}>
          <ChevronDown />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner className={css.place} sideOffset={4} alignItemWithTrigger={false}>
          <BaseSelect.Popup className={css.popup}>
            {options.map((option) => (
              <BaseSelect.Item key={option.value} value={option.value} className={css.item}>
                <BaseSelect.ItemText className="grow">{option.label}</BaseSelect.ItemText>
                {option.note !== undefined && <small className="faint">{option.note}</small>}
                <BaseSelect.ItemIndicator className={css.chosen}>
                  <Check />
                </BaseSelect.ItemIndicator>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  )
}
