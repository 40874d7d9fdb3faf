import { Outlet } from '@tanstack/react-router'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { members as words } from '../../strings/members.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { OpenRemark } from '../settings/browser-tab.tsx'

/** Who may act in the project: people, and machines. */
export function MembersPage() {
  const project = useProject()
  const { because } = useMay('member.list')
  if (because !== undefined) return <Forbidden title={words.title} because={because} />
  return (
    <Page title={words.title}>
      <OpenRemark />
      <Tabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.people, link: { to: '/p/$project/members', params: { project } } },
          { label: words.tabs.accounts, link: { to: '/p/$project/members/accounts', params: { project } } },
        ]}
      />
      <Outlet />
    </Page>
  )
}
