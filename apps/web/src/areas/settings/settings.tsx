import { Outlet } from '@tanstack/react-router'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useSession } from '../../live/session.ts'
import { platform as words } from '../../strings/platform.ts'
import { profile as tabs } from '../../strings/profile.ts'
import { Tabs } from '../../ui/tabs.tsx'

/** What one prefers, who one is, and, for its owners, who is in this installation. */
export function SettingsPage() {
  const { profile } = useSession()
  const people = useMay('person.list').isAllowed
  const joins = useMay('runner.admit').isAllowed
  const audits = useMay('installation.audit').isAllowed
  return (
    <Page title={words.settings}>
      <Tabs
        label={tabs.tabs.label}
        tabs={[
          { label: tabs.tabs.browser, link: { to: '/settings' } },
          ...(profile ? [{ label: tabs.tabs.profile, link: { to: '/settings/profile' } as const }] : []),
          ...(people ? [{ label: tabs.tabs.people, link: { to: '/settings/people' } as const }] : []),
          ...(joins ? [{ label: tabs.tabs.joinTokens, link: { to: '/settings/join-tokens' } as const }] : []),
          ...(audits ? [{ label: tabs.tabs.audit, link: { to: '/settings/audit' } as const }] : []),
        ]}
      />
      <Outlet />
    </Page>
  )
}
