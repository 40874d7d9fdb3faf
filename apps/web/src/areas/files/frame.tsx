import { useMemo } from 'react'
import { framed } from './framed.ts'

/** A foreign page. Its frame has no origin, runs no scripts, opens nothing and sends nothing; its policy loads nothing. */
export function Frame({ html, title, className }: { html: string; title: string; className: string }) {
  const page = useMemo(() => framed(html), [html])
  return (
    <iframe sandbox="" srcDoc={page} title={title} referrerPolicy="no-referrer" loading="lazy" className={className} />
  )
}
