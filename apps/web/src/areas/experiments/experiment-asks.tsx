import { changeExperiment, createExperiment, deleteExperiment, ExperimentName } from '@stead/contracts'
import type { ExperimentId, ExperimentSummary, ProjectName } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { NameAsk } from '../../live/name-ask.tsx'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { experiments as words } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'

export const NOTE_TAG = 'mlflow.note.content'

const nameProblem = (name: string) => (ExperimentName.safeParse(name).success ? undefined : words.nameRule)

/** Everything that shows the experiment, or how many runs it has, is read again. */
export function useStaleExperiments(): () => void {
  const project = useProject()
  const queries = useQueryClient()
  return () => {
    for (const queryKey of [readings.experiments(project), [project, 'experiment'], [project, 'runs']])
      void queries.invalidateQueries({ queryKey })
  }
}

interface AskProps {
  readonly experiment: ExperimentSummary
  readonly onClose: () => void
}

export function CreateAsk({ onMade, onClose }: { onMade: (id: ExperimentId) => void; onClose: () => void }) {
  const project = useProject()
  const stale = useStaleExperiments()
  const [note, setNote] = useState('')
  const { because } = useMay('experiment.create')
  const create = async (name: string) => {
    const tags: Record<string, string> = note.trim() === '' ? {} : { [NOTE_TAG]: note }
    const made = await client.call(createExperiment, { params: { project }, body: { name, tags } })
    stale()
    onMade(made.id)
  }
  return (
    <NameAsk
      title={words.create}
      says={words.createSays}
      act={words.createAct}
      label={words.name}
      because={because}
      problemOf={nameProblem}
      refused="name_taken"
      onSubmit={create}
      onClose={onClose}
    >
      <TextArea label={words.description} hint={words.descriptionHint} value={note} onChange={setNote} />
    </NameAsk>
  )
}

export function RenameAsk({ experiment, onClose }: AskProps) {
  const project = useProject()
  const stale = useStaleExperiments()
  const { because } = useMay('experiment.change')
  const rename = async (name: string) => {
    await client.call(changeExperiment, { params: { project, experiment: experiment.id }, body: { name } })
    stale()
    tell(say(words.renamed, { name: experiment.name, next: name }))
    onClose()
  }
  return (
    <NameAsk
      title={say(words.renameTitle, { name: experiment.name })}
      says={words.renameSays}
      act={words.renameAct}
      label={words.name}
      name={experiment.name}
      because={because}
      problemOf={nameProblem}
      refused="name_taken"
      onSubmit={rename}
      onClose={onClose}
    />
  )
}

export function NoteAsk({ experiment, onClose }: AskProps) {
  const project = useProject()
  const stale = useStaleExperiments()
  const [note, setNote] = useState(experiment.tags[NOTE_TAG] ?? '')
  const { busy, problems, submit } = useSubmit([])
  const { because } = useMay('experiment.change')
  const keep = async () => {
    const tags = { [NOTE_TAG]: note.trim() === '' ? null : note }
    await client.call(changeExperiment, { params: { project, experiment: experiment.id }, body: { tags } })
    stale()
    onClose()
  }
  return (
    <FormDialog
      title={say(words.editTitle, { name: experiment.name })}
      act={words.editAct}
      busy={busy}
      because={because}
      problem={problems.whole}
      onSubmit={() => void submit({}, keep)}
      onClose={onClose}
    >
      <TextArea label={words.description} hint={words.descriptionHint} value={note} rows={8} onChange={setNote} />
    </FormDialog>
  )
}

export function PurgeAsk({ experiment, onClose, onGone }: AskProps & { onGone?: () => void }) {
  const project = useProject()
  const stale = useStaleExperiments()
  const { because } = useMay('experiment.delete')
  const { id, name } = experiment
  return (
    <ConfirmDialog
      title={say(words.purgeTitle, { name })}
      says={words.purgeSays}
      act={words.purgeAct}
      name={name}
      because={because}
      onConfirm={async () => {
        await purge(project, id)
        stale()
        tell(say(words.purged, { name }))
        onGone?.()
      }}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}

const purge = (project: ProjectName, experiment: ExperimentId) =>
  client.call(deleteExperiment, { params: { project, experiment }, query: { purge: 'true' } })
