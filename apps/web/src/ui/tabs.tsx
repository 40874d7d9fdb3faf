import { Link, useRouter } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import { useRef } from 'react'
import { grouped } from '../strings/message.ts'
import { useKeys } from './keys.ts'
import css from './tabs.module.css'

export interface TabLink {
  readonly label: string
  readonly count?: number | undefined
  readonly link: LinkProps
  /** It stays the current one at addresses below its own. */
  readonly isAbove?: boolean
}

/** Parts of one page, each with its own address. `[` and `]` go to the one before and after. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  const nav = useRef<HTMLElement>(null)
  const router = useRouter()
  const move = (step: number) => {
    const links = [...(nav.current?.querySelectorAll('a') ?? [])]
    const at = links.findIndex((link) => link.hasAttribute('aria-current'))
    const next = tabs[at + step]
    if (next) void router.navigate(next.link as Parameters<typeof router.navigate>[0])
  }
  useKeys({ '[': () => move(-1), ']': () => move(1) })
  return (
    <nav ref={nav} className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          {...tab.link}
          className={css.tab}
          activeOptions={{ exact: tab.isAbove !== true, includeSearch: false }}
        >
          {tab.label}
          {tab.count !== undefined && <span className={css.count}>{grouped(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  )
}
