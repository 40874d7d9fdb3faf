import { redeliver } from '@stead/contracts'
import type { Delivery, DeliveryAttempt, ProjectName } from '@stead/contracts'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronDown, ChevronRight, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { grouped, say } from '../../strings/message.ts'
import { webhooks as words } from '../../strings/webhooks.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago, clockTime, dayOf } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { DeliveryState, resultOf } from './delivery-words.tsx'
import css from './webhooks.module.css'
import { deliveriesQuery } from './webhooks.queries.ts'

/** What a webhook was told, the newest first, each with its attempts. */
export function Deliveries({ project, webhook }: { project: ProjectName; webhook: string }) {
  const reading = useInfiniteQuery(deliveriesQuery(project, webhook))
  return (
    <Panel title={words.deliveries}>
      <Reading of={reading} what={words.whatDeliveries} rows={4}>
        {({ pages }) => {
          const deliveries = pages.flatMap((page) => page.deliveries)
          if (deliveries.length === 0) return <Empty title={words.noDeliveries} says={words.noDeliveriesSays} />
          return <Log project={project} webhook={webhook} deliveries={deliveries} />
        }}
      </Reading>
      {reading.hasNextPage && (
        <div className="pad">
          <Button busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
            {words.earlier}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function Log({
  project,
  webhook,
  deliveries,
}: {
  project: ProjectName
  webhook: string
  deliveries: readonly Delivery[]
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const queries = useQueryClient()
  const { because } = useMay('webhook.change')
  const fold = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  const again = ({ id }: Delivery) => {
    client
      .call(redeliver, { params: { project, webhook, delivery: id } })
      .then(async () => {
        await queries.invalidateQueries({ queryKey: readings.webhooks(project) })
        tell(words.redelivered)
      })
      .catch((error: unknown) => tell(sentenceOf(error), { failed: true }))
  }
  return (
    <Table
      label={words.deliveries}
      columns={[...columnsFor(open, fold), againColumn(again, because)]}
      rows={deliveries}
      keyOf={({ id }) => id}
      below={(one) => (open.has(one.id) ? <Whole delivery={one} /> : null)}
    />
  )
}

const columnsFor = (open: ReadonlySet<string>, fold: (id: string) => void): Column<Delivery>[] => [
  {
    id: 'event',
    title: words.deliveryColumns.event,
    phone: 'name',
    cell: ({ id, event }) => (
      <button type="button" className={css.fold} aria-expanded={open.has(id)} onClick={() => fold(id)}>
        {open.has(id) ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
        <code className="wrap">{event}</code>
      </button>
    ),
  },
  { id: 'state', title: words.deliveryColumns.state, cell: (one) => <DeliveryState {...one} /> },
  {
    id: 'last',
    title: words.deliveryColumns.last,
    phone: 'line',
    cell: ({ log }) => {
      const last = log.at(-1)
      return last ? <span className="wrap">{resultOf(last)}</span> : <span className="faint">{words.nothingYet}</span>
    },
  },
  {
    id: 'attempts',
    title: words.deliveryColumns.attempts,
    align: 'end',
    cell: ({ attempts }) => grouped(attempts),
  },
  {
    id: 'made',
    title: words.deliveryColumns.made,
    align: 'end',
    cell: ({ createdAt }) => <Ago at={createdAt} />,
  },
]

const againColumn = (onAgain: (delivery: Delivery) => void, because: string | undefined): Column<Delivery> => ({
  id: 'again',
  title: <span className="heard-only">{words.deliveryColumns.again}</span>,
  heading: words.deliveryColumns.again,
  align: 'end',
  width: '48px',
  phone: 'state',
  cell: (delivery) => (
    <IconButton
      look="quiet"
      size="small"
      label={say(words.redeliver, { event: delivery.event, time: clockTime(delivery.createdAt) })}
      icon={<RotateCw />}
      because={because}
      onClick={() => onAgain(delivery)}
    />
  ),
})

/** One delivery: its id, every attempt, what was answered last, and what it says. */
function Whole({ delivery: { id, log, body } }: { delivery: Delivery }) {
  const answer = log.at(-1)?.answer ?? ''
  return (
    <div className={css.whole}>
      <p className="dim wrap">
        {words.id} <code>{id}</code>
      </p>
      {log.length > 0 && (
        <Table
          label={say(words.attemptsOf, { id })}
          columns={ATTEMPTS}
          rows={log}
          keyOf={({ at, took }) => `${at} ${took}`}
        />
      )}
      {answer !== '' && <CodeBlock text={answer} label={say(words.lastAnswer, { id })} />}
      <CodeBlock text={indented(body)} label={say(words.bodyOf, { id })} />
    </div>
  )
}

const ATTEMPTS: readonly Column<DeliveryAttempt>[] = [
  { id: 'at', title: words.attemptColumns.at, phone: 'name', cell: ({ at }) => `${dayOf(at)} ${clockTime(at)}` },
  {
    id: 'result',
    title: words.attemptColumns.result,
    phone: 'state',
    cell: ({ status, error }) => <span className="wrap">{status ?? error ?? words.noAnswer}</span>,
  },
  {
    id: 'took',
    title: words.attemptColumns.took,
    align: 'end',
    cell: ({ took }) => say(words.took, { took }),
  },
]

/** Bodies are JSON of our own making, sent without a blank. */
const indented = (body: string): string => JSON.stringify(JSON.parse(body), null, 2)
