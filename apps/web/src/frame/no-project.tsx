import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { classOf } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Empty } from '../ui/waiting.tsx'
import { Page } from './page.tsx'

/** A project that is not there, or not for whoever looks: the two are told alike. */
export function NoProject({ project, seen }: { project: string; seen: readonly string[] }) {
  const queries = useQueryClient()
  // What was read of it while one was a member stays in no memory.
  useEffect(() => queries.removeQueries({ queryKey: [project] }), [queries, project])
  return (
    <Page title={frame.notFound}>
      <Panel>
        <Empty
          title={frame.notFound}
          says={
            <>
              {say(frame.noProject, { project })} {seen.length === 0 && frame.noProjects}
            </>
          }
          act={seen.map((name) => (
            <Link key={name} to="/p/$project" params={{ project: name }} className={classOf('plain')}>
              {say(frame.toProject, { project: name })}
            </Link>
          ))}
        />
      </Panel>
    </Page>
  )
}
