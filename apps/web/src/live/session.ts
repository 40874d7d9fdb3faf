import { readSession, signIn, signOut } from '@stead/contracts'
import type { Grants, Session } from '@stead/contracts'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { client } from './client.ts'
import { readings } from './stale.ts'

/** Who looks at the console, and what they may do. Read before anything else. */
export const sessionQuery = queryOptions({
  queryKey: readings.session(),
  queryFn: ({ signal }) => client.call(readSession, { signal }),
  staleTime: 30_000,
  // Another tab or another person may have ended it meanwhile.
  refetchOnWindowFocus: true,
})

/** Below the door everybody has a session. Once it has ended it is the one of before, until somebody signs in: the page
 *  stays as it was. */
export function useSession(): Session {
  return useContext(SessionInForce)
}

/** How to sign in, for those at the door. */
export const useWays = (): Session['ways'] => useQuery(sessionQuery).data?.ways ?? STRANGER.ways

const STRANGER: Session = {
  state: 'signed out',
  actor: null,
  profile: null,
  projects: {},
  ways: { password: true, sso: null },
}
export const SessionInForce = createContext(STRANGER)

const EVERYTHING: Grants = { roles: ['owner'], denies: [] }
const NOTHING: Grants = { roles: [], denies: [] }

/** The projects that may be seen; undefined where that is all there are. */
export function projectsIn({ state, profile, projects }: Session): readonly string[] | undefined {
  return state === 'open' || profile?.isInstallationOwner ? undefined : Object.keys(projects).toSorted()
}

/** What a session may do in a project. */
export function grantsIn({ state, profile, projects }: Session, project: string): Grants {
  if (state === 'open' || profile?.isInstallationOwner) return EVERYTHING
  return (Object.hasOwn(projects, project) ? projects[project as keyof typeof projects] : undefined) ?? NOTHING
}

export function useSignIn(): (name: string, password: string) => Promise<Session> {
  const queries = useQueryClient()
  return async (name, password) => {
    const session = await client.call(signIn, { body: { name, password } })
    queries.setQueryData(readings.session(), session)
    return session
  }
}

/** Ends the session. The page is read anew, so that nothing of it stays in memory. */
export async function leave(): Promise<void> {
  await client.call(signOut, {})
  location.assign('/sign-in')
}
