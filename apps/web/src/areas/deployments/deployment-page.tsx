import type { Deployment, DeploymentName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { ArrowLeftRight, Ellipsis, Pause, Play, Split, Trash2, Undo2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { isNotFound } from '../../live/failure.ts'
import { useWatch } from '../../live/live.tsx'
import { Reading } from '../../live/reading.tsx'
import { deployments as words } from '../../strings/deployments.ts'
import { frame } from '../../strings/frame.ts'
import { say } from '../../strings/message.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Menu } from '../../ui/menu.tsx'
import { StateBadge } from '../../ui/state-mark.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useNow } from '../../ui/time.tsx'
import { duration } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { DeploymentDialogs } from './dialogs.tsx'
import { deploymentQuery, goldenQuery, historyQuery } from './deployment.queries.ts'
import { deploymentState } from './states.ts'

/** The deployment of the address. */
export function useDeploymentName(): DeploymentName {
  const { deployment } = useParams({ strict: false })
  return deployment as DeploymentName
}

/** Its state, kept fresh by the event stream. */
export const useDeployment = () => useQuery(deploymentQuery(useProject(), useDeploymentName()))

/** What can be done with a deployment, by the name of the dialog that asks for it. */
export type DialogName = 'swap' | 'traffic' | 'rollback' | 'park' | 'wake' | 'settings' | 'delete'

/** Opens a dialog over the page by naming it in the address. */
export function useOpenDialog() {
  const navigate = useNavigate()
  return (name: DialogName, more: { to?: string; model?: string } = {}) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name, ...more }) })
}

/** Why whoever looks may not do these, by the name of the dialog that asks for them. */
export function useDeploymentActs(): Readonly<Record<DialogName, string | undefined>> {
  const swap = useMay('deployment.swap').because
  return {
    swap,
    // Other settings are a swap to the same version.
    settings: swap,
    traffic: useMay('deployment.traffic').because,
    rollback: useMay('deployment.rollback').because,
    park: useMay('deployment.park').because,
    wake: useMay('deployment.wake').because,
    delete: useMay('deployment.delete').because,
  }
}

/** One deployment: its name, address and acts stand still while its tabs and versions change. */
export function DeploymentPage() {
  const project = useProject()
  const name = useDeploymentName()
  const reading = useDeployment()
  useWatch(project, name)
  if (isNotFound(reading.error) && !reading.isFetching)
    return <NotFound says={say(words.notFound, { name, project })} />
  return (
    <Page
      title={name}
      headed
      crumbs={[{ label: frame.deployments, link: { to: '/p/$project/deployments', params: { project } } }]}
      acts={reading.data && <Acts deployment={reading.data} />}
    >
      {reading.data ? (
        <>
          <Head deployment={reading.data} />
          <Outlet />
          <DeploymentDialogs deployment={reading.data} />
        </>
      ) : (
        <Panel>
          <Reading of={reading} what={words.one} rows={6}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

function Acts({ deployment }: { deployment: Deployment }) {
  const open = useOpenDialog()
  const { table } = deployment
  const isParked = table.parked !== null
  const may = useDeploymentActs()
  useActs([
    {
      id: 'swap',
      label: words.swap,
      key: 's',
      icon: <ArrowLeftRight size={14} />,
      because: may.swap,
      run: () => open('swap'),
    },
    {
      id: 'traffic',
      label: words.traffic,
      key: 't',
      icon: <Split size={14} />,
      because: may.traffic,
      run: () => open('traffic'),
    },
    {
      id: 'rollback',
      label: words.rollBack,
      key: 'b',
      icon: <Undo2 size={14} />,
      because: may.rollback,
      run: () => open('rollback'),
    },
    isParked
      ? { id: 'wake', label: words.wake, icon: <Play size={14} />, because: may.wake, run: () => open('wake') }
      : { id: 'park', label: words.park, icon: <Pause size={14} />, because: may.park, run: () => open('park') },
    { id: 'delete', label: words.remove, icon: <Trash2 size={14} />, because: may.delete, run: () => open('delete') },
  ])
  return (
    <>
      <Button look="quiet" icon={<Undo2 />} because={may.rollback} onClick={() => open('rollback')}>
        {words.rollBack}
      </Button>
      <Button look="filled" icon={<ArrowLeftRight />} because={may.swap} onClick={() => open('swap')}>
        {words.swap}
      </Button>
      <Menu
        trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
        items={[
          { label: words.traffic, icon: <Split />, because: may.traffic, onSelect: () => open('traffic') },
          isParked
            ? { label: words.wake, icon: <Play />, because: may.wake, onSelect: () => open('wake') }
            : { label: words.park, icon: <Pause />, because: may.park, onSelect: () => open('park') },
          { label: words.remove, icon: <Trash2 />, danger: true, because: may.delete, onSelect: () => open('delete') },
        ]}
      />
    </>
  )
}

function Head({ deployment }: { deployment: Deployment }) {
  const project = useProject()
  const { name, table, urls } = deployment
  const history = useQuery(historyQuery(project, name)).data?.generations
  const golden = useQuery(goldenQuery(project, name)).data?.golden
  const now = useNow()
  const state = deploymentState(deployment)
  const since = history?.[0]?.committedAt
  const to = (tab: string) =>
    ({ to: `/p/$project/deployments/$deployment${tab}`, params: { project, deployment: name } }) as never
  const badge = <StateBadge is={state.is}>{state.word}</StateBadge>
  return (
    <>
      <Heading
        name={name}
        beside={
          <>
            {/* Whoever looks can follow a change under way, and abort it. */}
            {deployment.change ? (
              <Link
                to="/p/$project/deployments/$deployment/changes/$change"
                params={{ project, deployment: name, change: deployment.change.id }}
              >
                {badge}
              </Link>
            ) : (
              badge
            )}
            <span className="dim">
              {since
                ? say(words.standingFor, {
                    generation: table.generation,
                    time: duration(Math.max(now - Date.parse(since), 0)),
                  })
                : say(words.generation, { generation: table.generation })}
            </span>
          </>
        }
        aside={urls[0] && <CopyField text={`${withScheme(urls[0].rest)}/v2/models/${name}`} />}
        says={
          <>
            <Link to="/p/$project/models/$model" params={{ project, model: table.model }} className="link">
              {table.model}
            </Link>
            {`, ${table.contract.inputs.length} in, ${table.contract.outputs.length} out`}
          </>
        }
      />
      <Tabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.live, link: to('') },
          { label: words.tabs.generations, count: history?.[0]?.generation, link: to('/generations'), isAbove: true },
          { label: words.tabs.engines, count: deployment.engines.length, link: to('/engines') },
          { label: words.tabs.checks, count: golden?.length, link: to('/checks') },
          { label: words.tabs.callers, link: to('/callers') },
          { label: words.tabs.contract, link: to('/contract') },
          { label: words.tabs.settings, link: to('/settings') },
        ]}
      />
    </>
  )
}

/** Runners tell their address with or without a scheme. */
export const withScheme = (address: string): string => (/^https?:/.test(address) ? address : `http://${address}`)
