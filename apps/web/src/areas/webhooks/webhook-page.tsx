import { changeWebhook, deleteWebhook } from '@stead/contracts'
import type { ListedWebhook, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { frame } from '../../strings/frame.ts'
import { say } from '../../strings/message.ts'
import { webhooks as words } from '../../strings/webhooks.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { Deliveries } from './deliveries.tsx'
import { WebhookState } from './delivery-words.tsx'
import { TestAsk } from './test-ask.tsx'
import { WebhookAsk } from './webhook-ask.tsx'
import css from './webhooks.module.css'
import { webhooksQuery } from './webhooks.queries.ts'

/** One webhook: where it goes, what it is told, and what came of that. */
export function WebhookPage() {
  const { because } = useMay('webhook.list')
  return because === undefined ? <One /> : <Forbidden title={words.title} because={because} />
}

function One() {
  const project = useProject()
  const { webhook: id } = useParams({ strict: false }) as { webhook: string }
  const reading = useQuery(webhooksQuery(project))
  const webhook = reading.data?.webhooks.find((one) => one.id === id)
  if (reading.data && !webhook && !reading.isFetching) return <NotFound says={say(words.notFound, { project })} />
  return (
    <Page
      title={webhook?.name ?? words.columns.name}
      headed={webhook !== undefined}
      crumbs={[{ label: words.title, link: { to: '/p/$project/webhooks', params: { project } } }]}
      acts={webhook && <Acts project={project} webhook={webhook} />}
    >
      {webhook ? (
        <Body project={project} webhook={webhook} />
      ) : (
        <Panel>
          <Reading of={reading} what={words.whatOne} rows={6}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

interface OfWebhook {
  readonly project: ProjectName
  readonly webhook: ListedWebhook
}

function useAsk() {
  const navigate = useNavigate()
  return (name: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
}

/** Done at once, and undone at once. */
function useSwitch({ project, webhook: { id, name, status } }: OfWebhook) {
  const queries = useQueryClient()
  const set = (next: typeof status) => {
    client
      .call(changeWebhook, { params: { project, webhook: id }, body: { status: next } })
      .then(async () => {
        await queries.invalidateQueries({ queryKey: readings.webhooks(project) })
        const back = next === 'ACTIVE' ? 'DISABLED' : 'ACTIVE'
        tell(say(next === 'ACTIVE' ? words.enabled : words.isDisabled, { name }), { undo: () => set(back) })
      })
      .catch((error: unknown) => tell(sentenceOf(error), { failed: true }))
  }
  return () => set(status === 'ACTIVE' ? 'DISABLED' : 'ACTIVE')
}

function Acts(of: OfWebhook) {
  const ask = useAsk()
  const change = useMay('webhook.change').because
  const remove = useMay('webhook.delete').because
  const flip = useSwitch(of)
  const isActive = of.webhook.status === 'ACTIVE'
  const acts = [
    { id: 'change', label: words.change, icon: <Pencil size={14} />, because: change, run: () => ask('change') },
    isActive
      ? { id: 'disable', label: words.disable, icon: <Pause size={14} />, because: change, run: flip }
      : { id: 'enable', label: words.enable, icon: <Play size={14} />, because: change, run: flip },
    { id: 'delete', label: words.remove, icon: <Trash2 size={14} />, because: remove, run: () => ask('delete') },
  ]
  useActs([
    { id: 'test', label: words.test, icon: <Send size={14} />, because: change, run: () => ask('test') },
    ...acts,
  ])
  return (
    <>
      <Button look="filled" icon={<Send />} because={change} onClick={() => ask('test')}>
        {words.test}
      </Button>
      <Menu
        trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
        items={acts.map(({ id, label, icon, because, run }) => ({
          label,
          icon,
          because,
          danger: id === 'delete',
          onSelect: run,
        }))}
      />
    </>
  )
}

function Body({ project, webhook }: OfWebhook) {
  const { id, name, description, url, events, status, hasSecret, isSecretLost, createdAt } = webhook
  const ask = useAsk()
  const { because } = useMay('webhook.change')
  return (
    <>
      <Heading
        name={name}
        beside={<WebhookState status={status} isSecretLost={isSecretLost} />}
        says={description}
        aside={<CopyField text={url} />}
      />
      {isSecretLost && (
        <Banner
          is="failed"
          act={
            <Button because={because} onClick={() => ask('change')}>
              {words.setSecret}
            </Button>
          }
        >
          {words.secretLost}
        </Banner>
      )}
      {status === 'DISABLED' && <Banner is="off">{words.disabledSays}</Banner>}
      <Deliveries project={project} webhook={id} />
      <Panel title={words.about} padded>
        <Facts>
          <Fact name={words.events}>
            <ul className={css.told}>
              {events.map((event) => (
                <li key={event}>
                  <code>{event}</code>
                </li>
              ))}
            </ul>
          </Fact>
          <Fact name={words.signed}>{hasSecret ? words.isSigned : words.isNotSigned}</Fact>
          <Fact name={words.madeAt}>
            <Ago at={createdAt} />
          </Fact>
        </Facts>
      </Panel>
      <Dialogs project={project} webhook={webhook} />
    </>
  )
}

function Dialogs({ project, webhook }: OfWebhook) {
  const search = useSearch({ strict: false }) as { do?: string }
  const queries = useQueryClient()
  const navigate = useNavigate()
  const ask = useAsk()
  const close = () => ask(undefined)
  const { id, name } = webhook
  const { because } = useMay('webhook.delete')
  if (search.do === 'test') return <TestAsk project={project} webhook={webhook} onClose={close} />
  if (search.do === 'change') return <WebhookAsk project={project} webhook={webhook} onClose={close} />
  if (search.do !== 'delete') return null
  return (
    <ConfirmDialog
      title={say(words.removeTitle, { name })}
      says={words.removeSays}
      act={words.remove}
      name={name}
      because={because}
      onConfirm={async () => {
        await client.call(deleteWebhook, { params: { project, webhook: id } })
        tell(say(words.removed, { name }))
        await navigate({ to: '/p/$project/webhooks', params: { project } })
        await queries.invalidateQueries({ queryKey: readings.webhooks(project) })
      }}
      onClose={close}
      failureOf={sentenceOf}
    />
  )
}
