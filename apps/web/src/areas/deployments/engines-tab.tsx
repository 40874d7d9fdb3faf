import type { Deployment, RunnerStatus } from '@stead/contracts'
import { installationStatus } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { bytes, percent } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { useDeployment } from './deployment-page.tsx'
import css from './engines-tab.module.css'
import { engineState, sharesOf } from './states.ts'
import { VersionName } from './version.tsx'

const words = tabs.engines
type Engine = Deployment['engines'][number]

/** The runners of the whole installation, read again while they are on the screen: nothing tells when one is seen. */
const runnersQuery = {
  queryKey: [...readings.platform(), 'runners'],
  queryFn: ({ signal }: { signal: AbortSignal }) => client.call(installationStatus, { signal }),
  select: ({ runners }: { runners: readonly RunnerStatus[] }) => runners,
  refetchInterval: 5_000,
}

/** Every loaded version of a deployment, by the runner that it lives in. */
export function EnginesTab() {
  const { data: deployment } = useDeployment()
  const runners = useQuery(runnersQuery)
  if (!deployment) return null
  return (
    <div className="stack">
      <Reading of={runners} what={words.what} rows={4}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty title={words.none} says={words.noneSays} command={words.noneCommand} />
            </Panel>
          ) : (
            all.map((runner) => <OneRunner key={runner.name} runner={runner} deployment={deployment} />)
          )
        }
      </Reading>
    </div>
  )
}

function OneRunner({ runner, deployment }: { runner: RunnerStatus; deployment: Deployment }) {
  const engines = deployment.engines
    .filter((engine) => engine.runner === runner.name)
    .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.version - a.version)
  return (
    <Panel title={<span className="wrap">{runner.name}</span>} note={<Health runner={runner} />}>
      {engines.length === 0 ? (
        <p className={`pad dim ${css.nothing}`}>{deployment.table.parked === null ? words.noneHere : words.parked}</p>
      ) : (
        <Table
          label={say(words.title)}
          columns={columnsFor(deployment)}
          rows={engines}
          keyOf={({ model, version, hostPid, since }) => `${model} ${version} ${hostPid} ${since}`}
        />
      )}
    </Panel>
  )
}

const ORDER: readonly Engine['state'][] = [
  'failed',
  'serving',
  'draining',
  'fetching',
  'verifying',
  'admitting',
  'starting',
  'loading',
  'warming',
  'ready',
  'standby',
  'parked',
  'stopped',
]

function Health({ runner: { connected, seenAt, frontEnds, memory, rest } }: { runner: RunnerStatus }) {
  return (
    <span className="row-wrap">
      <StateWord is={connected ? 'serving' : 'failed'}>{connected ? words.connected : words.away}</StateWord>
      <span>
        <Ago at={seenAt} />
      </span>
      <span>{say(words.frontEnds, { count: frontEnds })}</span>
      {memory !== null && <span>{say(words.resident, { size: bytes(memory) })}</span>}
      <code className="wrap">{rest}</code>
    </span>
  )
}

function columnsFor(deployment: Deployment): Column<Engine>[] {
  const { columns } = words
  return [
    {
      id: 'host',
      title: columns.host,
      phone: 'figure',
      cell: ({ hostPid }) => <code>{hostPid === null ? words.noHost : say(words.pid, { pid: String(hostPid) })}</code>,
    },
    {
      id: 'version',
      title: columns.version,
      phone: 'name',
      cell: ({ model, version, state }) => (
        <span className="row">
          <VersionName version={Number(version)} hollow={state !== 'serving'} />
          {model !== deployment.table.model && <small className="faint wrap">{model}</small>}
        </span>
      ),
    },
    {
      id: 'state',
      title: columns.state,
      phone: 'state',
      cell: ({ state }) => {
        const { is, word } = engineState(state)
        return <StateWord is={is}>{word}</StateWord>
      },
    },
    {
      id: 'why',
      title: columns.why,
      width: '34%',
      phone: 'line',
      cell: (engine) => (
        <span className={`wrap ${engine.state === 'failed' ? css.failed : 'dim'}`}>{whyOf(engine, deployment)}</span>
      ),
    },
    {
      id: 'memory',
      title: columns.memory,
      align: 'end',
      cell: ({ memory }) => (memory === null ? '–' : bytes(memory)),
    },
    { id: 'restarts', title: columns.restarts, align: 'end', cell: ({ restarts }) => restarts },
    { id: 'since', title: columns.since, align: 'end', cell: ({ since }) => <Ago at={since} /> },
  ]
}

/** Why an engine is as it is: the runner's own reason where there is one, else its place in the route table. */
function whyOf({ reason, model, version, state }: Engine, { table }: Deployment): string {
  if (reason !== null && reason !== '') return reason
  if (model !== table.model) return words.moved
  const route = sharesOf(table).find((one) => one.version === Number(version))
  if (route) return say(words.route, { share: percent(route.share) })
  const shadow = table.shadows.find((one) => one.version === version)
  if (shadow) return say(words.shadow, { share: percent(shadow.fraction) })
  return state === 'standby' ? words.standby : '–'
}
