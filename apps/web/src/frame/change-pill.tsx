import { Link, useLocation } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import { useEffect } from 'react'
import { changeState, titleOf } from '../areas/deployments/change-words.ts'
import { seeRun, useRuns } from '../live/running.ts'
import type { Run } from '../live/running.ts'
import { changes as words } from '../strings/changes.ts'
import { say } from '../strings/message.ts'
import { StateMark } from '../ui/state-mark.tsx'
import css from './change-pill.module.css'

/** How long a change that ended well is still told of. */
const LINGER_MS = 8_000

/** The changes that this tab asked for, from wherever one has gone meanwhile; each opens its transcript again. */
export function ChangePills() {
  const runs = useRuns().filter(({ is, isSeen }) => is !== 'asking' && !isSeen)
  const { pathname, search } = useLocation()
  const away = runs.filter((run) => !isOpen(run, pathname, (search as { do?: string }).do))
  return away.slice(-3).map((run) => <Pill key={run.key} run={run} />)
}

function Pill({ run }: { run: Run }) {
  const isWell = run.is === 'done'
  useEffect(() => {
    if (!isWell) return
    const timer = setTimeout(() => seeRun(run.key), LINGER_MS)
    return () => clearTimeout(timer)
  }, [isWell, run.key])
  const title = titleOf(run.change)
  const state = changeState(run.change, [], run.is)
  return (
    <Link
      {...linkOf(run)}
      className={css.pill}
      aria-label={say(words.pillState, { title, state: state.word })}
      onClick={() => run.change.endedAt !== null && seeRun(run.key)}
    >
      <span className={css[state.is] ?? ''}>
        <StateMark is={state.is} />
      </span>
      <span className="cut">
        {title}
        <small className="dim"> {state.word}</small>
      </span>
    </Link>
  )
}

function linkOf({ project, change }: Run): LinkProps {
  const { deployment, id } = change
  // A deployment that is still being made has no page yet.
  if (change.kind === 'deploy' && change.committedAt === null)
    return { to: '/p/$project/deployments', params: { project }, search: { do: 'running' } }
  if (id !== null)
    return {
      to: '/p/$project/deployments/$deployment/changes/$change',
      params: { project, deployment, change: id },
    } as LinkProps
  return { to: '/p/$project/deployments/$deployment', params: { project, deployment }, search: { do: 'running' } }
}

/** Whether its dialog is on the screen. */
function isOpen({ change }: Run, pathname: string, asked: string | undefined): boolean {
  if (change.id !== null && pathname.endsWith(`/changes/${change.id}`)) return true
  if (asked !== 'running') return false
  return change.kind === 'deploy'
    ? pathname.endsWith('/deployments')
    : pathname.includes(`/deployments/${encodeURIComponent(change.deployment)}`)
}
