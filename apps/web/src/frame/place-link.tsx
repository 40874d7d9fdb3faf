import { Link, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Place } from './places.ts'
import { useProject } from './project.ts'

/** Goes to a place, and is marked as long as the address is in it. */
export function PlaceLink(props: { place: Place; className: string | undefined; children: ReactNode }) {
  const { place, className, children } = props
  const project = useProject()
  const isHeld = useLocation({
    select: ({ pathname }) => place.holds?.some((word) => pathname.startsWith(`/p/${project}/${word}/`)) ?? false,
  })
  return (
    <Link
      {...place.link(project)}
      className={className}
      activeOptions={{ exact: place.exact ?? false, includeSearch: false }}
      {...(isHeld && { 'aria-current': 'true' as const })}
    >
      {children}
    </Link>
  )
}
