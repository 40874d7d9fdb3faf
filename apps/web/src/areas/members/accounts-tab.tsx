import { createAccountToken, deleteAccount, revokeAccountToken } from '@stead/contracts'
import type { ApiToken, ProjectName, ServiceAccount } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Bot, KeyRound, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { members } from '../../strings/members.ts'
import { tokens as tokenWords } from '../../strings/tokens.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import type { Column } from '../../ui/table.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { TokenAsk } from '../tokens/token-ask.tsx'
import { Allows, TokenTable } from '../tokens/token-table.tsx'
import { AccountAsk } from './account-ask.tsx'
import { accountsQuery } from './members.queries.ts'
import { RemoveAsk } from './remove-ask.tsx'

const words = members.accounts

type Asked = { readonly is: 'make' } | { readonly is: 'change' | 'token' | 'remove'; readonly account: ServiceAccount }

/** The machines of the project, each with its roles and tokens. */
export function AccountsTab() {
  const project = useProject()
  const reading = useQuery(accountsQuery(project))
  const [asked, setAsked] = useState<Asked>()
  const { because } = useMay('account.create')
  return (
    <>
      <Panel
        title={words.title}
        note={words.say}
        acts={
          <Button icon={<Bot />} because={because} onClick={() => setAsked({ is: 'make' })}>
            {words.make}
          </Button>
        }
      >
        <Reading of={reading} what={words.what}>
          {({ accounts }) => (accounts.length === 0 ? <Empty title={words.none} says={words.noneSays} /> : null)}
        </Reading>
      </Panel>
      {reading.data?.accounts.map((account) => (
        <Account key={account.name} project={project} account={account} onAsk={setAsked} />
      ))}
      <Dialogs project={project} asked={asked} onClose={() => setAsked(undefined)} />
    </>
  )
}

const ALLOWS: readonly Column<ApiToken>[] = [
  { id: 'allows', title: tokenWords.columns.allows, phone: 'line', cell: (token) => <Allows {...token} /> },
]

function Account({
  project,
  account,
  onAsk,
}: {
  project: ProjectName
  account: ServiceAccount
  onAsk: (asked: Asked) => void
}) {
  const { name, description, roles, denies, tokens } = account
  const queries = useQueryClient()
  const change = useMay('account.change').because
  const remove = useMay('account.delete').because
  const denied = denies.length === 0 ? '' : `; ${members.columns.denied.toLowerCase()}: ${denies.join(', ')}`
  return (
    <Panel
      title={`service:${name}`}
      note={
        <span className="wrap">
          {roles.join(', ')}
          {denied}
          {description !== '' && ` · ${description}`}
        </span>
      }
      acts={
        <>
          <Button icon={<KeyRound />} because={change} onClick={() => onAsk({ is: 'token', account })}>
            {words.newToken}
          </Button>
          <IconButton
            label={say(words.change, { name })}
            icon={<Pencil />}
            because={change}
            onClick={() => onAsk({ is: 'change', account })}
          />
          <IconButton
            label={say(words.remove, { name })}
            icon={<Trash2 />}
            because={remove}
            onClick={() => onAsk({ is: 'remove', account })}
          />
        </>
      }
    >
      {tokens.length === 0 ? (
        <p className="pad dim">{words.noTokens}</p>
      ) : (
        <TokenTable
          label={say(words.tokens, { name })}
          tokens={tokens}
          more={ALLOWS}
          because={change}
          onRevoke={async ({ id }) => {
            await client.call(revokeAccountToken, { params: { project, account: name, token: id } })
            await queries.invalidateQueries({ queryKey: readings.accounts(project) })
          }}
        />
      )}
    </Panel>
  )
}

function Dialogs({ project, asked, onClose }: { project: ProjectName; asked: Asked | undefined; onClose: () => void }) {
  const queries = useQueryClient()
  const fresh = () => queries.invalidateQueries({ queryKey: readings.accounts(project) })
  const { because } = useMay('account.delete')
  if (asked === undefined) return null
  if (asked.is === 'make') return <AccountAsk project={project} onClose={onClose} />
  const { account } = asked
  const params = { project, account: account.name }
  if (asked.is === 'change') return <AccountAsk project={project} account={account} onClose={onClose} />
  if (asked.is === 'token')
    return (
      <TokenAsk
        title={say(words.newTokenTitle, { name: account.name })}
        act={words.makeToken}
        of="account"
        onMake={async ({ projects: _projects, ...body }) => {
          const made = await client.call(createAccountToken, { params, body })
          await fresh()
          return made
        }}
        onClose={onClose}
      />
    )
  return (
    <RemoveAsk
      project={project}
      owner={`service:${account.name}`}
      name={`service:${account.name}`}
      deployments={account.deployments}
      title={say(words.removeTitle, { name: account.name })}
      says={words.removeSays}
      act={words.removeAct}
      because={because}
      onRemove={async () => {
        await client.call(deleteAccount, { params })
        tell(say(words.removed, { name: account.name }))
      }}
      onClose={onClose}
    />
  )
}
