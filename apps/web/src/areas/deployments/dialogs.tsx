import { SteadError } from '@stead/contracts'
import type { Deployment } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { identifyRun, seeRun, useRunOf } from '../../live/running.ts'
import { readings } from '../../live/stale.ts'
import { changes as words } from '../../strings/changes.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { DialogContent, DialogFrame } from '../../ui/dialog.tsx'
import { ChangeTold } from './change-told.tsx'
import { isOwn } from './change-words.ts'
import { changeQuery } from './deployment.queries.ts'
import { DeleteDialog, ParkAsk, WakeAsk } from './park-ask.tsx'
import { RollbackAsk } from './rollback-ask.tsx'
import { SettingsAsk } from './settings-tab-ask.tsx'
import { SwapAsk } from './swap-ask.tsx'
import { TrafficAsk } from './traffic-ask.tsx'

/** The forms that ask for a change, by the name in the address. */
const ASKS = new Set(['swap', 'traffic', 'rollback', 'park', 'wake', 'settings'])

/** The dialog that the address names, over the page: a form, the change that it led to, or one of the past. It is one
 *  dialog for the whole life of a change. */
export function DeploymentDialogs({ deployment }: { deployment: Deployment }) {
  const project = useProject()
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  const { change: id } = useParams({ strict: false }) as { change?: string }
  const { close, closeChange } = useClosing(deployment)
  const { run, leave } = useFollowedRun(deployment, asked, id)
  const closeRun = () => {
    leave()
    closeChange()
  }
  if (asked === 'delete') return <DeleteDialog project={project} deployment={deployment} onClose={close} />
  if (asked !== undefined && ASKS.has(asked))
    return (
      <DialogFrame onClose={close}>
        <Asked deployment={deployment} asked={asked} onClose={close} />
      </DialogFrame>
    )
  if (id !== undefined)
    return (
      <DialogFrame size="wide" onClose={closeChange}>
        <NamedChange key={id} deployment={deployment} id={id} onClose={closeChange} />
      </DialogFrame>
    )
  if (asked === 'running' && run)
    return (
      <DialogFrame size="wide" onClose={closeRun}>
        <ChangeTold project={project} change={run.change} run={run} deployment={deployment} onClose={closeRun} />
      </DialogFrame>
    )
  return null
}

function useClosing({ name }: Deployment) {
  const project = useProject()
  const navigate = useNavigate()
  return {
    close: () =>
      void navigate({
        to: '.',
        search: ({ do: _do, to: _to, model: _model, ...rest }: Record<string, string | undefined>) => rest,
      } as never),
    closeChange: () =>
      void navigate({
        to: '/p/$project/deployments/$deployment',
        params: { project, deployment: name },
        search: ({ range, at }) => ({ ...(range ? { range } : {}), ...(at ? { at } : {}) }),
      }),
  }
}

function Asked({ deployment, asked, onClose }: { deployment: Deployment; asked: string; onClose: () => void }) {
  const project = useProject()
  const { to, model } = useSearch({ strict: false }) as { to?: string; model?: string }
  const navigate = useNavigate()
  const onBegun = () => void navigate({ to: '.', search: { do: 'running' }, replace: true } as never)
  const props = { project, deployment, onClose, onBegun }
  switch (asked) {
    case 'traffic':
      return <TrafficAsk {...props} to={to} />
    case 'rollback':
      return <RollbackAsk {...props} to={to} />
    case 'park':
      return <ParkAsk {...props} />
    case 'wake':
      return <WakeAsk {...props} />
    case 'settings':
      return <SettingsAsk {...props} />
    default:
      return <SwapAsk {...props} to={to} model={model} />
  }
}

/** The change that this tab asked for; as soon as the server tells its id, it gets an address of its own. */
function useFollowedRun(deployment: Deployment, asked: string | undefined, shown: string | undefined) {
  const project = useProject()
  const navigate = useNavigate()
  const run = useRunOf(project, deployment.name)
  const id = run?.change.id ?? (run && isOwn(run, deployment.change) ? deployment.change?.id : undefined)
  useEffect(() => {
    if (run && run.change.id === null && id) identifyRun(run.key, id)
  }, [run, id])
  // Whoever closes the dialog while the address is on its way does not get it opened again.
  const isLeft = useRef(false)
  useEffect(() => {
    if (asked !== 'running') isLeft.current = false
  }, [asked])
  useEffect(() => {
    if (asked !== 'running' || isLeft.current) return
    const change = run ? id : deployment.change?.id
    const open = { params: { project, deployment: deployment.name, ...(change ? { change } : {}) }, replace: true }
    if (change) void navigate({ to: '/p/$project/deployments/$deployment/changes/$change', ...open } as never)
    // After a reload there is neither: the change has ended, and the history tells of it.
    else if (!run) void navigate({ to: '.', search: {}, replace: true } as never)
  }, [asked, id, run, deployment.change?.id, deployment.name, project, navigate])
  // Its outcome has been seen.
  useEffect(() => {
    if (run && shown !== undefined && shown === run.change.id && run.change.endedAt !== null && !run.isSeen)
      seeRun(run.key)
  }, [run, shown])
  return { run, leave: () => void (isLeft.current = true) }
}

/** A change by its id: live while it runs, then as it ended. */
function NamedChange({ deployment, id, onClose }: { deployment: Deployment; id: string; onClose: () => void }) {
  const project = useProject()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { name } = deployment
  const run = useRunOf(project, name)
  const own = run?.change.id === id ? run : undefined
  const live = deployment.change?.id === id ? deployment.change : undefined
  const reading = useQuery({
    ...changeQuery(project, name, id),
    // The event stream tells of the stages; this is for when it does not.
    refetchInterval: ({ state }) => (state.data?.endedAt === null && !live ? 1_000 : false),
  })
  useEffect(() => {
    const key = [...readings.changes(project, name), id]
    if (live) queries.setQueryData(key, live)
    else void queries.invalidateQueries({ queryKey: key })
  }, [live, queries, project, name, id])
  const ask = (search: { do: string; to?: string }) =>
    void navigate({ to: '/p/$project/deployments/$deployment', params: { project, deployment: name }, search })
  if (reading.error instanceof SteadError && reading.error.code === 'change_not_found' && !live && !own)
    return <Unknown onClose={onClose} />
  // Its own stages reach this tab first; who asked is told by the server alone.
  const known = own && { ...own.change, actor: reading.data?.actor ?? null }
  const change = live ?? (typeof reading.data?.endedAt === 'string' ? reading.data : (known ?? reading.data))
  if (!change)
    return (
      <DialogContent title={name}>
        <Reading of={reading} what={words.one} rows={8}>
          {() => null}
        </Reading>
      </DialogContent>
    )
  const version = change.after.routes[0]?.version
  const again = change.kind === 'swap' || change.kind === 'repurpose'
  return (
    <ChangeTold
      project={project}
      change={change}
      run={own}
      deployment={deployment}
      onClose={onClose}
      onRollBack={(generation) => ask({ do: 'rollback', to: String(generation) })}
      onAgain={again && version !== undefined ? () => ask({ do: 'swap', to: String(version) }) : undefined}
    />
  )
}

function Unknown({ onClose }: { onClose: () => void }) {
  return (
    <DialogContent title={words.unknown} acts={<Button onClick={onClose}>{ui.close}</Button>}>
      <p>{words.unknownSays}</p>
    </DialogContent>
  )
}
