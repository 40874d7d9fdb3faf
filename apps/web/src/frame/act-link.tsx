import { Link } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button, classOf } from '../ui/button.tsx'

/** A link to where something is done; for those who may not, a button that says why. */
export function ActLink({
  because,
  children,
  ...link
}: Omit<LinkProps, 'children'> & { because: string | undefined; children: ReactNode }) {
  if (because !== undefined) return <Button because={because}>{children}</Button>
  return (
    <Link {...link} className={classOf('plain')}>
      {children}
    </Link>
  )
}
