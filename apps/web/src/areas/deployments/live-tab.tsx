import type { Deployment } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { WithSide } from '../../frame/page.tsx'
import { deployments as words } from '../../strings/deployments.ts'
import { say } from '../../strings/message.ts'
import { ago, useNow } from '../../ui/time.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { useDeployment } from './deployment-page.tsx'
import { LiveEngines } from './live-engines.tsx'
import { LiveFigures } from './live-figures.tsx'
import { LiveGenerations } from './live-generations.tsx'
import { LivePanel } from './live-panel.tsx'
import { RouteTablePanel } from './route-table.tsx'
import { SnippetsPanel } from './snippets.tsx'
import { kindInWords } from './states.ts'
import { TryPanel } from './try-panel.tsx'

/** How the deployment is now, what callers meet, and what it answers. */
export function LiveTab() {
  const deployment = useDeployment().data
  if (!deployment) return null
  return (
    <>
      <LastRefused deployment={deployment} />
      <LiveFigures deployment={deployment} />
      <RouteTablePanel deployment={deployment} />
      <WithSide
        side={
          <>
            <TryPanel key={deployment.name} deployment={deployment} />
            <SnippetsPanel deployment={deployment} />
          </>
        }
      >
        <LivePanel key={deployment.name} deployment={deployment} />
      </WithSide>
      <LiveEngines deployment={deployment} />
      <LiveGenerations deployment={deployment} />
    </>
  )
}

/** A refusal is news until the next change. */
function LastRefused({ deployment }: { deployment: Deployment }) {
  const { lastFailure, project, name } = deployment
  const now = useNow()
  if (!lastFailure) return null
  const { kind, version, reason, at, change } = lastFailure
  const told = { kind: kindInWords(kind), when: ago(at, now), reason: /[.!?]$/.test(reason) ? reason : `${reason}.` }
  return (
    <Banner
      is="attention"
      act={
        change !== null && (
          <Link
            to="/p/$project/deployments/$deployment/changes/$change"
            params={{ project, deployment: name, change }}
            className="link"
          >
            {words.seeWhy}
          </Link>
        )
      }
    >
      {version === null ? say(words.lastRefusedPlain, told) : say(words.lastRefused, { ...told, version })}
    </Banner>
  )
}
