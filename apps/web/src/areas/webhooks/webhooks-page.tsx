import type { ListedWebhook } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { grouped, say } from '../../strings/message.ts'
import { webhooks as words } from '../../strings/webhooks.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Tip } from '../../ui/tip.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { resultOf, WebhookState } from './delivery-words.tsx'
import { WebhookAsk } from './webhook-ask.tsx'
import css from './webhooks.module.css'
import { webhooksQuery } from './webhooks.queries.ts'

/** Everybody who is told of what happens in the project. */
export function WebhooksPage() {
  const { because } = useMay('webhook.list')
  return because === undefined ? <List /> : <Forbidden title={words.title} because={because} />
}

function List() {
  const project = useProject()
  const navigate = useNavigate()
  const reading = useQuery(webhooksQuery(project))
  const search = useSearch({ strict: false }) as { do?: string }
  const { because } = useMay('webhook.create')
  const ask = (name: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
  const open = (id: string) => void navigate({ to: '/p/$project/webhooks/$webhook', params: { project, webhook: id } })
  useActs([{ id: 'webhook', label: words.make, key: 'n', icon: <Plus size={14} />, because, run: () => ask('create') }])
  const make = (
    <Button look="filled" icon={<Plus />} because={because} onClick={() => ask('create')}>
      {words.make}
    </Button>
  )
  return (
    <Page
      title={words.title}
      note={reading.data && say(words.count, { count: reading.data.webhooks.length })}
      acts={make}
    >
      <p className="dim">{words.says}</p>
      <Panel label={words.title}>
        <Reading of={reading} what={words.what} rows={6}>
          {({ webhooks }) =>
            webhooks.length === 0 ? (
              <Empty title={words.none} says={words.noneSays} command="stead webhooks --help" />
            ) : (
              <Table
                label={words.title}
                columns={columnsFor(project)}
                rows={webhooks}
                keyOf={({ id }) => id}
                onOpen={({ id }) => open(id)}
              />
            )
          }
        </Reading>
      </Panel>
      {search.do === 'create' && (
        <WebhookAsk project={project} onDone={({ id }) => open(id)} onClose={() => ask(undefined)} />
      )}
    </Page>
  )
}

const columnsFor = (project: string): Column<ListedWebhook>[] => [
  {
    id: 'name',
    title: words.columns.name,
    phone: 'name',
    cell: ({ id, name, description }) => (
      <span className="wrap">
        <Link to="/p/$project/webhooks/$webhook" params={{ project, webhook: id }}>
          <b>{name}</b>
        </Link>
        {description !== '' && <span className="dim"> {description}</span>}
      </span>
    ),
  },
  { id: 'state', title: words.columns.state, phone: 'state', cell: (webhook) => <WebhookState {...webhook} /> },
  {
    id: 'url',
    title: words.columns.url,
    phone: 'line',
    cell: ({ url }) => (
      <span className={css.url} title={url}>
        {url}
      </span>
    ),
  },
  {
    id: 'events',
    title: words.columns.events,
    align: 'end',
    cell: ({ events }) => (
      <Tip says={events.join(', ')}>
        <span tabIndex={0}>{grouped(events.length)}</span>
      </Tip>
    ),
  },
  { id: 'last', title: words.columns.last, phone: 'line', cell: ({ last }) => <Last last={last} /> },
]

function Last({ last }: Pick<ListedWebhook, 'last'>) {
  if (last === null) return <span className="faint">{words.nothingYet}</span>
  const mark = last.state === 'delivered' ? 'passed' : last.state === 'failed' ? 'failed' : 'attention'
  return (
    <span className={css.last}>
      <StateMark is={mark} label={last.state === 'pending' ? words.states.waiting : words.states[last.state]} />
      <span className="wrap">
        {resultOf(last.attempt)}{' '}
        <span className="dim">
          <Ago at={last.attempt.at} />
        </span>
      </span>
    </span>
  )
}
