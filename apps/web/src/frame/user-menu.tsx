import { useNavigate } from '@tanstack/react-router'
import { CircleUserRound, LogOut } from 'lucide-react'
import { sentenceOf } from '../live/failure.ts'
import { leave, useSession } from '../live/session.ts'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { Menu } from '../ui/menu.tsx'
import type { MenuItem } from '../ui/menu.tsx'
import { tell } from '../ui/toast.tsx'
import css from './sidebar.module.css'

/** What one can do with one's own session; nothing where nobody is configured. */
export function useOwnActs(): readonly MenuItem[] {
  const { profile } = useSession()
  const navigate = useNavigate()
  if (!profile) return []
  return [
    { label: frame.profile, icon: <CircleUserRound />, onSelect: () => void navigate({ to: '/settings/profile' }) },
    {
      label: frame.signOut,
      icon: <LogOut />,
      onSelect: () => void leave().catch((error: unknown) => tell(sentenceOf(error), { failed: true })),
    },
  ]
}

export function UserMenu() {
  const { profile } = useSession()
  const items = useOwnActs()
  if (!profile) return null
  return (
    <Menu
      label={say(frame.you, { name: profile.displayName })}
      trigger={
        <button type="button" className={css.user} aria-label={say(frame.you, { name: profile.displayName })}>
          <CircleUserRound size={16} />
          <span className="cut">{profile.displayName}</span>
        </button>
      }
      items={items}
    />
  )
}
