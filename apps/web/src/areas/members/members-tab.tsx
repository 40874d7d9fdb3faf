import { removeMember } from '@stead/contracts'
import type { Member, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Pencil, UserMinus, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { useSession } from '../../live/session.ts'
import { say } from '../../strings/message.ts'
import { members as words } from '../../strings/members.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { MemberAsk } from './member-ask.tsx'
import { membersQuery } from './members.queries.ts'
import { RemoveAsk } from './remove-ask.tsx'
import css from './members.module.css'

type Asked = { readonly is: 'add' } | { readonly is: 'edit' | 'remove'; readonly member: Member }

/** The people of the project with their roles. */
export function MembersTab() {
  const project = useProject()
  const reading = useQuery(membersQuery(project))
  const [asked, setAsked] = useState<Asked>()
  const may = { set: useMay('member.set').because, remove: useMay('member.remove').because }
  const { profile } = useSession()
  const all = reading.data?.members ?? []
  const close = () => setAsked(undefined)
  return (
    <Panel
      title={words.tabs.people}
      note={words.say}
      acts={
        <Button icon={<UserPlus />} because={may.set} onClick={() => setAsked({ is: 'add' })}>
          {words.add}
        </Button>
      }
    >
      <Reading of={reading} what={words.what}>
        {({ members }) =>
          members.length === 0 ? (
            <Empty title={words.none} says={words.noneSays} />
          ) : (
            <Table
              label={words.title}
              columns={columnsFor(project, profile?.name, may, setAsked)}
              rows={members}
              keyOf={({ name }) => name}
            />
          )
        }
      </Reading>
      {asked?.is === 'add' && <MemberAsk project={project} others={all} onClose={close} />}
      {asked?.is === 'edit' && <MemberAsk project={project} member={asked.member} others={all} onClose={close} />}
      {asked?.is === 'remove' && (
        <Remove project={project} member={asked.member} because={may.remove} onClose={close} />
      )}
    </Panel>
  )
}

function Remove({
  project,
  member: { name, displayName, deployments },
  because,
  onClose,
}: {
  project: ProjectName
  member: Member
  because: string | undefined
  onClose: () => void
}) {
  return (
    <RemoveAsk
      project={project}
      owner={name}
      name={displayName}
      deployments={deployments}
      title={say(words.removeTitle, { name: displayName, project })}
      says={words.removeSays}
      act={words.removeAct}
      because={because}
      onRemove={async () => {
        await client.call(removeMember, { params: { project, member: name } })
        tell(say(words.removed, { name: displayName, project }))
      }}
      onClose={onClose}
    />
  )
}

const columnsFor = (
  project: string,
  own: string | undefined,
  may: { readonly set: string | undefined; readonly remove: string | undefined },
  onAsk: (asked: Asked) => void,
): Column<Member>[] => [
  {
    id: 'name',
    title: words.columns.name,
    phone: 'name',
    cell: ({ name, displayName }) => (
      <span className="wrap">
        <b>{displayName}</b>
        {name !== displayName && <span className="dim"> {name}</span>}
        {name === own && <small className="faint"> {words.you}</small>}
      </span>
    ),
  },
  {
    id: 'roles',
    title: words.columns.roles,
    phone: 'line',
    cell: ({ roles, isInherited }) => (
      <span className="wrap">
        {roles.join(', ')}
        {isInherited && <small className="faint"> {words.inherited}</small>}
      </span>
    ),
  },
  {
    id: 'denied',
    title: words.columns.denied,
    cell: ({ denies }) =>
      denies.length === 0 ? words.nothingDenied : <code className="wrap">{denies.join(', ')}</code>,
  },
  {
    id: 'answers',
    title: words.columns.answers,
    cell: ({ deployments }) =>
      deployments.length === 0 ? (
        words.nothingDenied
      ) : (
        <span className={css.several}>
          {deployments.map((deployment) => (
            <Link
              key={deployment}
              to="/p/$project/deployments/$deployment"
              params={{ project, deployment }}
              className="link"
            >
              {deployment}
            </Link>
          ))}
        </span>
      ),
  },
  { id: 'since', title: words.columns.since, align: 'end', cell: ({ since }) => <Ago at={since} /> },
  {
    id: 'acts',
    title: <span className="heard-only">{words.columns.acts}</span>,
    heading: words.columns.acts,
    align: 'end',
    width: '84px',
    phone: 'state',
    cell: (member) => {
      const { displayName: name, isInherited } = member
      const held = isInherited ? say(words.inheritedHeld, { name }) : undefined
      return (
        <span className="nowrap">
          <IconButton
            look="quiet"
            size="small"
            label={say(words.edit, { name })}
            icon={<Pencil />}
            because={may.set ?? held}
            onClick={() => onAsk({ is: 'edit', member })}
          />
          <IconButton
            look="quiet"
            size="small"
            label={say(words.remove, { name })}
            icon={<UserMinus />}
            because={may.remove ?? held}
            onClick={() => onAsk({ is: 'remove', member })}
          />
        </span>
      )
    },
  },
]
