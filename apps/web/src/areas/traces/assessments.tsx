import { addAssessment, deleteAssessment } from '@stead/contracts'
import type { Assessment } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { MessageSquarePlus, X } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { NameField, TextArea } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { LongText } from '../runs/long-text.tsx'
import { useDo } from '../runs/use-do.ts'
import { valueIn, valueText } from './judged.ts'
import type { WholeTrace } from './trace-page.tsx'
import css from './traces.module.css'
import { traceKey } from './traces.queries.ts'

/** What was said of a trace; more can be said. */
export function Assessments({ trace }: { trace: WholeTrace }) {
  const open = useDo()
  const { because } = useMay('trace.log')
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  const [goner, setGoner] = useState<Assessment>()
  const { assessments: all } = trace
  return (
    <Panel
      title={words.assessments}
      acts={
        <Button look="quiet" size="small" icon={<MessageSquarePlus />} because={because} onClick={() => open('assess')}>
          {words.add}
        </Button>
      }
    >
      {all.length === 0 && <p className="pad dim">{words.noAssessments}</p>}
      <ul>
        {all.map((one) => (
          <li key={one.id} className={css.judged}>
            <Said assessment={one} trace={trace} />
            <IconButton
              look="quiet"
              size="small"
              icon={<X />}
              label={say(words.takeBackOf, { name: one.name })}
              because={because}
              onClick={() => setGoner(one)}
            />
          </li>
        ))}
      </ul>
      {asked === 'assess' && <AddDialog trace={trace} onClose={() => open(undefined)} />}
      {goner && <TakeBack trace={trace} assessment={goner} onClose={() => setGoner(undefined)} />}
    </Panel>
  )
}

function Said({ assessment, trace }: { assessment: Assessment; trace: WholeTrace }) {
  const { kind, name, source, span, rationale, valid, createdAt } = assessment
  const about = trace.spans.find(({ id }) => id === span)
  return (
    <div className="grow wrap">
      <p className={valid ? '' : css.old}>
        <b>{name}</b> {valueText(assessment)}
      </p>
      {rationale !== null && (
        <p>
          <LongText text={rationale} />
        </p>
      )}
      <small className="dim row-wrap">
        <span>{words.kinds[kind]}</span>
        {source.id !== '' && <span>{say(words.by[source.type], { id: source.id })}</span>}
        {span !== null && <span>{say(words.spanOf, { name: about?.name ?? span })}</span>}
        {!valid && <span>{words.replaced}</span>}
        <Ago at={createdAt} />
      </small>
    </div>
  )
}

const KINDS = ['feedback', 'expectation'] as const
const WHOLE = ''

function AddDialog({ trace, onClose }: { trace: WholeTrace; onClose: () => void }) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('trace.log')
  const { span: shown } = useSearch({ strict: false }) as { span?: string }
  const [kind, setKind] = useState<(typeof KINDS)[number]>('feedback')
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const [rationale, setRationale] = useState('')
  const [span, setSpan] = useState(WHOLE)
  const { busy, problems, submit, mend } = useSubmit(['name', 'value', 'rationale'])
  const about = trace.spans.find(({ id }) => id === shown)
  const add = () =>
    void submit(
      {
        name: name.trim() === '' ? words.nameNeeded : undefined,
        value: value.trim() === '' ? words.valueNeeded : undefined,
      },
      async () => {
        await client.call(addAssessment, {
          params: { project, trace: trace.id },
          body: {
            kind,
            name: name.trim(),
            value: valueIn(value.trim()),
            ...(span === WHOLE ? {} : { span }),
            ...(rationale.trim() === '' ? {} : { rationale: rationale.trim() }),
          },
        })
        await queries.invalidateQueries({ queryKey: traceKey(project, trace.id) })
        onClose()
      },
    )
  const typing = (field: string, set: (text: string) => void) => (text: string) => {
    set(text)
    mend(field)
  }
  return (
    <FormDialog
      title={words.addTitle}
      says={words.addSays}
      act={words.add}
      {...{ busy, because, onClose }}
      problem={problems.whole}
      onSubmit={add}
    >
      <NameField
        label={words.assessmentName}
        hint={words.assessmentNameHint}
        value={name}
        error={problems.name}
        onChange={typing('name', setName)}
      />
      <NameField
        label={words.value}
        hint={words.valueHint}
        value={value}
        error={problems.value}
        onChange={typing('value', setValue)}
      />
      <SelectField
        label={words.kind}
        value={kind}
        options={KINDS.map((one) => ({ value: one, label: words.kinds[one], note: words.kindSays[one] }))}
        onChange={setKind}
      />
      {about !== undefined && (
        <SelectField
          label={words.about}
          value={span}
          options={[
            { value: WHOLE, label: words.wholeTrace },
            { value: about.id, label: about.name || words.span },
          ]}
          onChange={setSpan}
        />
      )}
      <TextArea
        label={words.rationale}
        value={rationale}
        error={problems.rationale}
        onChange={typing('rationale', setRationale)}
      />
    </FormDialog>
  )
}

function TakeBack({
  trace,
  assessment: { id, name },
  onClose,
}: {
  trace: WholeTrace
  assessment: Assessment
  onClose: () => void
}) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('trace.log')
  return (
    <ConfirmDialog
      title={say(words.takeBackOf, { name })}
      says={words.takeBackSays}
      act={words.takeBack}
      because={because}
      onConfirm={async () => {
        await client.call(deleteAssessment, { params: { project, trace: trace.id, assessment: id } })
        tell(say(words.takenBack, { name }))
        await queries.invalidateQueries({ queryKey: traceKey(project, trace.id) })
      }}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}
