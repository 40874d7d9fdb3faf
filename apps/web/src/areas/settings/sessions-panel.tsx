import { endSession } from '@stead/contracts'
import type { OpenSession } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { leave } from '../../live/session.ts'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { profile as words } from '../../strings/profile.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago, dayOf } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { browserOf } from './browser-name.ts'
import { mySessionsQuery } from './profile.queries.ts'

/** Where one is signed in, each to be ended. */
export function SessionsPanel() {
  const reading = useQuery(mySessionsQuery)
  const queries = useQueryClient()
  const end = ({ id, isThis }: OpenSession) => {
    const ended = isThis
      ? leave()
      : client.call(endSession, { params: { session: id } }).then(async () => {
          await queries.invalidateQueries({ queryKey: readings.mySessions() })
          tell(words.ended)
        })
    ended.catch((error: unknown) => tell(sentenceOf(error), { failed: true }))
  }
  return (
    <Panel title={words.sessions}>
      <Reading of={reading} what={words.whatSessions}>
        {({ sessions }) => (
          <Table label={words.sessions} columns={columnsFor(end)} rows={sessions} keyOf={({ id }) => id} />
        )}
      </Reading>
    </Panel>
  )
}

const columnsFor = (end: (session: OpenSession) => void): Column<OpenSession>[] => [
  {
    id: 'where',
    title: words.columns.where,
    phone: 'name',
    cell: ({ agent, isThis }) => (
      <span title={agent}>
        <b>{browserOf(agent)}</b>
        {isThis && <small className="faint"> {words.thisOne}</small>}
      </span>
    ),
  },
  { id: 'from', title: words.columns.from, cell: ({ from }) => <span className="wrap">{from}</span> },
  { id: 'since', title: words.columns.since, align: 'end', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  { id: 'seen', title: words.columns.seen, align: 'end', cell: ({ seenAt }) => <Ago at={seenAt} /> },
  { id: 'until', title: words.columns.until, align: 'end', cell: ({ expiresAt }) => dayOf(expiresAt) },
  {
    id: 'end',
    title: <span className="heard-only">{words.columns.end}</span>,
    heading: words.columns.end,
    align: 'end',
    phone: 'state',
    cell: (session) => (
      <Button size="small" aria-label={say(words.endOf, { from: session.from })} onClick={() => end(session)}>
        {words.end}
      </Button>
    ),
  },
]
