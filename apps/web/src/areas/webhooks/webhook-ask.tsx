import { changeWebhook, createWebhook, WebhookName } from '@stead/contracts'
import type { ListedWebhook, ProjectName, Webhook, WebhookEvent } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { webhooks as words } from '../../strings/webhooks.ts'
import { NameField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import { EventsField } from './events-field.tsx'
import { secretAsked, SecretField } from './secret-field.tsx'
import type { SecretChoice } from './secret-field.tsx'

interface Draft {
  readonly name: string
  readonly url: string
  readonly events: readonly WebhookEvent[]
  readonly description: string
  readonly choice: SecretChoice
  readonly secret: string
}

const draftOf = (webhook: ListedWebhook | undefined): Draft => ({
  name: webhook?.name ?? '',
  url: webhook?.url ?? '',
  events: webhook?.events ?? [],
  description: webhook?.description ?? '',
  // One that is lost is not worth keeping.
  choice: webhook?.isSecretLost ? 'replace' : 'keep',
  secret: '',
})

/** Makes a webhook, or changes one. */
export function WebhookAsk({
  project,
  webhook,
  onDone,
  onClose,
}: {
  project: ProjectName
  webhook?: ListedWebhook
  onDone?: (webhook: Webhook) => void
  onClose: () => void
}) {
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(webhook))
  const form = useSubmit(['name', 'url', 'events', 'description', 'secret'], { webhook_refused: 'url' })
  const { because } = useMay(webhook ? 'webhook.change' : 'webhook.create')
  const set = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }))
    for (const field of Object.keys(part)) form.mend(field === 'choice' ? 'secret' : field)
  }
  const isThere = webhook?.hasSecret ?? false
  const save = async () => {
    const { name, url, events, description, choice, secret: typed } = draft
    const secret = secretAsked(isThere, choice, typed)
    const body = {
      name: WebhookName.parse(name),
      url: url.trim(),
      events: [...events],
      description: description.trim(),
    }
    const saved = webhook
      ? await client.call(changeWebhook, {
          params: { project, webhook: webhook.id },
          body: { ...body, ...(secret === undefined ? {} : { secret }) },
        })
      : await client.call(createWebhook, { params: { project }, body: { ...body, ...(secret ? { secret } : {}) } })
    await queries.invalidateQueries({ queryKey: readings.webhooks(project) })
    tell(say(webhook ? words.changed : words.made, { name: saved.name }))
    onClose()
    onDone?.(saved)
  }
  return (
    <FormDialog
      title={webhook ? say(words.changeTitle, { name: webhook.name }) : words.make}
      act={webhook ? words.changeAct : words.makeAct}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrongIn(draft, isThere), save)}
      onClose={onClose}
    >
      <NameField
        label={words.name}
        hint={words.nameRule}
        value={draft.name}
        error={form.problems.name}
        onChange={(name) => set({ name })}
      />
      <TextField
        label={words.url}
        hint={words.urlHint}
        value={draft.url}
        error={form.problems.url}
        inputMode="url"
        maxLength={2048}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(url) => set({ url })}
      />
      <EventsField value={draft.events} error={form.problems.events} onChange={(events) => set({ events })} />
      <SecretField
        isThere={isThere}
        choice={draft.choice}
        text={draft.secret}
        error={form.problems.secret}
        onChoose={(choice) => set({ choice })}
        onType={(secret) => set({ secret })}
      />
      <TextField
        label={words.description}
        value={draft.description}
        error={form.problems.description}
        maxLength={1000}
        autoComplete="off"
        onChange={(description) => set({ description })}
      />
    </FormDialog>
  )
}

const wrongIn = ({ name, url, events, choice, secret }: Draft, isThere: boolean) => ({
  name: WebhookName.safeParse(name).success ? undefined : words.nameRule,
  // Which addresses may be told is the platform's to say.
  url: /^https?:$/.test(URL.parse(url.trim())?.protocol ?? '') ? undefined : say(words.urlWrong, { url }),
  events: events.length === 0 ? words.eventsWrong : undefined,
  secret: isThere && choice === 'replace' && secret === '' ? words.secretWrong : undefined,
})
