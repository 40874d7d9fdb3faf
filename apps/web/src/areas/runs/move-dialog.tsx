import { ExperimentId, listExperiments, moveRuns } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { ChoiceField } from '../../ui/choice.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import type { RunDialogProps } from './run-dialogs.tsx'

const AT_ONCE = 50

/** Asks for the experiment that a run is to be of. */
export function MoveDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('run.change')
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<{ value: string; text: string; label: string }>()
  const { busy, problems, submit, mend } = useSubmit(['experiment'], { experiment_not_found: 'experiment' })
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
    .filter(({ id }) => id !== run.experiment)
    .map(({ id, name }) => ({ value: String(id), text: name, label: name }))
  const move = () =>
    void submit({ experiment: chosen ? undefined : words.moveNeeded }, async () => {
      const experiment = ExperimentId.parse(chosen?.value)
      await client.call(moveRuns, { params: { project }, body: { runs: [run.id], experiment } })
      tell(say(words.moved, { name: run.name, experiment: chosen?.text ?? '' }))
      await queries.invalidateQueries({ queryKey: readings.run(project, run.id) })
      onClose()
    })
  return (
    <FormDialog
      title={say(words.moveTitle, { name: run.name })}
      says={words.moveSays}
      act={words.moveAct}
      {...{ busy, because, onClose }}
      problem={problems.whole}
      onSubmit={move}
    >
      <ChoiceField
        label={words.moveTo}
        error={problems.experiment}
        value={chosen}
        choices={choices}
        prompt={words.movePrompt}
        nothing={words.moveNothing}
        onSearch={setSearch}
        onChange={(value) => {
          setChosen(choices.find((choice) => choice.value === value))
          mend('experiment')
        }}
      />
    </FormDialog>
  )
}
