import type { Deployment } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { Pause, Play, Settings2, Trash2 } from 'lucide-react'
import { WithSide } from '../../frame/page.tsx'
import { asks } from '../../strings/change-asks.ts'
import { deployments as nouns } from '../../strings/deployments.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { duration } from '../../ui/numbers.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { useDeployment, useDeploymentActs, useOpenDialog, withScheme } from './deployment-page.tsx'
import css from './settings-tab.module.css'

const words = tabs.settings

/** How a deployment serves, what it is, and what ends it. */
export function SettingsTab() {
  const { data: deployment } = useDeployment()
  if (!deployment) return null
  return (
    <WithSide side={<About deployment={deployment} />}>
      <Config deployment={deployment} />
      <Risks deployment={deployment} />
    </WithSide>
  )
}

function Config({ deployment: { table } }: { deployment: Deployment }) {
  const open = useOpenDialog()
  const { settings } = useDeploymentActs()
  const { config } = table
  const { batching } = config
  return (
    <Panel
      title={words.title}
      padded
      acts={
        <Button icon={<Settings2 />} because={settings} onClick={() => open('settings')}>
          {words.change}
        </Button>
      }
    >
      <Facts>
        <Fact name={asks.config.isolation}>
          {config.isolation === 'shared' ? asks.config.shared : asks.config.dedicated},{' '}
          <span className="dim">
            {config.isolation === 'shared' ? asks.config.sharedSays : asks.config.dedicatedSays}
          </span>
        </Fact>
        <Fact name={asks.config.threads}>{config.threads}</Fact>
        <Fact name={asks.config.timeoutMs}>
          {config.timeoutMs === null ? asks.config.none : duration(config.timeoutMs)}
        </Fact>
        <Fact name={asks.config.loadTimeoutMs}>{duration(config.loadTimeoutMs)}</Fact>
        <Fact name={asks.config.maxRows}>{batching.maxRows}</Fact>
        <Fact name={asks.config.maxDelayMs}>{duration(batching.maxDelayMs)}</Fact>
        <Fact name={asks.config.preferredRows}>
          {batching.preferredRows.length === 0 ? asks.config.none : batching.preferredRows.join(', ')}
        </Fact>
        <Fact name={asks.config.maxQueue}>{batching.maxQueue}</Fact>
      </Facts>
      <p className={`faint ${css.says}`}>{words.says}</p>
    </Panel>
  )
}

function About({ deployment: { name, project, createdAt, urls, table } }: { deployment: Deployment }) {
  return (
    <Panel title={words.facts} padded>
      <Facts>
        <Fact name={words.name}>{name}</Fact>
        <Fact name={words.project}>{project}</Fact>
        <Fact name={asks.model}>
          <Link to="/p/$project/models/$model" params={{ project, model: table.model }} className="link">
            {table.model}
          </Link>
        </Fact>
        <Fact name={words.created}>
          <Ago at={createdAt} />
        </Fact>
        <Fact name={words.address}>
          {urls.length === 0
            ? words.noAddress
            : urls.map(({ runner, rest }) => <CopyField key={runner} text={`${withScheme(rest)}/v2/models/${name}`} />)}
        </Fact>
      </Facts>
    </Panel>
  )
}

function Risks({ deployment: { table } }: { deployment: Deployment }) {
  const open = useOpenDialog()
  const isParked = table.parked !== null
  const may = useDeploymentActs()
  return (
    <Panel title={words.dangerTitle}>
      <div className={css.risk}>
        <span className="grow">{isParked ? words.wakeSays : words.parkSays}</span>
        <Button
          icon={isParked ? <Play /> : <Pause />}
          because={isParked ? may.wake : may.park}
          onClick={() => open(isParked ? 'wake' : 'park')}
        >
          {isParked ? nouns.wake : nouns.park}
        </Button>
      </div>
      <div className={css.risk}>
        <span className="grow">{words.deleteSays}</span>
        <Button look="danger" icon={<Trash2 />} because={may.delete} onClick={() => open('delete')}>
          {nouns.remove}
        </Button>
      </div>
    </Panel>
  )
}
