import type { ErrorCode } from '@stead/contracts'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { NameField } from '../ui/field.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'
import { useSubmit } from './use-submit.ts'

interface NameAskProps {
  readonly title: string
  readonly says?: string
  readonly act: string
  /** Of the field. */
  readonly label: string
  /** What it is called so far. */
  readonly name?: string
  readonly because: string | undefined
  readonly problemOf: (name: string) => string | undefined
  /** The refusal that is about the name. */
  readonly refused?: ErrorCode
  readonly onSubmit: (name: string) => Promise<unknown>
  readonly onClose: () => void
  /** Further fields. */
  readonly children?: ReactNode
}

/** A dialog that asks what something is to be called. */
export function NameAsk({
  title,
  says,
  act,
  label,
  name: given = '',
  because,
  problemOf,
  refused,
  onSubmit,
  onClose,
  children,
}: NameAskProps) {
  const [name, setName] = useState(given)
  const { busy, problems, submit, mend } = useSubmit(['name'], refused && { [refused]: 'name' })
  return (
    <FormDialog
      title={title}
      says={says}
      act={act}
      busy={busy}
      because={because}
      problem={problems.whole}
      onSubmit={() => void submit({ name: problemOf(name) }, () => onSubmit(name))}
      onClose={onClose}
    >
      <NameField
        label={label}
        value={name}
        error={problems.name}
        onChange={(text) => {
          setName(text)
          mend('name')
        }}
      />
      {children}
    </FormDialog>
  )
}
