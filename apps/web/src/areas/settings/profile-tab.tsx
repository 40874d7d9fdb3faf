import { changeProfile, createToken, revokeToken } from '@stead/contracts'
import type { ApiToken, Profile } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { WithSide } from '../../frame/page.tsx'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { useSession } from '../../live/session.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { profile as words } from '../../strings/profile.ts'
import { tokens as tokenWords } from '../../strings/tokens.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import type { Column } from '../../ui/table.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { TokenAsk } from '../tokens/token-ask.tsx'
import { Allows, TokenTable } from '../tokens/token-table.tsx'
import { PasswordPanel } from './password-panel.tsx'
import { myTokensQuery } from './profile.queries.ts'
import css from './profile.module.css'
import { SessionsPanel } from './sessions-panel.tsx'

/** Who one is here, how one signs in and from where, and what acts in one's name. */
export function ProfileTab() {
  const { profile } = useSession()
  if (!profile)
    return (
      <Panel>
        <Empty title={words.nobody} says={words.nobodySays} />
      </Panel>
    )
  return (
    <>
      <TokensPanel />
      <SessionsPanel />
      <WithSide side={<PasswordPanel hasPassword={profile.hasPassword} />}>
        <You profile={profile} />
      </WithSide>
    </>
  )
}

function You({ profile }: { profile: Profile }) {
  const { projects } = useSession()
  const queries = useQueryClient()
  const [name, setName] = useState(profile.displayName)
  const form = useSubmit(['displayName'])
  const save = async () => {
    await client.call(changeProfile, { body: { displayName: name.trim() } })
    await queries.invalidateQueries({ queryKey: readings.session() })
    tell(say(words.saved, { name: name.trim() }))
  }
  const roles = Object.entries(projects)
  return (
    <Panel title={words.you} padded>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void form.submit({ displayName: name.trim() === '' ? words.displayNameMissing : undefined }, save)
        }}
      >
        <TextField
          label={words.displayName}
          hint={words.displayNameHint}
          value={name}
          error={form.problems.displayName ?? form.problems.whole}
          maxLength={100}
          autoComplete="name"
          onChange={(text) => {
            setName(text)
            form.mend('displayName')
          }}
        />
        <div>
          <Button type="submit" busy={form.busy}>
            {words.save}
          </Button>
        </div>
        <Facts>
          <Fact name={words.name}>{profile.name}</Fact>
          <Fact name={words.roles}>
            {profile.isInstallationOwner
              ? words.isOwner
              : roles.length === 0
                ? words.noRoles
                : roles.map(([project, grants]) => (
                    <div key={project}>
                      <b>{project}</b>: {grants.roles.join(', ')}
                    </div>
                  ))}
          </Fact>
        </Facts>
      </form>
    </Panel>
  )
}

const ALLOWS: readonly Column<ApiToken>[] = [
  { id: 'allows', title: tokenWords.columns.allows, phone: 'line', cell: (token) => <Allows {...token} /> },
]

function TokensPanel() {
  const queries = useQueryClient()
  const reading = useQuery(myTokensQuery)
  const [asking, setAsking] = useState(false)
  const fresh = () => queries.invalidateQueries({ queryKey: readings.myTokens() })
  return (
    <Panel
      title={words.tokens}
      note={words.tokensSay}
      acts={
        <Button icon={<Plus />} onClick={() => setAsking(true)}>
          {words.newToken}
        </Button>
      }
    >
      <Reading of={reading} what={tokenWords.what}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty
              title={words.noTokens}
              says={words.noTokensSays}
              act={
                <Button icon={<KeyRound />} onClick={() => setAsking(true)}>
                  {words.newToken}
                </Button>
              }
            />
          ) : (
            <TokenTable
              label={words.tokens}
              tokens={tokens}
              more={ALLOWS}
              onRevoke={async ({ id }) => {
                await client.call(revokeToken, { params: { token: id } })
                await fresh()
              }}
            />
          )
        }
      </Reading>
      {asking && (
        <TokenAsk
          title={words.newToken}
          act={words.makeToken}
          of="person"
          onMake={async (body) => {
            const made = await client.call(createToken, { body })
            await fresh()
            return made
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}
