import { Plus, X } from 'lucide-react'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import { DATATYPES, newTensor } from './signature-draft.ts'
import type { DraftErrors, SignatureDraft, TensorDraft } from './signature-draft.ts'
import css from './signature-form.module.css'

/** Declares what a version takes and gives, tensor by tensor. */
export function SignatureForm({
  draft,
  errors,
  onChange,
}: {
  draft: SignatureDraft
  errors: DraftErrors
  onChange: (draft: SignatureDraft) => void
}) {
  return (
    <fieldset className={css.form}>
      <legend className={css.title}>{words.signature}</legend>
      <p className="dim">{words.signatureSays}</p>
      <Side
        title={words.inputs}
        add={words.addInput}
        tensors={draft.inputs}
        errors={errors}
        onChange={(inputs) => onChange({ ...draft, inputs })}
      />
      <Side
        title={words.outputs}
        add={words.addOutput}
        tensors={draft.outputs}
        errors={errors}
        onChange={(outputs) => onChange({ ...draft, outputs })}
      />
    </fieldset>
  )
}

function Side({
  title,
  add,
  tensors,
  errors,
  onChange,
}: {
  title: string
  add: string
  tensors: readonly TensorDraft[]
  errors: DraftErrors
  onChange: (tensors: readonly TensorDraft[]) => void
}) {
  const change = (key: number, part: Partial<TensorDraft>) =>
    onChange(tensors.map((tensor) => (tensor.key === key ? { ...tensor, ...part } : tensor)))
  return (
    <fieldset className={css.side}>
      <legend className={css.sideTitle}>{title}</legend>
      {tensors.map((tensor, index) => (
        <div key={tensor.key} className={css.tensor}>
          <TextField
            label={words.tensorName}
            value={tensor.name}
            error={errors[`${tensor.key}.name`]}
            onChange={(name) => change(tensor.key, { name })}
            autoComplete="off"
            spellCheck={false}
          />
          <SelectField
            label={words.datatype}
            value={tensor.datatype}
            options={DATATYPES.map((value) => ({ value, label: value }))}
            onChange={(datatype) => change(tensor.key, { datatype })}
          />
          <TextField
            label={words.shape}
            value={tensor.shape}
            error={errors[`${tensor.key}.shape`]}
            onChange={(shape) => change(tensor.key, { shape })}
            autoComplete="off"
            spellCheck={false}
          />
          <IconButton
            look="quiet"
            icon={<X />}
            label={say(words.removeTensor, { name: tensor.name || say(words.nth, { number: index + 1 }) })}
            onClick={() => onChange(tensors.filter(({ key }) => key !== tensor.key))}
            disabled={tensors.length === 1}
          />
        </div>
      ))}
      <Button look="quiet" size="small" icon={<Plus />} onClick={() => onChange([...tensors, newTensor()])}>
        {add}
      </Button>
    </fieldset>
  )
}
