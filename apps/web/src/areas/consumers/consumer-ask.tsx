import { changeConsumer, ConsumerName, createConsumer } from '@stead/contracts'
import type { Consumer, ProjectName } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { consumers as words } from '../../strings/consumers.ts'
import { say } from '../../strings/message.ts'
import { NameField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import { LIMIT_FIELDS, LimitsFields, limitsOf, limitsText, limitsWrong } from './limits-fields.tsx'

/** Makes a consumer, or changes its limits and description. */
export function ConsumerAsk({
  project,
  consumer,
  onDone,
  onClose,
}: {
  project: ProjectName
  consumer?: Consumer
  onDone?: (consumer: Consumer) => void
  onClose: () => void
}) {
  const queries = useQueryClient()
  const [name, setName] = useState<string>(consumer?.name ?? '')
  const [description, setDescription] = useState(consumer?.description ?? '')
  const [text, setText] = useState(() => limitsText(consumer?.limits))
  const form = useSubmit(['name', 'description', ...LIMIT_FIELDS], { name_taken: 'name' })
  const { because } = useMay(consumer ? 'consumer.change' : 'consumer.create')
  const wrong = {
    name: ConsumerName.safeParse(name).success ? undefined : words.nameRule,
    ...limitsWrong(text),
  }
  const save = async () => {
    const body = { description: description.trim(), limits: limitsOf(text) }
    const named = ConsumerName.parse(name)
    const saved = consumer
      ? await client.call(changeConsumer, { params: { project, consumer: named }, body })
      : await client.call(createConsumer, { params: { project }, body: { ...body, name: named } })
    await queries.invalidateQueries({ queryKey: readings.consumers(project) })
    tell(say(consumer ? words.changed : words.made, { name: saved.name }))
    onClose()
    onDone?.(saved)
  }
  return (
    <FormDialog
      title={consumer ? say(words.changeTitle, { name: consumer.name }) : words.make}
      act={consumer ? words.changeAct : words.makeAct}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, save)}
      onClose={onClose}
    >
      {!consumer && (
        <NameField
          label={words.name}
          hint={words.nameRule}
          value={name}
          error={form.problems.name}
          onChange={(typed) => {
            setName(typed)
            form.mend('name')
          }}
        />
      )}
      <TextField
        label={words.description}
        value={description}
        error={form.problems.description}
        maxLength={1000}
        autoComplete="off"
        onChange={setDescription}
      />
      <LimitsFields
        text={text}
        problems={form.problems}
        onChange={(next, field) => {
          setText(next)
          form.mend(field)
        }}
      />
    </FormDialog>
  )
}
