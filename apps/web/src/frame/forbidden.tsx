import { listMembers } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../live/client.ts'
import { readings } from '../live/stale.ts'
import { may as words } from '../strings/may.ts'
import { say } from '../strings/message.ts'
import { classOf } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Empty } from '../ui/waiting.tsx'
import { useMay } from './may.ts'
import { Page } from './page.tsx'
import { useProject } from './project.ts'

/** A view that is for another role: which, what one is, and whom to ask. */
export function Forbidden({ title, because }: { title: string; because: string }) {
  return (
    <Page title={title}>
      <ForbiddenPart because={because} />
    </Page>
  )
}

export function ForbiddenPart({ because }: { because: string }) {
  const owners = useOwners()
  return (
    <Panel>
      <Empty
        title={words.noView}
        says={
          <>
            {because} {owners.length > 0 && say(words.ownersAre, { names: owners.join(', ') })}
          </>
        }
        act={
          <Link to="/" className={classOf('plain')}>
            {words.toOverview}
          </Link>
        }
      />
    </Panel>
  )
}

/** Whom to ask, for those who may know. */
function useOwners(): readonly string[] {
  const project = useProject()
  const mayKnow = useMay('member.list').isAllowed
  const { data } = useQuery({
    queryKey: readings.members(project),
    queryFn: ({ signal }) => client.call(listMembers, { params: { project }, signal }),
    enabled: mayKnow,
  })
  return data?.members.filter(({ roles }) => roles.includes('owner')).map(({ displayName }) => displayName) ?? []
}
