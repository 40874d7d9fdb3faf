import { addGolden, SteadError } from '@stead/contracts'
import type { Assertion, Deployment, ProjectName } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextArea, TextField } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { useKept } from './change-kept.ts'
import css from './checks-tab.module.css'
import { checkDraft, emptyDraft } from './golden-draft.ts'
import type { Draft, Problems } from './golden-draft.ts'

const words = tabs.checks

interface AddProps {
  readonly project: ProjectName
  readonly deployment: Deployment
  readonly onClose: () => void
}

/** Asks for a request and what must hold of its answer. */
export function GoldenAdd({ project, deployment, onClose }: AddProps) {
  const { name, table } = deployment
  const queries = useQueryClient()
  const [draft, setDraft, forget] = useKept<Draft>(`golden ${project}/${name}`, emptyDraft(table.contract))
  const [left, setLeft] = useState<ReadonlySet<keyof Draft>>(new Set())
  const [refused, setRefused] = useState<Problems & { rest?: string }>({})
  const [busy, setBusy] = useState(false)
  const { problems, body } = checkDraft(draft)
  const { because } = useMay('golden.add')
  const submit = async () => {
    if (because !== undefined) return
    setLeft(new Set(Object.keys(draft) as (keyof Draft)[]))
    if (!body) return
    setBusy(true)
    try {
      await client.call(addGolden, { params: { project, deployment: name }, body })
      forget()
      void queries.invalidateQueries({ queryKey: readings.golden(project, name) })
      onClose()
    } catch (error) {
      setRefused(placed(error))
      setBusy(false)
    }
  }
  const field = (of: Exclude<keyof Draft, 'kind'>) => ({
    value: draft[of],
    error: (left.has(of) ? problems[of] : undefined) ?? refused[of],
    autoComplete: 'off',
    onChange: (text: string) => {
      setDraft({ ...draft, [of]: text })
      setRefused({})
    },
    onBlur: () => setLeft(new Set([...left, of])),
  })
  return (
    <Dialog
      title={words.addTitle}
      says={words.addSays}
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look="filled" busy={busy} because={because} onClick={() => void submit()}>
            {words.addAct}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField label={words.name} hint={words.nameHint} maxLength={100} {...field('name')} />
        <div className={css.json}>
          <TextArea label={words.request} unit={words.requestUnit} spellCheck={false} {...field('request')} />
        </div>
        <SelectField
          label={words.assertion}
          value={draft.kind}
          options={KINDS.map((kind) => ({ value: kind, label: words.kinds[kind] }))}
          onChange={(kind) => setDraft({ ...draft, kind })}
        />
        <AssertionFields draft={draft} deployment={deployment} field={field} onDraft={setDraft} />
        {refused.rest !== undefined && (
          <div role="alert">
            <Banner is="failed">{refused.rest}</Banner>
          </div>
        )}
      </form>
    </Dialog>
  )
}

const KINDS = ['valid', 'range', 'close', 'exact'] as const satisfies readonly Assertion['kind'][]

interface FieldProps {
  readonly value: string
  readonly error: string | undefined
  readonly autoComplete: string
  readonly onChange: (text: string) => void
  readonly onBlur: () => void
}

function AssertionFields({
  draft,
  deployment,
  field,
  onDraft,
}: {
  draft: Draft
  deployment: Deployment
  field: (of: Exclude<keyof Draft, 'kind'>) => FieldProps
  onDraft: (next: Draft) => void
}) {
  if (draft.kind === 'valid') return null
  if (draft.kind === 'range')
    return (
      <div className={css.bounds}>
        <SelectField
          label={words.output}
          value={draft.output}
          options={[
            { value: EVERY, label: words.anyOutput },
            ...deployment.table.contract.outputs.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(output) => onDraft({ ...draft, output })}
        />
        <TextField label={words.min} inputMode="decimal" {...field('min')} />
        <TextField label={words.max} inputMode="decimal" {...field('max')} />
      </div>
    )
  return (
    <>
      {draft.kind === 'close' && <TextField label={words.tolerance} inputMode="decimal" {...field('tolerance')} />}
      <div className={css.json}>
        <TextArea label={words.outputs} unit={words.outputsUnit} spellCheck={false} {...field('outputs')} />
      </div>
    </>
  )
}

/** No output is called nothing. */
const EVERY = ''

/** A refusal at the field that it is about. */
function placed(error: unknown): Problems & { rest?: string } {
  const says = sentenceOf(error)
  if (!(error instanceof SteadError)) return { rest: says }
  if (error.code === 'name_taken' || error.where === 'body.name') return { name: says }
  if (error.where?.startsWith('body.request')) return { request: says }
  if (error.where?.startsWith('body.assertion.output')) return { outputs: says, output: says }
  return { rest: says }
}
