import type { Deployment, InferenceRequest } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { useMay } from '../../frame/may.ts'
import { PALETTE_KEYS } from '../../frame/sidebar.tsx'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea, TextField, Tick } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { goldenQuery } from './deployment.queries.ts'
import { TryAnswers } from './try-answers.tsx'
import { askable, refusalOf, useAsking } from './try-asking.ts'
import type { Answers, Asked } from './try-asking.ts'
import { fieldsOf } from './try-fields.ts'
import type { TryField } from './try-fields.ts'
import { TryForm } from './try-form.tsx'
import { useTyped } from './try-kept.ts'
import type { Typed } from './try-kept.ts'
import { csvOf, readCsv, readJson } from './try-texts.ts'
import { fieldRefused, readField, requestOf, textsOf, zeroOf } from './try-values.ts'
import type { Read } from './try-values.ts'
import css from './try.module.css'
import { VersionName } from './version.tsx'

const ASK_KEYS = PALETTE_KEYS.startsWith('⌘') ? '⌘↵' : 'Ctrl ↵'
/** Where an error stands that belongs to no single field. */
const WHOLE = '*'

type Errors = Readonly<Record<string, string | undefined>>

/** A request made by hand, answered by as many versions as one likes. */
export function TryPanel({ deployment }: { deployment: Deployment }) {
  const { project, name, table } = deployment
  const [typed, type] = useTyped(project, name)
  const [errors, setErrors] = useState<Errors>({})
  const pixels = useRef(new Map<string, readonly number[]>())
  const form = useRef<HTMLFormElement>(null)
  const fields = useMemo(() => fieldsOf(table.contract), [table.contract])
  useAskKeys(form)
  const golden = useQuery(goldenQuery(project, name)).data?.golden ?? []
  const texts = useTexts(fields, typed, golden[0]?.request)
  const { all, usual } = askable(deployment)
  const chosen = all.filter((one) => (typed.ask ? typed.ask.includes(String(one)) : usual.includes(one)))
  const asking = useAsking(deployment)
  const { because } = useMay('deployment.predict')

  const read = (): Read<InferenceRequest> & { errors?: Errors } => {
    if (typed.mode === 'json') return readJson(typed.json)
    if (typed.mode === 'csv') return readCsv(fields, typed.csv)
    return readForm(fields, texts, pixels.current)
  }
  const submit = async () => {
    if (because !== undefined) return
    const request = read()
    if (request.error !== undefined) {
      setErrors(request.errors ?? { [WHOLE]: request.error })
      return focusFirst(form.current)
    }
    if (chosen.length === 0) return setErrors({ [WHOLE]: words.nobody })
    setErrors({})
    const told = await asking.ask(request.value, chosen, typed.key)
    setErrors(typed.mode === 'form' ? refusalsAt(fields, told) : {})
  }
  const check = (field: TryField, text: string) => {
    const { error } = readField(field, text)
    setErrors((before) => ({ ...before, [field.id]: error }))
  }
  const changeMode = (mode: Typed['mode']) => {
    setErrors({})
    const form = readForm(fields, texts, pixels.current)
    // What was written by hand stays; a form that was filled in is the best beginning otherwise.
    type({
      mode,
      ...(mode === 'json' && typed.json === '' && form.value ? { json: JSON.stringify(form.value, null, 2) } : {}),
      ...(mode === 'csv' && typed.csv === '' ? { csv: csvOf(fields, texts) } : {}),
    })
  }
  return (
    <Panel
      title={words.title}
      acts={
        <Segmented
          label={words.mode}
          value={typed.mode}
          options={(['form', 'json', 'csv'] as const).map((value) => ({ value, label: words.modes[value] }))}
          onChange={changeMode}
        />
      }
    >
      <form
        ref={form}
        className={`pad ${css.form}`}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {typed.mode === 'form' && (
          <TryForm
            fields={fields}
            texts={texts}
            errors={errors}
            onChange={(field, text) => {
              type({ texts: { ...texts, [field.id]: text } })
              if (errors[field.id] !== undefined) check(field, text)
            }}
            onLeave={(field) => check(field, texts[field.id] ?? '')}
            onPixels={(field, values, problem) => {
              if (values) pixels.current.set(field.id, values)
              setErrors((before) => ({ ...before, [field.id]: problem }))
            }}
          />
        )}
        {typed.mode !== 'form' && (
          <TryText mode={typed.mode} typed={typed} fields={fields} error={errors[WHOLE]} onChange={type} />
        )}
        {typed.mode === 'form' && errors[WHOLE] !== undefined && <Problem says={errors[WHOLE]} />}
        <Whom all={all} chosen={chosen} deployment={deployment} onChange={(ask) => type({ ask: ask.map(String) })} />
        {chosen.includes('routed') && (
          <TextField
            label={words.stickyKey}
            hint={words.stickyKeyHint}
            value={typed.key}
            maxLength={1000}
            autoComplete="off"
            onChange={(key) => type({ key })}
          />
        )}
        <div className="row">
          {typed.mode === 'form' && (
            <Menu
              trigger={<Button look="quiet">{words.fill}</Button>}
              items={[
                ...golden.slice(0, 12).flatMap(({ name: label, request }) => {
                  const filled = textsOf(fields, request)
                  return filled
                    ? [{ label: say(words.fillGolden, { name: label }), onSelect: () => refill(filled) }]
                    : []
                }),
                { label: words.fillZero, onSelect: () => refill(zeros(fields)) },
              ]}
            />
          )}
          <span className="grow" />
          <Button type="submit" look="filled" icon={<Play />} busy={asking.busy} because={because}>
            {words.ask}
            <kbd className={css.keys}>{ASK_KEYS}</kbd>
          </Button>
        </div>
      </form>
      <div aria-live="polite">{asking.answers && <TryAnswers answers={asking.answers} deployment={deployment} />}</div>
    </Panel>
  )

  function refill(filled: Record<string, string>): void {
    setErrors({})
    type({ texts: filled })
  }
}

/** ⌘ or Ctrl with Enter asks from within any field. */
function useAskKeys(form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      form.current?.requestSubmit()
    }
    const element = form.current
    element?.addEventListener('keydown', onKeyDown)
    return () => element?.removeEventListener('keydown', onKeyDown)
  }, [form])
}

const zeros = (fields: readonly TryField[]) => Object.fromEntries(fields.map((field) => [field.id, zeroOf(field)]))

/** What is typed; before anything is, what a golden request holds, or zeros. */
function useTexts(fields: readonly TryField[], typed: Typed, example: InferenceRequest | undefined) {
  return useMemo(() => {
    const begin = (example && textsOf(fields, example)) ?? zeros(fields)
    return { ...begin, ...typed.texts }
  }, [fields, typed.texts, example])
}

function readForm(
  fields: readonly TryField[],
  texts: Readonly<Record<string, string>>,
  pixels: ReadonlyMap<string, readonly number[]>,
): Read<InferenceRequest> & { errors?: Errors } {
  const errors: Record<string, string> = {}
  const row = fields.map((field) => {
    const image = pixels.get(field.id)
    if (field.kind === 'image' && image) return image
    if (field.kind === 'image') errors[field.id] = words.errors.noImage
    const read = field.kind === 'image' ? { value: [] } : readField(field, texts[field.id] ?? '')
    if (read.error !== undefined) errors[field.id] = read.error
    return read.value ?? []
  })
  const [first] = Object.values(errors)
  return first === undefined ? { value: requestOf(fields, [row]) } : { error: first, errors }
}

/** Refusals of runners, at the fields they are about. */
function refusalsAt(fields: readonly TryField[], { answers }: Answers): Errors {
  const errors: Record<string, string> = {}
  for (const { trial, failure } of answers) {
    const says = trial ? refusalOf(trial) : failure?.says
    const field = says === undefined ? undefined : fieldRefused(fields, says)
    if (field && says) errors[field.id] = says
  }
  return errors
}

function focusFirst(form: HTMLElement | null): void {
  // After the errors are on the screen.
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid]')?.focus())
}

function Problem({ says }: { says: string }) {
  return (
    <p className={css.problem} role="alert">
      <StateMark is="failed" /> <span className="wrap">{says}</span>
    </p>
  )
}

function TryText({
  mode,
  typed,
  fields,
  error,
  onChange,
}: {
  mode: 'json' | 'csv'
  typed: Typed
  fields: readonly TryField[]
  error: string | undefined
  onChange: (change: Partial<Typed>) => void
}) {
  const columns = fields.map(({ id }) => id).join(',')
  return (
    <TextArea
      className="mono"
      label={words[mode]}
      unit={mode === 'json' ? words.jsonUnit : words.csvUnit}
      hint={
        mode === 'csv'
          ? say(words.csvHint, { columns: columns.length > 160 ? `${columns.slice(0, 160)}…` : columns })
          : undefined
      }
      rows={mode === 'json' ? 12 : 6}
      spellCheck={false}
      wrap={mode === 'csv' ? 'off' : 'soft'}
      value={typed[mode]}
      error={error}
      onChange={(text) => onChange({ [mode]: text })}
    />
  )
}

function Whom({
  all,
  chosen,
  deployment,
  onChange,
}: {
  all: readonly Asked[]
  chosen: readonly Asked[]
  deployment: Deployment
  onChange: (chosen: readonly Asked[]) => void
}) {
  const routed = deployment.table.routes.filter(({ weight }) => weight > 0).map(({ version }) => Number(version))
  return (
    <fieldset className={css.whom}>
      <legend className="dim">{words.ask}</legend>
      {all.map((one) => (
        <Tick
          key={one}
          checked={chosen.includes(one)}
          onChange={(checked) => onChange(all.filter((other) => (other === one ? checked : chosen.includes(other))))}
        >
          {one === 'routed' ? words.asRouted : <VersionName version={one} hollow={!routed.includes(one)} />}
        </Tick>
      ))}
    </fieldset>
  )
}
