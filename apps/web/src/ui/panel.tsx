import { useId } from 'react'
import type { ReactNode } from 'react'
import css from './panel.module.css'

interface PanelProps {
  readonly title?: ReactNode
  /** What it is, for those who hear the page, where it has no title. */
  readonly label?: string
  readonly note?: ReactNode
  readonly acts?: ReactNode
  readonly children: ReactNode
  /** With the usual space around its content; tables go to the edge. */
  readonly padded?: boolean
  readonly className?: string
}

export function Panel({ title, label, note, acts, children, padded = false, className = '' }: PanelProps) {
  const id = useId()
  return (
    <section className={`${css.panel} ${className}`} {...(title ? { 'aria-labelledby': id } : { 'aria-label': label })}>
      {title !== undefined && (
        <header className={css.head}>
          <h2 id={id} className={css.title}>
            {title}
          </h2>
          {note !== undefined && <span className={css.note}>{note}</span>}
          {acts !== undefined && <div className={css.acts}>{acts}</div>}
        </header>
      )}
      {padded ? <div className={css.body}>{children}</div> : children}
    </section>
  )
}

/** Figures side by side, each with its name above and a line below. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={css.figures}>{children}</dl>
}

export function Figure({
  name,
  value,
  unit,
  note,
}: {
  name: string
  value: ReactNode
  unit?: string
  note?: ReactNode
}) {
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd>
        {value}
        {unit !== undefined && <small> {unit}</small>}
        {note !== undefined && <p>{note}</p>}
      </dd>
    </div>
  )
}

/** Names and values in two columns. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={css.facts}>{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
