import { Link } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import { Fragment, useEffect } from 'react'
import type { ReactNode } from 'react'
import { ChangePills } from './change-pill.tsx'
import css from './page.module.css'

export interface Crumb {
  readonly label: string
  readonly link: LinkProps
}

interface PageProps {
  /** The name of what is shown: the last crumb, the title of the tab, and the heading unless `headed`. */
  readonly title: string
  readonly crumbs?: readonly Crumb[]
  readonly note?: ReactNode
  readonly acts?: ReactNode
  /** The body has a heading of its own. */
  readonly headed?: boolean
  /** It takes all the width there is, for tables of many columns. */
  readonly wide?: boolean
  readonly children: ReactNode
}

/** A page in the frame: where one is, what can be done, and the column of its panels. */
export function Page({ title, crumbs = [], note, acts, headed = false, wide = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${[title, ...crumbs.map(({ label }) => label).toReversed()].join(' · ')} · Stead`
  })
  return (
    <>
      <header className={css.top}>
        <nav className={`${css.crumbs} ${headed ? css.headed : ''}`} aria-label="Breadcrumb">
          {crumbs.map(({ label, link }) => (
            <Fragment key={label}>
              <Link {...link} className={`${css.crumb} cut`}>
                {label}
              </Link>
              <span aria-hidden>/</span>
            </Fragment>
          ))}
          {headed ? (
            <b className="cut" aria-current="page">
              {title}
            </b>
          ) : (
            <h1 className="cut">{title}</h1>
          )}
          {note !== undefined && <span className={css.note}>{note}</span>}
        </nav>
        <div className={css.acts}>
          <ChangePills />
          {acts}
        </div>
      </header>
      <div className={`${css.body} ${wide ? css.wide : ''}`}>{children}</div>
    </>
  )
}

/** The heading of one thing: its name, how it is, and what it is. */
export function Heading({
  name,
  beside,
  aside,
  says,
}: {
  name: ReactNode
  beside?: ReactNode
  aside?: ReactNode
  says?: ReactNode
}) {
  return (
    <div className={css.heading}>
      <div className="grow">
        <div className="row-wrap">
          <h1 className={css.name}>{name}</h1>
          {beside}
        </div>
        {says !== undefined && says !== '' && <p className="dim wrap">{says}</p>}
      </div>
      {aside}
    </div>
  )
}

/** A main column and a narrower one that explains or tries; it drops below on narrow screens. */
export function WithSide({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className={css.columns}>
      <div className="stack">{children}</div>
      <div className="stack">{side}</div>
    </div>
  )
}
