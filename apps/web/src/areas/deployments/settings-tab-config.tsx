import type { ServingConfig, ServingConfigPatch } from '@stead/contracts'
import { useState } from 'react'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { grouped } from '../../strings/message.ts'
import { TextField } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import css from './settings-tab.module.css'

const words = asks.config

/** As typed. */
export interface ConfigText {
  readonly isolation: 'shared' | 'dedicated'
  readonly threads: string
  readonly timeoutMs: string
  readonly loadTimeoutMs: string
  readonly maxRows: string
  readonly maxDelayMs: string
  readonly preferredRows: string
  readonly maxQueue: string
}

type NumberName = Exclude<keyof ConfigText, 'isolation' | 'preferredRows'>

interface NumberField {
  readonly name: NumberName
  readonly label: string
  readonly hint: string
  readonly unit?: string
  readonly min: number
  readonly max: number
  readonly isWhole: boolean
  /** Empty means none. */
  readonly mayBeEmpty?: boolean
}

const NUMBERS: readonly NumberField[] = [
  { name: 'threads', label: words.threads, hint: words.threadsHint, min: 1, max: 256, isWhole: true },
  {
    name: 'timeoutMs',
    label: words.timeoutMs,
    hint: words.timeoutHint,
    unit: words.ms,
    min: 1,
    max: 3_600_000,
    isWhole: true,
    mayBeEmpty: true,
  },
  {
    name: 'loadTimeoutMs',
    label: words.loadTimeoutMs,
    hint: words.loadTimeoutHint,
    unit: words.ms,
    min: 100,
    max: 3_600_000,
    isWhole: true,
  },
  {
    name: 'maxRows',
    label: words.maxRows,
    hint: words.maxRowsHint,
    unit: words.rows,
    min: 1,
    max: 65_536,
    isWhole: true,
  },
  {
    name: 'maxDelayMs',
    label: words.maxDelayMs,
    hint: words.maxDelayHint,
    unit: words.ms,
    min: 0,
    max: 10_000,
    isWhole: false,
  },
  {
    name: 'maxQueue',
    label: words.maxQueue,
    hint: words.maxQueueHint,
    unit: words.requests,
    min: 1,
    max: 100_000,
    isWhole: true,
  },
]

export const configText = ({ batching, ...rest }: ServingConfig): ConfigText => ({
  isolation: rest.isolation,
  threads: String(rest.threads),
  timeoutMs: rest.timeoutMs === null ? '' : String(rest.timeoutMs),
  loadTimeoutMs: String(rest.loadTimeoutMs),
  maxRows: String(batching.maxRows),
  maxDelayMs: String(batching.maxDelayMs),
  preferredRows: batching.preferredRows.join(', '),
  maxQueue: String(batching.maxQueue),
})

/** What is wrong, by field. */
export function configProblems(text: ConfigText): Partial<Record<keyof ConfigText, string>> {
  const problems = [
    ...NUMBERS.map((field) => [field.name, numberProblem(field, text[field.name])] as const),
    ['preferredRows', preferredProblem(text.preferredRows)] as const,
  ]
  return Object.fromEntries(problems.filter(([, problem]) => problem !== undefined))
}

/** Only what is not as in `before`. */
export function configPatch(text: ConfigText, before: ServingConfig): ServingConfigPatch {
  const was = configText(before)
  const changed = <T extends object>(name: keyof ConfigText, patch: T) => (text[name].trim() === was[name] ? {} : patch)
  const batching = {
    ...changed('maxRows', { maxRows: Number(text.maxRows) }),
    ...changed('maxDelayMs', { maxDelayMs: Number(text.maxDelayMs) }),
    ...changed('preferredRows', { preferredRows: sizesOf(text.preferredRows).map(Number) }),
    ...changed('maxQueue', { maxQueue: Number(text.maxQueue) }),
  }
  return {
    ...changed('isolation', { isolation: text.isolation }),
    ...changed('threads', { threads: Number(text.threads) }),
    ...changed('timeoutMs', { timeoutMs: text.timeoutMs.trim() === '' ? null : Number(text.timeoutMs) }),
    ...changed('loadTimeoutMs', { loadTimeoutMs: Number(text.loadTimeoutMs) }),
    ...(Object.keys(batching).length > 0 ? { batching } : {}),
  }
}

export const patched = (config: ServingConfig, { batching, ...rest }: ServingConfigPatch): ServingConfig =>
  ({ ...config, ...rest, batching: { ...config.batching, ...batching } }) as ServingConfig

function numberProblem({ min, max, isWhole, mayBeEmpty }: NumberField, text: string): string | undefined {
  const slots = { text: text.trim(), min: grouped(min), max: grouped(max) }
  if (text.trim() === '') return mayBeEmpty ? undefined : say(words.missing, { min: slots.min, max: slots.max })
  const number = Number(text)
  if (isWhole ? !Number.isInteger(number) : !Number.isFinite(number))
    return say(isWhole ? words.notWhole : words.notNumber, slots)
  return number < min || number > max ? say(words.outside, slots) : undefined
}

const sizesOf = (text: string) =>
  text
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')

function preferredProblem(text: string): string | undefined {
  const sizes = sizesOf(text)
  const wrong = sizes.find((size) => !Number.isInteger(Number(size)) || Number(size) < 1 || Number(size) > 65_536)
  if (wrong !== undefined) return say(words.notWhole, { text: wrong, min: '1', max: grouped(65_536) })
  return sizes.length > 16 ? words.tooMany : undefined
}

/** The fields of how a deployment serves. A field is judged once it was left, and then with every key. */
export function ConfigFields({ text, onChange }: { text: ConfigText; onChange: (next: ConfigText) => void }) {
  const [left, setLeft] = useState<ReadonlySet<keyof ConfigText>>(new Set())
  const problems = configProblems(text)
  const leave = (name: keyof ConfigText) => setLeft(new Set([...left, name]))
  const field = (name: keyof ConfigText) => ({
    value: text[name],
    error: left.has(name) ? problems[name] : undefined,
    onChange: (next: string) => onChange({ ...text, [name]: next }),
    onBlur: () => leave(name),
    autoComplete: 'off',
  })
  return (
    <div className={css.config}>
      <SelectField
        label={words.isolation}
        value={text.isolation}
        options={[
          { value: 'shared', label: words.shared, note: words.sharedSays },
          { value: 'dedicated', label: words.dedicated, note: words.dedicatedSays },
        ]}
        hint={text.isolation === 'shared' ? words.sharedSays : words.dedicatedSays}
        onChange={(isolation) => onChange({ ...text, isolation })}
      />
      {NUMBERS.map(({ name, label, hint, unit }) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          {...(unit === undefined ? {} : { unit })}
          inputMode="decimal"
          {...field(name)}
        />
      ))}
      <TextField label={words.preferredRows} hint={words.preferredHint} unit={words.rows} {...field('preferredRows')} />
    </div>
  )
}
