import { Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { UploadsLayer } from '../areas/uploads/layer.tsx'
import { frame } from '../strings/frame.ts'
import { useKeys } from '../ui/keys.ts'
import { ActsProvider } from './acts.tsx'
import { KeysHelp } from './keys-help.tsx'
import { StaleBanner } from './live-word.tsx'
import { Palette } from './palette.tsx'
import { PhoneBar, PhoneTop } from './phone-bars.tsx'
import { PLACES } from './places.ts'
import { rememberProject, useProject } from './project.ts'
import css from './shell.module.css'
import { Sidebar } from './sidebar.tsx'

/** What stands around every page. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys'>()
  const { project } = useParams({ strict: false })
  useEffect(() => {
    if (project !== undefined) rememberProject(project)
  }, [project])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey) return
      event.preventDefault()
      setOpen((now) => (now === 'palette' ? undefined : 'palette'))
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  const close = () => setOpen(undefined)
  return (
    <ActsProvider>
      <ShellKeys onHelp={() => setOpen('keys')} />
      <a className={css.skip} href="#content">
        {frame.skip}
      </a>
      <div className={css.frame}>
        <Sidebar onSearch={() => setOpen('palette')} />
        <div className={css.main}>
          <PhoneTop onSearch={() => setOpen('palette')} />
          <main id="content" tabIndex={-1} className={css.content}>
            <StaleBanner />
            <Suspense>
              <Outlet />
            </Suspense>
          </main>
        </div>
        <PhoneBar />
      </div>
      <UploadsLayer />
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'keys' && <KeysHelp onClose={close} />}
    </ActsProvider>
  )
}

function ShellKeys({ onHelp }: { onHelp: () => void }) {
  const navigate = useNavigate()
  const project = useProject()
  const places = PLACES.filter(({ key }) => key !== undefined).map(({ key, link }) => [
    `g ${key}`,
    () => void navigate(link(project) as Parameters<typeof navigate>[0]),
  ])
  useKeys({
    ...Object.fromEntries(places),
    '?': onHelp,
    '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
  })
  return null
}
