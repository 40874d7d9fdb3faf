import { deletePerson } from '@stead/contracts'
import type { Person } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, UserMinus, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { ForbiddenPart } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { useSession } from '../../live/session.ts'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { people as words } from '../../strings/people.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { peopleQuery } from '../members/members.queries.ts'
import { PersonAsk } from './person-ask.tsx'

type Asked = { readonly is: 'add' } | { readonly is: 'change' | 'remove'; readonly person: Person }

/** Everybody in the installation, for its owners. */
export function PeopleTab() {
  const { because } = useMay('person.list')
  return because === undefined ? <People /> : <ForbiddenPart because={because} />
}

function People() {
  const reading = useQuery(peopleQuery)
  const [asked, setAsked] = useState<Asked>()
  const { profile } = useSession()
  const close = () => setAsked(undefined)
  return (
    <Panel
      title={words.title}
      note={words.says}
      acts={
        <Button icon={<UserPlus />} onClick={() => setAsked({ is: 'add' })}>
          {words.add}
        </Button>
      }
    >
      <Reading of={reading} what={words.what}>
        {({ people }) =>
          people.length === 0 ? (
            <Empty title={words.none} says={words.noneSays} command={words.noneCommand} />
          ) : (
            <Table
              label={words.title}
              columns={columnsFor(profile?.name, setAsked)}
              rows={people}
              keyOf={({ name }) => name}
            />
          )
        }
      </Reading>
      {asked?.is === 'add' && <PersonAsk onClose={close} />}
      {asked?.is === 'change' && <PersonAsk person={asked.person} onClose={close} />}
      {asked?.is === 'remove' && <Remove person={asked.person} onClose={close} />}
    </Panel>
  )
}

function Remove({ person: { name, displayName }, onClose }: { person: Person; onClose: () => void }) {
  const queries = useQueryClient()
  return (
    <ConfirmDialog
      title={say(words.removeTitle, { name: displayName })}
      says={words.removeSays}
      act={words.removeAct}
      name={name}
      onConfirm={async () => {
        await client.call(deletePerson, { params: { person: name } })
        await queries.invalidateQueries({ queryKey: readings.people() })
        tell(say(words.removed, { name: displayName }))
      }}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}

const columnsFor = (own: string | undefined, onAsk: (asked: Asked) => void): Column<Person>[] => [
  {
    id: 'name',
    title: words.columns.name,
    phone: 'name',
    cell: ({ name, displayName, isInstallationOwner }) => (
      <span className="wrap">
        <b>{displayName}</b>
        {name !== displayName && <span className="dim"> {name}</span>}
        {name === own && <small className="faint"> {words.you}</small>}
        {isInstallationOwner && <small className="faint"> {words.owner}</small>}
      </span>
    ),
  },
  {
    id: 'state',
    title: words.columns.state,
    cell: ({ isDisabled }) =>
      isDisabled ? (
        <StateWord is="off">{words.disabled}</StateWord>
      ) : (
        <StateWord is="serving">{words.active}</StateWord>
      ),
  },
  {
    id: 'how',
    title: words.columns.how,
    cell: ({ hasPassword }) => (hasPassword ? words.password : words.sso),
  },
  {
    id: 'seen',
    title: words.columns.seen,
    align: 'end',
    cell: ({ seenAt }) => (seenAt === null ? <span className="faint">{words.never}</span> : <Ago at={seenAt} />),
  },
  { id: 'since', title: words.columns.since, align: 'end', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    id: 'acts',
    title: <span className="heard-only">{words.columns.acts}</span>,
    heading: words.columns.acts,
    align: 'end',
    width: '84px',
    phone: 'state',
    cell: (person) => (
      <span className="nowrap">
        <IconButton
          look="quiet"
          size="small"
          label={say(words.change, { name: person.displayName })}
          icon={<Pencil />}
          onClick={() => onAsk({ is: 'change', person })}
        />
        <IconButton
          look="quiet"
          size="small"
          label={say(words.remove, { name: person.displayName })}
          icon={<UserMinus />}
          onClick={() => onAsk({ is: 'remove', person })}
        />
      </span>
    ),
  },
]
