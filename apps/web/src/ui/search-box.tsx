import { Search } from 'lucide-react'
import { useEffect, useRef } from 'react'
import css from './search-box.module.css'

const SETTLE_MS = 200

/** A filter that answers while one types: `onSettled` hears of it once the typing pauses. `/` goes there. */
export function SearchBox({
  label,
  value,
  onChange,
  onSettled,
}: {
  label: string
  value: string
  onChange: (text: string) => void
  onSettled: (text: string) => void
}) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const settle = (text: string, ms: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onSettled(text), ms)
  }
  return (
    <span className={css.box}>
      <Search size={14} />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          onChange(event.target.value)
          settle(event.target.value, SETTLE_MS)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') settle(value, 0)
          if (event.key !== 'Escape') return
          if (value === '') event.currentTarget.blur()
          onChange('')
          settle('', 0)
        }}
      />
    </span>
  )
}
