import { listModels } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId } from 'react'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { TextArea, TextField, Tick } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import { bytes } from '../../ui/numbers.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import { DropZone } from './drop-zone.tsx'
import { sizeOf } from './push.ts'
import type { BundleFile } from './push.ts'
import css from './push-dialog.module.css'
import type { FieldName, PushErrors, PushFields as Fields } from './push-form.ts'
import { SignatureForm } from './signature-form.tsx'

interface PushFieldsProps {
  readonly project: ProjectName
  readonly fields: Fields
  readonly errors: PushErrors
  readonly declares: boolean
  readonly listed: readonly { readonly path: string; readonly size: number }[]
  readonly onChange: (part: Partial<Fields>) => void
  /** A field was left, or is written again while it is wrong. */
  readonly onCheck: (name: FieldName) => void
  readonly onFiles: (files: BundleFile[]) => void
}

/** All that a version is given on its way in. */
export function PushFields({ project, fields, errors, declares, listed, onChange, onCheck, onFiles }: PushFieldsProps) {
  const text = (name: 'alias' | 'sourceRun' | 'dataset' | 'commit') => ({
    value: fields[name],
    error: errors.fields[name],
    onChange: (value: string) => onChange({ [name]: value }),
    onBlur: () => onCheck(name),
    autoComplete: 'off',
  })
  const isUnknown = errors.fields.runtime !== undefined
  return (
    <>
      <Files listed={listed} error={errors.fields.files} onFiles={onFiles} />
      <ModelField project={project} fields={fields} errors={errors} onChange={onChange} onCheck={onCheck} />
      {declares && (
        <SignatureForm
          draft={fields.signature}
          errors={errors.tensors}
          onChange={(signature) => onChange({ signature })}
        />
      )}
      <TextArea
        label={words.description}
        unit={words.optional}
        hint={words.descriptionHint}
        rows={2}
        value={fields.description}
        error={errors.fields.description}
        onChange={(description) => onChange({ description })}
        onBlur={() => onCheck('description')}
      />
      <TextField
        label={words.alias}
        unit={words.optional}
        hint={words.aliasHint}
        spellCheck={false}
        {...text('alias')}
      />
      <details className={css.more} {...(isUnknown ? { open: true } : {})}>
        <summary>{words.provenance}</summary>
        <div className={css.folded}>
          <TextField label={words.sourceRun} {...text('sourceRun')} />
          <TextField label={words.dataset} {...text('dataset')} />
          <TextField label={words.commit} {...text('commit')} />
          <SelectField
            label={words.runtime}
            value={fields.runtime || 'files'}
            error={errors.fields.runtime}
            options={RUNTIMES}
            onChange={(value) => {
              onChange({ runtime: value === 'files' ? '' : value })
              onCheck('runtime')
            }}
          />
        </div>
        <Tick checked={fields.again} onChange={(again) => onChange({ again })}>
          {words.again}
        </Tick>
      </details>
    </>
  )
}

const RUNTIMES = [
  { value: 'files', label: words.runtimeByFiles },
  { value: 'onnx', label: 'onnx' },
  { value: 'javascript', label: 'javascript' },
  { value: 'python', label: 'python' },
  { value: 'java', label: 'java' },
] as const

/** Existing models are offered while one types, and it is said what the version becomes. */
function ModelField({
  project,
  fields,
  errors,
  onChange,
  onCheck,
}: Pick<PushFieldsProps, 'project' | 'fields' | 'errors' | 'onChange' | 'onCheck'>) {
  const list = useId()
  const typed = useDeferredValue(fields.model)
  const { data, isPlaceholderData } = useQuery({
    queryKey: [...readings.models(project), 'named', typed],
    queryFn: ({ signal }) =>
      client.call(listModels, {
        params: { project },
        query: { limit: 20, ...(typed === '' ? {} : { search: typed.slice(0, 250) }) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const found = data?.models.find(({ name }) => name === fields.model)
  const hint =
    fields.model === '' || (!found && isPlaceholderData)
      ? words.modelHint
      : found
        ? say(words.becomes, { model: found.name, version: Number(found.latestVersion ?? 0) + 1 })
        : say(words.becomesNew, { model: fields.model })
  return (
    <>
      <TextField
        label={words.model}
        value={fields.model}
        hint={hint}
        error={errors.fields.model}
        list={list}
        onChange={(model) => onChange({ model })}
        onBlur={() => fields.model !== '' && onCheck('model')}
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id={list}>
        {data?.models.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  )
}

const SHOWN = 6

function Files({
  listed,
  error,
  onFiles,
}: {
  listed: PushFieldsProps['listed']
  error: string | undefined
  onFiles: PushFieldsProps['onFiles']
}) {
  const shown = listed.slice(0, SHOWN)
  return (
    <div className={css.files}>
      {listed.length > 0 && (
        <>
          <div className={css.filesHead}>
            <b>{words.files}</b>
            <span className="faint">{say(words.filesSum, { count: listed.length, size: bytes(sizeOf(listed)) })}</span>
          </div>
          <ul className={css.list}>
            {shown.map(({ path, size }) => (
              <li key={path}>
                <code className="cut" title={path}>
                  {path}
                </code>
                <span className="dim num">{bytes(size)}</span>
              </li>
            ))}
            {listed.length > SHOWN && <li className="faint">{say(words.more, { count: listed.length - SHOWN })}</li>}
          </ul>
        </>
      )}
      <DropZone says={listed.length > 0 ? words.chooseOthers : words.dropHere} onFiles={onFiles} />
      {error !== undefined && (
        <p className={css.error} role="alert">
          <StateMark is="failed" />
          <span className="wrap">{error}</span>
        </p>
      )}
    </div>
  )
}
