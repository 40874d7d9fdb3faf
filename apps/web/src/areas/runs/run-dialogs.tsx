import { changeRun, deleteRuns, forkRun } from '@stead/contracts'
import type { Run, RunStatus } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { NameField, TextField, Tick } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SelectField } from '../../ui/select.tsx'
import { tell } from '../../ui/toast.tsx'
import { stepIn } from './step.ts'
import { useDo } from './use-do.ts'

const MoveDialog = lazy(() => import('./move-dialog.tsx').then((of) => ({ default: of.MoveDialog })))
const RegisterDialog = lazy(() => import('./register-dialog.tsx').then((of) => ({ default: of.RegisterDialog })))

export interface RunDialogProps {
  readonly run: Run
  readonly onClose: () => void
}

/** The dialog that the address names. */
export function RunDialogs({ run }: { run: Run }) {
  const open = useDo()
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  const props = { run, onClose: () => open(undefined) }
  switch (asked ?? '') {
    case 'rename':
      return <RenameDialog {...props} />
    case 'end':
      return <EndDialog {...props} />
    case 'fork':
      return <ForkDialog {...props} />
    case 'purge':
      return <PurgeDialog {...props} />
    case 'move':
      return (
        <Suspense>
          <MoveDialog {...props} />
        </Suspense>
      )
    case 'register':
      return (
        <Suspense>
          <RegisterDialog {...props} />
        </Suspense>
      )
    default:
      return null
  }
}

function useReadAgain(run: Run) {
  const project = useProject()
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: readings.run(project, run.id) })
}

function RenameDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const { because } = useMay('run.change')
  const readAgain = useReadAgain(run)
  const [name, setName] = useState(run.name)
  const { busy, problems, submit, mend } = useSubmit(['name'], { invalid_request: 'name' })
  const rename = () =>
    void submit({ name: name.trim() === '' ? words.nameNeeded : undefined }, async () => {
      await client.call(changeRun, { params: { project, run: run.id }, body: { name: name.trim() } })
      await readAgain()
      onClose()
    })
  return (
    <FormDialog
      title={say(words.renameTitle, { name: run.name })}
      act={words.renameRun}
      {...{ busy, because, onClose }}
      problem={problems.whole}
      onSubmit={rename}
    >
      <NameField
        label={words.name}
        value={name}
        error={problems.name}
        onChange={(text) => {
          setName(text)
          mend('name')
        }}
      />
    </FormDialog>
  )
}

const ENDS = ['FINISHED', 'FAILED', 'KILLED'] as const satisfies readonly RunStatus[]

function EndDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const { because } = useMay('run.change')
  const readAgain = useReadAgain(run)
  const [status, setStatus] = useState<(typeof ENDS)[number]>('FINISHED')
  const { busy, problems, submit } = useSubmit([])
  const end = () =>
    void submit({}, async () => {
      await client.call(changeRun, { params: { project, run: run.id }, body: { status, endedAt: Date.now() } })
      await readAgain()
      onClose()
    })
  return (
    <FormDialog
      title={say(words.endTitle, { name: run.name })}
      says={words.endSays}
      act={words.end}
      {...{ busy, because, onClose }}
      problem={problems.whole}
      onSubmit={end}
    >
      <SelectField
        label={words.endAs}
        value={status}
        options={ENDS.map((value) => ({ value, label: words.states[value] }))}
        onChange={setStatus}
      />
    </FormDialog>
  )
}

function ForkDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const navigate = useNavigate()
  const { because } = useMay('run.create')
  const [name, setName] = useState(run.name)
  const [step, setStep] = useState('')
  const [files, setFiles] = useState(false)
  const { busy, problems, submit, mend } = useSubmit(['name', 'step'])
  const asked = stepIn(step)
  const fork = () =>
    void submit({ step: asked === 'wrong' ? say(words.forkStepWrong, { text: step }) : undefined }, async () => {
      const made = await client.call(forkRun, {
        params: { project, run: run.id },
        body: { files, ...(name.trim() && { name: name.trim() }), ...(typeof asked === 'number' && { step: asked }) },
      })
      tell(say(words.forked, { name: made.name }))
      await navigate({ to: '/p/$project/runs/$run', params: { project, run: made.id } })
    })
  return (
    <FormDialog
      title={say(words.forkTitle, { name: run.name })}
      says={words.forkSays}
      act={words.forkAct}
      {...{ busy, because, onClose }}
      problem={problems.whole}
      onSubmit={fork}
    >
      <NameField label={words.forkName} value={name} error={problems.name} onChange={setName} />
      <TextField
        label={words.forkStep}
        hint={words.forkStepHint}
        value={step}
        inputMode="numeric"
        error={problems.step}
        onChange={(text) => {
          setStep(text)
          mend('step')
        }}
      />
      <Tick checked={files} onChange={setFiles}>
        {words.forkFiles}
      </Tick>
    </FormDialog>
  )
}

function PurgeDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('run.delete')
  const purge = async () => {
    await client.call(deleteRuns, { params: { project }, body: { runs: [run.id], purge: true } })
    tell(say(words.purged, { name: run.name }))
    await navigate({
      to: '/p/$project/experiments/$experiment',
      params: { project, experiment: String(run.experiment) },
    })
    await queries.invalidateQueries({ queryKey: readings.runs(project, run.experiment) })
  }
  return (
    <ConfirmDialog
      title={say(words.purgeTitle, { name: run.name })}
      says={words.purgeSays}
      act={words.purge}
      name={run.name}
      because={because}
      onConfirm={purge}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}
