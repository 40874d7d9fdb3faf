import { useState } from 'react'
import { audit as words } from '../../strings/audit.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import css from './audit.module.css'
import { FILTERS } from './filters.ts'
import type { Filters } from './filters.ts'

const ANY = 'any'
const TYPED = ['actor', 'act', 'subject'] as const

/** The filters of a log. What is typed counts when one leaves the field or presses Enter. */
export function AuditFilters({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const isFiltered = FILTERS.some((name) => filters[name] !== undefined)
  return (
    <form className={css.filters} aria-label={words.filters} onSubmit={(event) => event.preventDefault()}>
      {TYPED.map((name) => (
        <TypedFilter
          key={name}
          label={words[name]}
          value={filters[name] ?? ''}
          onSettled={(text) => onChange({ ...filters, [name]: text })}
        />
      ))}
      <SelectField
        label={words.outcome}
        value={filters.outcome ?? ANY}
        options={[
          { value: ANY, label: words.anyOutcome },
          { value: 'done', label: words.outcomes.done },
          { value: 'denied', label: words.outcomes.denied },
        ]}
        onChange={(value) => onChange({ ...filters, outcome: value === ANY ? undefined : value })}
      />
      {(['from', 'until'] as const).map((name) => (
        <TextField
          key={name}
          type="date"
          label={words[name]}
          value={filters[name] ?? ''}
          onChange={(day) => onChange({ ...filters, [name]: day })}
        />
      ))}
      {isFiltered && <Button onClick={() => onChange({})}>{words.clear}</Button>}
    </form>
  )
}

function TypedFilter({ label, value, onSettled }: { label: string; value: string; onSettled: (text: string) => void }) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // Going back in the browser, or clearing all filters, brings back what the address says.
  if (known !== value) {
    setKnown(value)
    setText(value)
  }
  const settle = () => text.trim() !== value && onSettled(text.trim())
  return (
    <TextField
      label={label}
      value={text}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onChange={setText}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
    />
  )
}
