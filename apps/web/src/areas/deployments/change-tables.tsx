import type { RouteTable } from '@stead/contracts'
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { changes as words } from '../../strings/changes.ts'
import { say } from '../../strings/message.ts'
import { percent } from '../../ui/numbers.ts'
import css from './change-tables.module.css'
import { ShareBar } from './share-bar.tsx'

/** The route table before and after, side by side. */
export function FromTo({
  before,
  after,
  beforeLabel,
  afterLabel,
}: {
  before: RouteTable | null
  after: RouteTable
  beforeLabel?: string
  afterLabel?: string
}) {
  return (
    <div className={css.fromto}>
      <One label={beforeLabel ?? labelOf(before)} table={before} />
      <ChevronRight size={16} className={css.arrow} aria-hidden />
      <One label={afterLabel ?? say(words.after, { generation: String(after.generation) })} table={after} />
    </div>
  )
}

const labelOf = (before: RouteTable | null) =>
  before ? say(words.before, { generation: String(before.generation) }) : words.beforeNone

function One({ label, table }: { label: ReactNode; table: RouteTable | null }) {
  const notes = table ? notesOf(table) : []
  return (
    <div className={css.one}>
      <span className="faint">{label}</span>
      {table ? <ShareBar table={table} /> : <span className={css.nothing}>{words.nothingBefore}</span>}
      {notes.length > 0 && <small className="dim wrap">{notes.join(', ')}</small>}
    </div>
  )
}

function notesOf({ shadows, parked }: RouteTable): string[] {
  const copies = shadows.map(({ version, fraction }) => `v${version} ${percent(fraction)}`)
  return [
    ...(parked === null ? [] : [words.parkedTable]),
    ...(copies.length > 0 ? [say(words.shadows, { versions: copies.join(', ') })] : []),
  ]
}
