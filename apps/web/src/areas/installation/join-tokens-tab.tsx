import { createJoinToken, listJoinTokens, revokeJoinToken } from '@stead/contracts'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { ForbiddenPart } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { people } from '../../strings/people.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { TokenAsk } from '../tokens/token-ask.tsx'
import { TokenTable } from '../tokens/token-table.tsx'

const words = people.joins

const joinTokensQuery = queryOptions({
  queryKey: readings.joinTokens(),
  queryFn: ({ signal }) => client.call(listJoinTokens, { signal }),
  staleTime: 5_000,
})

const joinWith = (secret: string) => `STEAD_TOKEN=${secret} stead runner --url ${location.origin}`

/** What lets runners and workers join. */
export function JoinTokensTab() {
  const { because } = useMay('runner.admit')
  return because === undefined ? <JoinTokens /> : <ForbiddenPart because={because} />
}

function JoinTokens() {
  const queries = useQueryClient()
  const reading = useQuery(joinTokensQuery)
  const [asking, setAsking] = useState(false)
  const fresh = () => queries.invalidateQueries({ queryKey: readings.joinTokens() })
  return (
    <Panel
      title={words.title}
      note={words.says}
      acts={
        <Button icon={<Plus />} onClick={() => setAsking(true)}>
          {words.make}
        </Button>
      }
    >
      <Reading of={reading} what={words.what}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty title={words.none} says={words.noneSays} />
          ) : (
            <TokenTable
              label={words.title}
              tokens={tokens}
              onRevoke={async ({ id }) => {
                await client.call(revokeJoinToken, { params: { token: id } })
                await fresh()
              }}
            />
          )
        }
      </Reading>
      {asking && (
        <TokenAsk
          title={words.make}
          act={words.makeAct}
          of="runner"
          use={joinWith}
          onMake={async ({ name, days }) => {
            const made = await client.call(createJoinToken, { body: { name, days } })
            await fresh()
            return made
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}
