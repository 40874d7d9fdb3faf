import { ExperimentId, listExperiments } from '@stead/contracts'
import type { ProjectName, RunId } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { ChoiceField } from '../../ui/choice.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { NameField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import { bulk } from './bulk.ts'

interface AskProps {
  readonly project: ProjectName
  readonly runs: readonly RunId[]
  readonly onDone: () => void
  readonly onClose: () => void
}

export function TagAsk({ project, runs, onDone, onClose }: AskProps) {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const { busy, problems, submit, mend } = useSubmit(['key'])
  const { because } = useMay('run.change')
  const isRemoving = value === ''
  const wrong = key.trim() === '' || key.length > 250 ? words.tagKeyRule : undefined
  const set = async () => {
    const count = await bulk.tag(project, runs, key.trim(), isRemoving ? null : value)
    tell(say(isRemoving ? words.untagged : words.tagged, { key: key.trim(), count }))
    onDone()
  }
  return (
    <FormDialog
      title={say(words.tagTitle, { count: runs.length })}
      act={isRemoving ? words.untagAct : words.tagAct}
      busy={busy}
      because={because}
      problem={problems.whole}
      onSubmit={() => void submit({ key: wrong }, set)}
      onClose={onClose}
    >
      <NameField
        label={words.tagKey}
        value={key}
        error={problems.key}
        onChange={(text) => {
          setKey(text)
          mend('key')
        }}
      />
      <TextField label={words.tagValue} hint={words.tagHint} value={value} onChange={setValue} />
    </FormDialog>
  )
}

const AT_ONCE = 50

export function MoveAsk({ project, runs, from, onDone, onClose }: AskProps & { from: ExperimentId }) {
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<{ value: string; text: string; label: string }>()
  const { busy, problems, submit, mend } = useSubmit(['experiment'], { experiment_not_found: 'experiment' })
  const { because } = useMay('run.change')
  const found = useQuery({
    queryKey: [...readings.experiments(project), 'choices', search],
    queryFn: ({ signal }) =>
      client.call(listExperiments, {
        params: { project },
        query: { limit: AT_ONCE, ...(search === '' ? {} : { search }) },
        signal,
      }),
  })
  const choices = (found.data?.experiments ?? [])
    .filter(({ id }) => id !== from)
    .map(({ id, name }) => ({ value: String(id), text: name, label: name }))
  const move = async () => {
    const count = await bulk.move(project, runs, ExperimentId.parse(chosen?.value))
    tell(say(words.moved, { count, experiment: chosen?.text ?? '' }))
    onDone()
  }
  return (
    <FormDialog
      title={say(words.moveTitle, { count: runs.length })}
      says={words.moveSays}
      act={words.moveAct}
      busy={busy}
      because={because}
      problem={problems.whole}
      onSubmit={() => void submit({ experiment: chosen ? undefined : words.moveNeeded }, move)}
      onClose={onClose}
    >
      <ChoiceField
        label={words.moveTo}
        prompt={words.movePrompt}
        nothing={words.moveNothing}
        value={chosen}
        choices={choices}
        error={problems.experiment}
        onSearch={setSearch}
        onChange={(value) => {
          setChosen(choices.find((one) => one.value === value))
          mend('experiment')
        }}
      />
    </FormDialog>
  )
}

export function PurgeRunsAsk({ project, runs, onDone, onClose, onGone }: AskProps & { onGone: () => void }) {
  const { because } = useMay('run.delete')
  const count = runs.length
  return (
    <ConfirmDialog
      title={say(words.purgeTitle, { count })}
      says={words.purgeSays}
      act={words.purgeAct}
      name={say(words.purgeWord, { count: String(count) })}
      because={because}
      onConfirm={async () => {
        const gone = await bulk.purge(project, runs)
        tell(say(words.purged, { count: gone }))
        onGone()
        onDone()
      }}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}
