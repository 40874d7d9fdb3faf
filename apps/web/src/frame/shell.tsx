import { Outlet, useNavigate, useParams, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { UploadsLayer } from '../areas/uploads/layer.tsx'
import { projectsIn, useSession } from '../live/session.ts'
import { frame } from '../strings/frame.ts'
import { useKeys } from '../ui/keys.ts'
import { ActsProvider } from './acts.tsx'
import { StaleBanner } from './live-word.tsx'
import { PhoneBar, PhoneTop } from './phone-bars.tsx'
import { rememberProject, useProject } from './project.ts'
import css from './shell.module.css'
import { Sidebar } from './sidebar.tsx'
import { usePlaces } from './use-places.ts'

const loadPalette = () => import('./palette.tsx').then((module) => ({ default: module.Palette }))
const Palette = lazy(loadPalette)
const KeysHelp = lazy(() => import('./keys-help.tsx').then((module) => ({ default: module.KeysHelp })))
const MlflowLink = lazy(() => import('./mlflow-link.tsx').then((module) => ({ default: module.MlflowLink })))
const NoProject = lazy(() => import('./no-project.tsx').then((module) => ({ default: module.NoProject })))

/** What stands around every page. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys'>()
  const { project } = useParams({ strict: false })
  const seen = projectsIn(useSession())
  const isUnseen = project !== undefined && seen !== undefined && !seen.includes(project)
  useEffect(() => {
    if (project !== undefined && !isUnseen) rememberProject(project)
  }, [project, isUnseen])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // Half of its keys are pressed: it is there when the other half is.
      if (event.key === 'Control' || event.key === 'Meta') void loadPalette()
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
            <Suspense>{isUnseen ? <NoProject project={project} seen={seen} /> : <Inside />}</Suspense>
          </main>
        </div>
        <PhoneBar />
      </div>
      <UploadsLayer />
      {open === 'palette' && (
        <Suspense>
          <Palette onClose={close} />
        </Suspense>
      )}
      {open === 'keys' && (
        <Suspense>
          <KeysHelp onClose={close} />
        </Suspense>
      )}
    </ActsProvider>
  )
}

/** The page of the address; where it is one that MLflow's clients print, `/#/experiments/1`, the page that it means. */
function Inside() {
  const hash = useRouterState({ select: ({ location }) => location.hash })
  return hash.startsWith('/') ? <MlflowLink hash={hash} /> : <Outlet />
}

function ShellKeys({ onHelp }: { onHelp: () => void }) {
  const navigate = useNavigate()
  const project = useProject()
  const places = usePlaces().places.flatMap(({ key, link }) =>
    key === undefined ? [] : [[`g ${key}`, () => void navigate(link(project) as Parameters<typeof navigate>[0])]],
  )
  useKeys({
    ...Object.fromEntries(places),
    '?': onHelp,
    '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
  })
  return null
}
