import type { Limits } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { consumers as words } from '../../strings/consumers.ts'
import { TextField } from '../../ui/field.tsx'
import css from './consumers.module.css'

/** Limits as they are typed: empty where there is none. */
export type LimitsText = Readonly<Record<keyof Limits, string>>

const FIELDS = ['rate', 'burst', 'perDay', 'perMonth'] as const satisfies readonly (keyof Limits)[]
export const LIMIT_FIELDS: readonly string[] = FIELDS

export const limitsText = (limits: Limits | undefined): LimitsText =>
  Object.fromEntries(FIELDS.map((field) => [field, String(limits?.[field] ?? '')])) as LimitsText

/** What is wrong with what was typed, by field. */
export const limitsWrong = (text: LimitsText): Partial<Record<keyof Limits, string>> =>
  Object.fromEntries(
    FIELDS.flatMap((field) => {
      const wrong = limitWrong(field, text[field].trim())
      return wrong === undefined ? [] : [[field, wrong]]
    }),
  )

function limitWrong(field: keyof Limits, text: string): string | undefined {
  const value = Number(text)
  if (text === '') return undefined
  if (field === 'rate') return value > 0 && Number.isFinite(value) ? undefined : say(words.rateWrong, { text })
  return Number.isInteger(value) && value >= 1 ? undefined : say(words.wholeWrong, { text })
}

export const limitsOf = (text: LimitsText): Limits =>
  Object.fromEntries(
    FIELDS.map((field) => [field, text[field].trim() === '' ? null : Number(text[field])]),
  ) as unknown as Limits

export function LimitsFields({
  text,
  problems,
  onChange,
}: {
  text: LimitsText
  problems: Readonly<Record<string, string | undefined>>
  onChange: (text: LimitsText, field: string) => void
}) {
  return (
    <fieldset className={css.limits}>
      <legend>{words.limits}</legend>
      <p className="faint">{words.limitsSay}</p>
      {FIELDS.map((field) => (
        <TextField
          key={field}
          label={words[field]}
          value={text[field]}
          error={problems[field]}
          placeholder={words.noLimit}
          inputMode="decimal"
          autoComplete="off"
          onChange={(typed) => onChange({ ...text, [field]: typed }, field)}
        />
      ))}
    </fieldset>
  )
}
