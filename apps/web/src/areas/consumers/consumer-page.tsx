import { deleteConsumer, revokeConsumerKey } from '@stead/contracts'
import type { Consumer, ConsumerKey, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Gauge, KeyRound, Trash2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { consumers as words } from '../../strings/consumers.ts'
import { grouped, say } from '../../strings/message.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { figure } from '../../ui/numbers.ts'
import { Figure, Figures, Panel } from '../../ui/panel.tsx'
import type { Column } from '../../ui/table.tsx'
import { tell } from '../../ui/toast.tsx'
import { TokenTable } from '../tokens/token-table.tsx'
import { ConsumerAsk } from './consumer-ask.tsx'
import { usedOf } from './consumers-page.tsx'
import { consumersQuery } from './consumers.queries.ts'
import { KeyAsk } from './key-ask.tsx'
import { UsagePanels } from './usage-panels.tsx'

/** One consumer: what it may, what it used, and its keys. */
export function ConsumerPage() {
  const project = useProject()
  const { consumer: name } = useParams({ strict: false }) as { consumer: string }
  const reading = useQuery(consumersQuery(project))
  const consumer = reading.data?.consumers.find((one) => one.name === name)
  if (reading.data && !consumer && !reading.isFetching)
    return <NotFound says={say(words.notFound, { name, project })} />
  return (
    <Page
      title={name}
      headed
      crumbs={[{ label: words.title, link: { to: '/p/$project/consumers', params: { project } } }]}
      acts={consumer && <Acts />}
    >
      {consumer ? (
        <Body project={project} consumer={consumer} />
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

function useAsk() {
  const navigate = useNavigate()
  return (name: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
}

function Acts() {
  const ask = useAsk()
  const change = useMay('consumer.change').because
  const remove = useMay('consumer.delete').because
  useActs([
    { id: 'key', label: words.newKey, key: 'n', icon: <KeyRound size={14} />, because: change, run: () => ask('key') },
    { id: 'limits', label: words.changeLimits, icon: <Gauge size={14} />, because: change, run: () => ask('limits') },
    { id: 'delete', label: words.remove, icon: <Trash2 size={14} />, because: remove, run: () => ask('delete') },
  ])
  return (
    <>
      <Button icon={<Gauge />} because={change} onClick={() => ask('limits')}>
        {words.changeLimits}
      </Button>
      <Button look="filled" icon={<KeyRound />} because={change} onClick={() => ask('key')}>
        {words.newKey}
      </Button>
      <IconButton label={words.remove} icon={<Trash2 />} because={remove} onClick={() => ask('delete')} />
    </>
  )
}

const MAY_CALL: readonly Column<ConsumerKey>[] = [
  {
    id: 'deployments',
    title: words.mayCall,
    phone: 'line',
    cell: ({ deployments }) => <span className="wrap">{deployments?.join(', ') ?? words.allDeployments}</span>,
  },
]

function Body({ project, consumer }: { project: ProjectName; consumer: Consumer }) {
  const { name, description, limits, used, keys } = consumer
  const queries = useQueryClient()
  const { because } = useMay('consumer.change')
  return (
    <>
      <Heading name={name} says={description} />
      <Figures>
        <Figure name={words.today} value={usedOf(used.today, limits.perDay)} />
        <Figure name={words.thisMonth} value={usedOf(used.thisMonth, limits.perMonth)} />
        <Figure
          name={words.rate}
          value={limits.rate === null ? words.noLimit : figure(limits.rate)}
          note={limits.burst === null ? undefined : say(words.burstOf, { burst: limits.burst })}
        />
        <Figure name={words.keys} value={grouped(keys.length)} />
      </Figures>
      <Panel title={words.keys}>
        {keys.length === 0 ? (
          <p className="pad dim">{words.noKeys}</p>
        ) : (
          <TokenTable
            label={words.keys}
            tokens={keys}
            more={MAY_CALL}
            because={because}
            onRevoke={async ({ id }) => {
              await client.call(revokeConsumerKey, { params: { project, consumer: name, key: id } })
              await queries.invalidateQueries({ queryKey: readings.consumers(project) })
            }}
          />
        )}
      </Panel>
      <UsagePanels project={project} consumer={consumer} />
      <Dialogs project={project} consumer={consumer} />
    </>
  )
}

function Dialogs({ project, consumer }: { project: ProjectName; consumer: Consumer }) {
  const search = useSearch({ strict: false }) as { do?: string }
  const queries = useQueryClient()
  const navigate = useNavigate()
  const ask = useAsk()
  const close = () => ask(undefined)
  const { name, keys } = consumer
  const { because } = useMay('consumer.delete')
  if (search.do === 'key') return <KeyAsk project={project} consumer={consumer} onClose={close} />
  if (search.do === 'limits') return <ConsumerAsk project={project} consumer={consumer} onClose={close} />
  if (search.do !== 'delete') return null
  return (
    <ConfirmDialog
      title={say(words.removeTitle, { name })}
      says={say(words.removeSays, { keys: say(words.keyCount, { count: keys.length }) })}
      act={words.remove}
      name={name}
      because={because}
      onConfirm={async () => {
        await client.call(deleteConsumer, { params: { project, consumer: name } })
        tell(say(words.removed, { name }))
        await navigate({ to: '/p/$project/consumers', params: { project } })
        await queries.invalidateQueries({ queryKey: readings.consumers(project) })
      }}
      onClose={close}
      failureOf={sentenceOf}
    />
  )
}
