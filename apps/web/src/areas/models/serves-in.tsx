import type { ServingSpan } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { percent } from '../../ui/numbers.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import css from './models.module.css'

const SHOWN = 3

/** Deployments by name, each a link. */
export function DeploymentLinks({ project, names }: { project: string; names: readonly string[] }) {
  if (names.length === 0) return <span className="faint">{words.nowhere}</span>
  return (
    <span className={css.several}>
      {names.slice(0, SHOWN).map((deployment) => (
        <Link
          key={deployment}
          to="/p/$project/deployments/$deployment"
          params={{ project, deployment }}
          className={css.place}
        >
          <StateMark is="serving" />
          <span className="cut">{deployment}</span>
        </Link>
      ))}
      {names.length > SHOWN && (
        <small className="faint">{say(words.moreDeployments, { count: names.length - SHOWN })}</small>
      )}
    </span>
  )
}

/** Where one version answers now, with its part of the traffic. */
export function ServesNow({ project, spans }: { project: string; spans: readonly ServingSpan[] }) {
  const current = spans.filter(({ until }) => until === null)
  if (current.length === 0) return <span className="faint">{words.nowhere}</span>
  return (
    <span className={css.several}>
      {current.slice(0, SHOWN).map(({ deployment, role, share }) => (
        <Link
          key={`${deployment} ${role}`}
          to="/p/$project/deployments/$deployment"
          params={{ project, deployment }}
          className={css.place}
        >
          <StateMark is={role === 'shadow' ? 'shadow' : 'serving'} />
          <span className="cut">{deployment}</span>
          <span className="nowrap">{role === 'shadow' ? words.shadow : percent(share)}</span>
        </Link>
      ))}
      {current.length > SHOWN && (
        <small className="faint">{say(words.moreDeployments, { count: current.length - SHOWN })}</small>
      )}
    </span>
  )
}
