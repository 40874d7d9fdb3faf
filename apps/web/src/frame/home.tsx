import { Navigate } from '@tanstack/react-router'
import { projectsIn, useSession } from '../live/session.ts'
import { lastProject } from './project.ts'

/** The root leads to the project that was open last, or to one that may be seen. */
export function Home() {
  const session = useSession()
  const last = lastProject()
  const seen = projectsIn(session)
  return (
    <Navigate to="/p/$project" params={{ project: seen && !seen.includes(last) ? (seen[0] ?? last) : last }} replace />
  )
}
