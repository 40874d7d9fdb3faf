import { useMemo } from 'react'
import { useSession } from '../live/session.ts'
import { permissionOf } from './may.ts'
import { FOOT_PLACES, PLACES } from './places.ts'
import type { Place } from './places.ts'
import { useProject } from './project.ts'

/** The areas that whoever looks may see. */
export function usePlaces(): { readonly places: readonly Place[]; readonly foot: readonly Place[] } {
  const session = useSession()
  const project = useProject()
  return useMemo(() => {
    const isSeen = ({ takes }: Place) => takes === undefined || permissionOf(takes, session, project).isAllowed
    return { places: PLACES.filter(isSeen), foot: FOOT_PLACES.filter(isSeen) }
  }, [session, project])
}
