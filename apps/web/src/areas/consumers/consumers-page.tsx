import type { Consumer } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { consumers as words } from '../../strings/consumers.ts'
import { grouped, say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { figure } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { ConsumerAsk } from './consumer-ask.tsx'
import { consumersQuery } from './consumers.queries.ts'

/** Everybody who calls the deployments of the project. */
export function ConsumersPage() {
  const { because } = useMay('consumer.list')
  return because === undefined ? <List /> : <Forbidden title={words.title} because={because} />
}

function List() {
  const project = useProject()
  const navigate = useNavigate()
  const reading = useQuery(consumersQuery(project))
  const search = useSearch({ strict: false }) as { do?: string }
  const { because } = useMay('consumer.create')
  const ask = (name: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
  const open = (name: string) =>
    void navigate({ to: '/p/$project/consumers/$consumer', params: { project, consumer: name } })
  useActs([
    { id: 'consumer', label: words.make, key: 'n', icon: <Plus size={14} />, because, run: () => ask('create') },
  ])
  return (
    <Page
      title={words.title}
      note={reading.data && say(words.count, { count: reading.data.consumers.length })}
      acts={
        <Button look="filled" icon={<Plus />} because={because} onClick={() => ask('create')}>
          {words.make}
        </Button>
      }
    >
      <p className="dim">{words.says}</p>
      <Panel label={words.title}>
        <Reading of={reading} what={words.what} rows={6}>
          {({ consumers }) =>
            consumers.length === 0 ? (
              <Empty title={words.none} says={words.noneSays} command="stead consumers --help" />
            ) : (
              <Table
                label={words.title}
                columns={columnsFor(project)}
                rows={consumers}
                keyOf={({ name }) => name}
                onOpen={({ name }) => open(name)}
              />
            )
          }
        </Reading>
      </Panel>
      {search.do === 'create' && (
        <ConsumerAsk project={project} onDone={({ name }) => open(name)} onClose={() => ask(undefined)} />
      )}
    </Page>
  )
}

/** How much of a quota is used, or how much where there is none. */
export const usedOf = (used: number, quota: number | null): string =>
  quota === null ? grouped(used) : say(words.ofQuota, { used, quota })

const columnsFor = (project: string): Column<Consumer>[] => [
  {
    id: 'name',
    title: words.columns.name,
    phone: 'name',
    cell: ({ name, description }) => (
      <span className="wrap">
        <Link to="/p/$project/consumers/$consumer" params={{ project, consumer: name }}>
          <b>{name}</b>
        </Link>
        {description !== '' && <span className="dim"> {description}</span>}
      </span>
    ),
  },
  { id: 'keys', title: words.columns.keys, align: 'end', cell: ({ keys }) => grouped(keys.length) },
  {
    id: 'rate',
    title: words.columns.rate,
    align: 'end',
    cell: ({ limits: { rate } }) =>
      rate === null ? <span className="faint">{words.noLimit}</span> : say(words.perSecond, { rate: figure(rate) }),
  },
  {
    id: 'today',
    title: words.columns.today,
    align: 'end',
    cell: ({ used, limits }) => usedOf(used.today, limits.perDay),
  },
  {
    id: 'month',
    title: words.columns.month,
    align: 'end',
    cell: ({ used, limits }) => usedOf(used.thisMonth, limits.perMonth),
  },
  { id: 'made', title: words.columns.made, align: 'end', cell: ({ createdAt }) => <Ago at={createdAt} /> },
]
