import { testWebhook } from '@stead/contracts'
import type { AnswerOf, ListedWebhook, ProjectName, WebhookEvent } from '@stead/contracts'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { eventSays, webhooks as words } from '../../strings/webhooks.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SelectField } from '../../ui/select.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { resultOf } from './delivery-words.tsx'

/** Sends an example and tells what was answered; it stays open, to be sent again once the receiver is mended. */
export function TestAsk({
  project,
  webhook: { id, name, events },
  onClose,
}: {
  project: ProjectName
  webhook: ListedWebhook
  onClose: () => void
}) {
  const [event, setEvent] = useState<WebhookEvent>(events[0]!)
  const [tried, setTried] = useState<AnswerOf<typeof testWebhook>>()
  const form = useSubmit(['event'])
  const { because } = useMay('webhook.change')
  const send = async () => {
    setTried(undefined)
    setTried(await client.call(testWebhook, { params: { project, webhook: id }, body: { event } }))
  }
  return (
    <FormDialog
      title={say(words.testTitle, { name })}
      says={words.testSays}
      act={tried ? words.testAgain : words.test}
      leave={tried || form.busy ? words.testDone : undefined}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit({}, send)}
      onClose={onClose}
    >
      <SelectField
        label={words.testEvent}
        value={event}
        error={form.problems.event}
        options={events.map((value) => ({ value, label: value, note: eventSays[value] }))}
        onChange={setEvent}
      />
      {tried && (
        <div className="stack" role="status">
          <StateWord is={tried.success ? 'passed' : 'failed'}>
            {say(tried.success ? words.arrived : words.notArrived, { result: resultOf(tried) })}
          </StateWord>
          {tried.answer !== '' && <CodeBlock text={tried.answer} label={words.answer} />}
        </div>
      )}
    </FormDialog>
  )
}
