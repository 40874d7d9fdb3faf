import type { ApiToken, JoinToken } from '@stead/contracts'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { tokens as words } from '../../strings/tokens.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago, dayOf, useNow } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Tip } from '../../ui/tip.tsx'

type AnyToken = JoinToken & Partial<Pick<ApiToken, 'projects' | 'acts'>>

/** Tokens without their secrets, each to be revoked. */
export function TokenTable<T extends AnyToken>({
  label = words.table,
  tokens,
  because,
  more = [],
  onRevoke,
}: {
  label?: string
  tokens: readonly T[]
  /** Why they cannot be revoked by whoever looks. */
  because?: string | undefined
  /** What is told of them besides. */
  more?: readonly Column<T>[]
  onRevoke: (token: T) => Promise<void>
}) {
  const [asked, setAsked] = useState<T>()
  return (
    <>
      <Table
        label={label}
        columns={[...first<T>(), ...more, ...last<T>(because, setAsked)]}
        rows={tokens}
        keyOf={({ id }) => id}
      />
      {asked && (
        <ConfirmDialog
          title={say(words.revokeTitle, { name: asked.name })}
          says={words.revokeSays}
          act={words.revokeAct}
          onConfirm={async () => {
            await onRevoke(asked)
            tell(say(words.revoked, { name: asked.name }))
          }}
          onClose={() => setAsked(undefined)}
          failureOf={sentenceOf}
        />
      )}
    </>
  )
}

const first = <T extends AnyToken>(): Column<T>[] => [
  { id: 'name', title: words.columns.name, phone: 'name', cell: ({ name }) => <b className="wrap">{name}</b> },
  { id: 'hint', title: words.columns.hint, phone: 'line', cell: ({ hint }) => <code>{hint}…</code> },
]

const last = <T extends AnyToken>(because: string | undefined, onAsk: (token: T) => void): Column<T>[] => [
  { id: 'expires', title: words.columns.expires, cell: ({ expiresAt }) => <Expires at={expiresAt} /> },
  {
    id: 'used',
    title: words.columns.used,
    align: 'end',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span className="faint">{words.notUsed}</span> : <Ago at={lastUsedAt} />,
  },
  {
    id: 'revoke',
    title: <span className="heard-only">{words.columns.acts}</span>,
    heading: words.columns.acts,
    align: 'end',
    width: '48px',
    phone: 'state',
    cell: (token) => (
      <IconButton
        look="quiet"
        size="small"
        label={say(words.revoke, { name: token.name })}
        icon={<Trash2 />}
        because={because}
        onClick={() => onAsk(token)}
      />
    ),
  },
]

function Expires({ at }: { at: string | null }) {
  const now = useNow()
  if (at === null) return words.never
  if (Date.parse(at) < now) return <StateWord is="off">{words.expired}</StateWord>
  return <span className="nowrap">{dayOf(at)}</span>
}

/** What a token allows, in a few words; all of it when pointed at. */
export function Allows({ acts = null, projects = null }: Partial<Pick<ApiToken, 'acts' | 'projects'>>): ReactNode {
  const what =
    acts === null ? words.everything : acts.length === 1 ? acts[0]! : say(words.actsCount, { count: acts.length })
  const says = projects === null ? what : say(words.inProjects, { acts: what, projects: projects.join(', ') })
  if (acts === null || acts.length === 1) return <span className="wrap">{says}</span>
  return (
    <Tip says={acts.join(', ')}>
      <span className="wrap" tabIndex={0}>
        {says}
      </span>
    </Tip>
  )
}
