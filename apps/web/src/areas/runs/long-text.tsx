import { useState } from 'react'
import { run as words } from '../../strings/run.ts'
import css from './runs.module.css'

const MOST = 400
const SHOWN = 240

/** A value that may be very long: its beginning, and all of it when that is asked for. */
export function LongText({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false)
  if (text.length <= MOST) return <>{text}</>
  return (
    <>
      {isOpen ? text : `${text.slice(0, SHOWN)}… `}
      <button type="button" className={css.quiet} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? words.showLess : words.showAll}
      </button>
    </>
  )
}
