import { useLocation } from '@tanstack/react-router'
import { uploads as words } from '../../strings/uploads.ts'
import { Panel } from '../../ui/panel.tsx'
import { PushRow } from './push-row.tsx'
import css from './push-row.module.css'
import { usePushes } from './store.ts'

/** What is on its way in, as a part of a page. */
export function UploadsPanel() {
  const pushes = usePushes()
  if (pushes.length === 0) return null
  return (
    <Panel label={words.uploads}>
      <ul className={css.list}>
        {pushes.map((push) => (
          <PushRow key={push.id} push={push} />
        ))}
      </ul>
    </Panel>
  )
}

/** The same in a corner, on pages that do not show it themselves. */
export function Tray() {
  const pushes = usePushes()
  const { pathname } = useLocation()
  if (pushes.length === 0 || pathname.endsWith('/models')) return null
  return (
    <section className={`${css.tray} ${css.small}`} aria-label={words.uploads}>
      <ul className={css.list}>
        {pushes.map((push) => (
          <PushRow key={push.id} push={push} />
        ))}
      </ul>
    </section>
  )
}
