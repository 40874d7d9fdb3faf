import { Navigate, useRouterState } from '@tanstack/react-router'
import { projectsIn, useSession } from '../live/session.ts'
import { lastProject } from './project.ts'

/** The root leads to the project that was open last, or to one that may be seen. */
export function Home() {
  const session = useSession()
  const last = lastProject()
  const seen = projectsIn(session)
  // A link of MLflow's leaves from here, and is on its way until its page is loaded.
  const isLeft = useRouterState({ select: ({ location }) => location.pathname !== '/' })
  if (isLeft) return null
  return (
    <Navigate to="/p/$project" params={{ project: seen && !seen.includes(last) ? (seen[0] ?? last) : last }} replace />
  )
}
