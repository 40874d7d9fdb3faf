import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, Pencil, Plus, Search } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { Fragment, lazy, Suspense, useState } from 'react'
import { frame } from '../strings/frame.ts'
import { grouped, say } from '../strings/message.ts'
import { Menu } from '../ui/menu.tsx'
import { Tip } from '../ui/tip.tsx'
import { LiveWord } from './live-word.tsx'
import { Logo } from './mark.tsx'
import { useMay } from './may.ts'
import { PlaceLink } from './place-link.tsx'
import type { Place } from './places.ts'
import { projectsQuery, useProject, useSummary } from './project.ts'
import { usePlaces } from './use-places.ts'
import { UserMenu } from './user-menu.tsx'
import css from './sidebar.module.css'

const NewProjectDialog = lazy(() =>
  import('./new-project.tsx').then((module) => ({ default: module.NewProjectDialog })),
)

const DescribeProjectDialog = lazy(() =>
  import('./describe-project.tsx').then((module) => ({ default: module.DescribeProjectDialog })),
)

export const PALETTE_KEYS = navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'

/** Navigation by noun, on the left; icons alone on middling screens. */
export function Sidebar({ onSearch }: { onSearch: () => void }) {
  const project = useProject()
  const summary = useSummary(project)
  const { places, foot } = usePlaces()
  return (
    <aside className={css.side}>
      <ProjectSwitcher />
      <button type="button" className={css.find} onClick={onSearch} aria-keyshortcuts="Control+K Meta+K">
        <Search size={14} />
        <span>{frame.searchOrAct}</span>
        <kbd aria-hidden>{PALETTE_KEYS}</kbd>
      </button>
      <nav aria-label={frame.navigation} className={css.nav}>
        {places.map((place, index) => (
          <Fragment key={place.label}>
            {place.group && place.group !== places[index - 1]?.group && <h2 className={css.group}>{place.group}</h2>}
            <SidePlace place={place} count={place.counts && summary?.[place.counts]} />
          </Fragment>
        ))}
      </nav>
      <div className={css.foot}>
        {foot.map((place) => (
          <SidePlace key={place.label} place={place} />
        ))}
        <UserMenu />
        <LiveWord />
      </div>
    </aside>
  )
}

function SidePlace({ place, count }: { place: Place; count?: number | undefined }) {
  const Icon = place.icon
  return (
    <Tip says={place.label} side="right">
      <PlaceLink place={place} className={css.place}>
        <Icon size={16} />
        <span>{place.label}</span>
        {count !== undefined && <span className={css.count}>{grouped(count)}</span>}
      </PlaceLink>
    </Tip>
  )
}

export function ProjectSwitcher() {
  const project = useProject()
  const projects = useQuery(projectsQuery).data?.projects ?? []
  const navigate = useNavigate()
  const [asks, setAsks] = useState<'create' | 'describe'>()
  const { because } = useMay('project.create')
  const describing = useMay('project.change')
  const here = projects.find(({ name }) => name === project)
  const onClose = () => setAsks(undefined)
  return (
    <>
      <Menu
        label={frame.project}
        trigger={
          <button type="button" className={css.project} aria-label={say(frame.switchProject, { project })}>
            <Logo />
            <span className="cut">
              Stead<small> / {project}</small>
            </span>
            <ChevronsUpDown size={14} />
          </button>
        }
        items={[
          ...projects.map(({ name }) => ({
            label: name,
            ...(name === project ? { hint: '✓' } : {}),
            onSelect: () => void navigate({ to: '/p/$project', params: { project: name } }),
          })),
          {
            label: say(frame.describe, { project }),
            icon: <Pencil />,
            because: describing.because,
            onSelect: () => setAsks('describe'),
          },
          { label: frame.newProject, icon: <Plus />, because, onSelect: () => setAsks('create') },
        ]}
      />
      <Suspense>
        {asks === 'create' && <NewProjectDialog onClose={onClose} />}
        {asks === 'describe' && here && <DescribeProjectDialog project={here} onClose={onClose} />}
      </Suspense>
    </>
  )
}
