import type { Deployment, Platform, ProjectName } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { overview as words } from '../../strings/overview.ts'
import { show } from '../../strings/message.ts'
import { classOf } from '../../ui/button.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'
import { kindInWords } from '../deployments/states.ts'
import css from './needs.module.css'

export interface Need {
  readonly key: string
  readonly is: Mark
  readonly says: ReactNode
  readonly because: string
  readonly act: string
  readonly link: LinkProps
}

const to = (project: ProjectName, deployment: string, tab = ''): LinkProps =>
  ({ to: `/p/$project/deployments/$deployment${tab}`, params: { project, deployment } }) as never

/** What a person should look at, the most broken first. */
export function needsOf(
  project: ProjectName,
  deployments: readonly Deployment[],
  platform: Platform | undefined,
): Need[] {
  return [...runnerNeeds(platform), ...deployments.flatMap((deployment) => deploymentNeeds(project, deployment))]
}

function runnerNeeds(platform: Platform | undefined): Need[] {
  if (!platform) return []
  const link: LinkProps = { to: '/platform' }
  if (!platform.runners.some(({ connected }) => connected))
    return [
      {
        key: 'no-runner',
        is: 'failed',
        says: <b>{words.noRunner}</b>,
        because: words.noRunnerHow,
        act: words.seePlatform,
        link,
      },
    ]
  return platform.runners
    .filter(({ connected }) => !connected)
    .map(({ name }) => ({
      key: `runner ${name}`,
      is: 'attention',
      says: show(words.runnerAway, { runner: <b>{name}</b> }),
      because: '',
      act: words.seePlatform,
      link,
    }))
}

function deploymentNeeds(project: ProjectName, { name, lastFailure, engines, table }: Deployment): Need[] {
  const needs: Need[] = []
  const bold = <b>{name}</b>
  if (lastFailure)
    needs.push({
      key: `refused ${name}`,
      is: 'failed',
      says: show(words.refused, { kind: kindInWords(lastFailure.kind), deployment: bold }),
      because: lastFailure.reason,
      act: words.seeWhy,
      link:
        lastFailure.change === null
          ? to(project, name)
          : {
              ...to(project, name, '/changes/$change'),
              params: { project, deployment: name, change: lastFailure.change } as never,
            },
    })
  const failed = engines.find(
    ({ state, version }) => state === 'failed' && table.routes.some((route) => route.version === version),
  )
  if (failed)
    needs.push({
      key: `engine ${name}`,
      is: 'failed',
      says: show(words.engineFailed, { deployment: bold }),
      because: failed.reason ?? '',
      act: words.seeEngines,
      link: to(project, name, '/engines'),
    })
  if (table.parked === 'load')
    needs.push({
      key: `parked ${name}`,
      is: 'paused',
      says: show(words.parked, { deployment: bold }),
      because: '',
      act: words.open,
      link: to(project, name),
    })
  return needs
}

export function Needs({ needs }: { needs: readonly Need[] }) {
  return (
    <ul className={css.needs}>
      {needs.map(({ key, is, says, because, act, link }) => (
        <li key={key} className={`${css.need} ${css[is] ?? ''}`}>
          <StateMark is={is} />
          <p className="wrap">
            {says} <span className="dim">{because}</span>
          </p>
          <Link {...link} className={classOf('plain')}>
            {act}
          </Link>
        </li>
      ))}
    </ul>
  )
}
