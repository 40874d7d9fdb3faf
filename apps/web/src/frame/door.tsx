import type { Session } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useMatch, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { safePath } from '../areas/sign-in/safe-path.ts'
import { useStream } from '../live/live.tsx'
import { Reading } from '../live/reading.tsx'
import { SessionInForce, sessionQuery } from '../live/session.ts'
import { signIn as words } from '../strings/sign-in.ts'
import { Shell } from './shell.tsx'

const SignInAgain = lazy(() =>
  import('../areas/sign-in/sign-in-again.tsx').then((module) => ({ default: module.SignInAgain })),
)

/** Before every page: who is there? Strangers get to the sign-in, and come back to the address they asked for. */
export function Door() {
  const reading = useQuery(sessionQuery)
  // The page that is drawn, which may not yet be that of the address.
  const isAtDoor = useMatch({ from: '/sign-in', shouldThrow: false }) !== undefined
  const session = reading.data
  const isOut = session?.state === 'signed out'
  // Whoever was here last, as long as the page stands.
  const [last, setLast] = useState<Session>()
  if (session && !isOut && last !== session) setLast(session)
  useStream(session !== undefined && !isOut, reading.dataUpdatedAt)
  const isStranger = isOut && !last
  useTurning(
    session === undefined ? undefined : isAtDoor && !isOut ? 'in' : isStranger && !isAtDoor ? 'out' : undefined,
  )
  if (!session)
    return (
      <main className="pad">
        <Reading of={reading} what={words.whatSession}>
          {() => null}
        </Reading>
      </main>
    )
  if (isAtDoor)
    return isOut ? (
      <Suspense>
        <Outlet />
      </Suspense>
    ) : null
  if (!last) return null
  return (
    <SessionInForce value={isOut ? last : session}>
      <Shell />
      {isOut && (
        <Suspense>
          <SignInAgain actor={last.actor} name={last.profile?.name ?? ''} />
        </Suspense>
      )}
    </SessionInForce>
  )
}

/** Sends strangers to the sign-in, and those who are signed in to where they wanted to be. */
function useTurning(way: 'in' | 'out' | undefined): void {
  const router = useRouter()
  useEffect(() => {
    const { href, pathname, search } = router.state.location
    if (way === 'in') router.history.replace(safePath((search as { to?: string }).to))
    if (way === 'out' && pathname !== '/sign-in')
      void router.navigate({ to: '/sign-in', search: href === '/' ? {} : { to: href }, replace: true })
  }, [way, router])
}
