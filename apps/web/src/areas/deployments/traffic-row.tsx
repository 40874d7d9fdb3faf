import { X } from 'lucide-react'
import { useState } from 'react'
import type { CSSProperties } from 'react'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { IconButton } from '../../ui/button.tsx'
import fields from '../../ui/field.module.css'
import { StateMark } from '../../ui/state-mark.tsx'
import css from './traffic-ask.module.css'
import { inColour, VersionName } from './version.tsx'

const words = asks.traffic

interface RowProps {
  readonly version: number
  /** In per cent. */
  readonly value: number
  readonly label: string
  readonly hollow?: boolean
  readonly onChange: (value: number) => void
  readonly onRemove: () => void
  /** Why it cannot be taken out. */
  readonly because?: string | undefined
}

/** A version's part, by a slider and by a number. */
export function ShareRow({ version, value, label, hollow = false, onChange, onRemove, because }: RowProps) {
  const [typed, setTyped] = useState<string>()
  const error = typed === undefined ? undefined : problemOf(typed)
  const type = (text: string) => {
    setTyped(text)
    if (problemOf(text) === undefined) onChange(Number(text))
  }
  return (
    <div>
      <div className={css.row}>
        <VersionName version={version} hollow={hollow} />
        <input
          type="range"
          className={css.slider}
          style={{ ...inColour(version), '--at': `${value}%` } as CSSProperties}
          min={0}
          max={100}
          step={1}
          value={value}
          aria-label={say(words.share, { version: String(version) })}
          onChange={(event) => {
            setTyped(undefined)
            onChange(Number(event.target.value))
          }}
        />
        <span className={css.number}>
          <input
            type="text"
            inputMode="decimal"
            className={fields.input}
            value={typed ?? String(value)}
            aria-label={label}
            aria-invalid={error === undefined ? undefined : true}
            onChange={(event) => type(event.target.value)}
            onBlur={() => error === undefined && setTyped(undefined)}
          />
          <span className="faint">{words.unit}</span>
        </span>
        <IconButton
          look="quiet"
          label={say(words.remove, { version: String(version) })}
          icon={<X />}
          because={because}
          onClick={onRemove}
        />
      </div>
      {error !== undefined && (
        <p className={fields.error} role="alert">
          <StateMark is="failed" />
          {error}
        </p>
      )}
    </div>
  )
}

function problemOf(text: string): string | undefined {
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) && number >= 0 && number <= 100
    ? undefined
    : say(words.notNumber, { text })
}
