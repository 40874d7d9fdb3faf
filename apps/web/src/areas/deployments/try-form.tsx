import type { ReactNode } from 'react'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { TextArea, TextField, Tick } from '../../ui/field.tsx'
import type { TryField } from './try-fields.ts'
import { TryImage } from './try-image.tsx'
import css from './try.module.css'

/** The fields of a contract. Each is checked as one leaves it, and with each key once it is wrong. */
export function TryForm({
  fields,
  texts,
  errors,
  onChange,
  onLeave,
  onPixels,
}: {
  fields: readonly TryField[]
  texts: Readonly<Record<string, string>>
  errors: Readonly<Record<string, string | undefined>>
  onChange: (field: TryField, text: string) => void
  onLeave: (field: TryField) => void
  onPixels: (field: TryField, pixels: readonly number[] | undefined, problem?: string) => void
}) {
  return (
    <div className={css.fields}>
      {fields.map((field) => (
        <OneField
          key={field.id}
          field={field}
          text={texts[field.id] ?? ''}
          error={errors[field.id]}
          onChange={(text) => onChange(field, text)}
          onLeave={() => onLeave(field)}
          onPixels={(pixels, problem) => onPixels(field, pixels, problem)}
        />
      ))}
    </div>
  )
}

function OneField({
  field,
  text,
  error,
  onChange,
  onLeave,
  onPixels,
}: {
  field: TryField
  text: string
  error: string | undefined
  onChange: (text: string) => void
  onLeave: () => void
  onPixels: (pixels: readonly number[] | undefined, problem?: string) => void
}): ReactNode {
  const { id, kind, input, count } = field
  const { datatype } = input
  const wired = {
    'data-field': id,
    label: id,
    value: text,
    error,
    onChange,
    onBlur: onLeave,
    spellCheck: false,
  } as const
  if (kind === 'none')
    return <p className={`${css.wide} dim`}>{say(words.unsendable, { datatype: `${id}: ${datatype}` })}</p>
  if (kind === 'image') return <TryImage field={field} error={error} onPixels={onPixels} />
  if (kind === 'list')
    return (
      <div className={css.wide}>
        <TextArea
          {...wired}
          unit={count === undefined ? say(words.listOpen, { datatype }) : say(words.list, { datatype, count })}
          hint={words.listHint}
          rows={4}
        />
      </div>
    )
  if (kind === 'bool')
    return (
      <Tick data-field={id} checked={text === 'true'} onChange={(checked) => onChange(String(checked))}>
        {id} <span className="faint">{datatype}</span>
      </Tick>
    )
  return (
    <div className={kind === 'text' ? css.wide : undefined}>
      <TextField {...wired} unit={datatype} autoComplete="off" inputMode={kind === 'text' ? 'text' : 'decimal'} />
    </div>
  )
}
