import { Combobox } from '@base-ui/react/combobox'
import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { ui } from '../strings/ui.ts'
import css from './choice.module.css'
import { Field } from './field.tsx'
import fields from './field.module.css'

export interface Choice {
  readonly value: string
  /** What is shown; `text` is what a search finds it by. */
  readonly label: ReactNode
  readonly text: string
  readonly note?: ReactNode
  /** Why it cannot be chosen; it stays in the list and says so. */
  readonly because?: string | undefined
}

interface ChoiceProps {
  readonly label: string
  readonly unit?: ReactNode
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly value: Choice | undefined
  readonly choices: readonly Choice[]
  readonly prompt: string
  readonly nothing: string
  readonly onChange: (value: string) => void
  /** Hears what is typed, where the list is read from elsewhere; without it the given choices are searched. */
  readonly onSearch?: (text: string) => void
  /** Below the list: that there are more, for example. */
  readonly foot?: ReactNode
}

/** One of many: a field that opens a list with a search above it. */
export function ChoiceField({ label, unit, hint, error, ...rest }: ChoiceProps) {
  return (
    <Field label={label} unit={unit} hint={hint} error={error}>
      {(wiring) => <ChoiceList {...rest} label={label} wiring={wiring} />}
    </Field>
  )
}

function ChoiceList({
  label,
  value,
  choices,
  prompt,
  nothing,
  onChange,
  onSearch,
  foot,
  wiring,
}: Omit<ChoiceProps, 'unit' | 'hint' | 'error'> & { wiring: object }) {
  return (
    <Combobox.Root
      items={choices}
      value={value ?? null}
      onValueChange={(next: Choice | null) => next && onChange(next.value)}
      isItemEqualToValue={(one: Choice, other: Choice) => one.value === other.value}
      itemToStringLabel={(one: Choice) => one.text}
      autoHighlight
      {...(onSearch
        ? {
            filter: null,
            // The list sets the text itself when it opens, closes and is chosen from; only typing is a search.
            onInputValueChange: (text: string, { reason }: { reason: string }) =>
              (reason === 'input-change' || reason === 'input-clear') && onSearch(text),
            onOpenChange: (open: boolean) => !open && onSearch(''),
          }
        : {})}
    >
      <Combobox.Trigger {...wiring} className={`${fields.input} ${fields.trigger}`}>
        <span className={css.value}>
          {value ? (
            <>
              {value.label}
              {value.note !== undefined && <span className="dim cut">{value.note}</span>}
            </>
          ) : (
            <span className="faint">{prompt}</span>
          )}
        </span>
        <Combobox.Icon className={fields.caret}>
          <ChevronsUpDown />
        </Combobox.Icon>
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner className={fields.place} sideOffset={4} align="start">
          <Combobox.Popup className={css.popup} aria-label={label}>
            <Combobox.Input className={css.search} placeholder={prompt} aria-label={prompt} />
            <Combobox.Empty>
              <p className={css.nothing}>{nothing}</p>
            </Combobox.Empty>
            <Combobox.List className={css.list}>
              {(choice: Choice) => (
                <Combobox.Item
                  key={choice.value}
                  value={choice}
                  disabled={choice.because !== undefined}
                  className={`${fields.item} ${choice.because === undefined ? '' : css.held}`}
                >
                  <span className={css.value}>
                    {choice.label}
                    <small className="dim wrap">{choice.because ?? choice.note}</small>
                  </span>
                  <Combobox.ItemIndicator className={fields.chosen}>
                    <Check aria-label={ui.chosen} />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
            {foot !== undefined && <p className={css.nothing}>{foot}</p>}
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
