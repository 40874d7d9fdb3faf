import { useNavigate } from '@tanstack/react-router'
import { Ellipsis, Search } from 'lucide-react'
import { frame } from '../strings/frame.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu } from '../ui/menu.tsx'
import { LiveWord } from './live-word.tsx'
import css from './phone-bars.module.css'
import { PlaceLink } from './place-link.tsx'
import { useProject } from './project.ts'
import { ProjectSwitcher } from './sidebar.tsx'
import { usePlaces } from './use-places.ts'
import { useOwnActs } from './user-menu.tsx'

/** Project, live state and search, at the top of a phone. */
export function PhoneTop({ onSearch }: { onSearch: () => void }) {
  return (
    <div className={css.top}>
      <ProjectSwitcher />
      <LiveWord />
      <IconButton look="quiet" label={frame.searchOrAct} icon={<Search />} onClick={onSearch} />
    </div>
  )
}

/** Four areas and the rest, in reach of a thumb. */
export function PhoneBar() {
  const project = useProject()
  const navigate = useNavigate()
  const { places, foot } = usePlaces()
  const own = useOwnActs()
  return (
    <nav className={css.bar} aria-label={frame.navigation}>
      {places
        .filter(({ onPhone }) => onPhone)
        .map((place) => (
          <PlaceLink key={place.label} place={place} className={css.place}>
            <place.icon size={18} />
            {place.label}
          </PlaceLink>
        ))}
      <Menu
        label={frame.more}
        trigger={
          <button type="button" className={css.place}>
            <Ellipsis size={18} />
            {frame.more}
          </button>
        }
        items={[
          ...[...places.filter(({ onPhone }) => !onPhone), ...foot].map(({ label, icon: Icon, link }) => ({
            label,
            icon: <Icon />,
            onSelect: () => void navigate(link(project) as Parameters<typeof navigate>[0]),
          })),
          ...own,
        ]}
      />
    </nav>
  )
}
