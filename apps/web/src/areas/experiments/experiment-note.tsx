import { useMemo } from 'react'
import { Document } from '../files/blocks.tsx'
import { readMarkdown } from '../files/markdown.ts'
import css from './runs-page.module.css'

/** What somebody wrote about the experiment. */
export function ExperimentNote({ text }: { text: string }) {
  const blocks = useMemo(() => readMarkdown(text), [text])
  return (
    <div className={`${css.note} wrap`}>
      <Document blocks={blocks} />
    </div>
  )
}
