import type { Deployment } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import { classOf } from '../../ui/button.tsx'
import { bytes, percent } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { engineState, sharesOf } from './states.ts'
import { VersionName } from './version.tsx'

type Engine = Deployment['engines'][number] & { readonly why: string; readonly routed: boolean }

/** What is loaded for the deployment, in short. */
export function LiveEngines({ deployment }: { deployment: Deployment }) {
  const { project, name, engines, urls } = deployment
  const rows = engines.map((engine) => ({ ...engine, ...whyOf(engine, deployment) }))
  // Engines that share a host share its memory.
  const hosts = new Map(engines.map((engine) => [`${engine.runner} ${engine.hostPid}`, engine.memory ?? 0]))
  const memory = [...hosts.values()].reduce((sum, one) => sum + one, 0)
  return (
    <Panel
      title={words.engines}
      note={say(words.enginesNote, { runners: say(words.runners, { count: urls.length }), memory: bytes(memory) })}
      acts={
        <Link
          to="/p/$project/deployments/$deployment/engines"
          params={{ project, deployment: name }}
          className={classOf('quiet')}
        >
          {words.allEngines}
        </Link>
      }
    >
      {rows.length === 0 ? (
        <Empty title={words.noEngines} says={words.noEnginesSays} />
      ) : (
        <Table
          label={words.engines}
          rows={rows}
          keyOf={({ runner, version, hostPid }) => `${runner} ${version} ${hostPid}`}
          columns={COLUMNS}
        />
      )}
    </Panel>
  )
}

/** Why an engine is there, in the engine's own words where it has some. */
function whyOf(engine: Deployment['engines'][number], { table }: Deployment): { why: string; routed: boolean } {
  const share = sharesOf(table).find(({ version }) => version === engine.version)?.share
  const shadow = table.shadows.find(({ version }) => version === engine.version)
  const routed = share !== undefined && share > 0
  if (engine.reason) return { why: engine.reason, routed }
  if (routed) return { why: say(words.routeShare, { share: percent(share) }), routed }
  if (shadow) return { why: say(words.copyShare, { share: percent(shadow.fraction) }), routed }
  return { why: engine.state === 'standby' ? words.keptWarm : '–', routed }
}

const COLUMNS: readonly Column<Engine>[] = [
  {
    id: 'engine',
    title: words.engine,
    phone: 'line',
    cell: ({ runner, hostPid }) => (
      <span className="mono wrap">
        {runner}
        {hostPid !== null && ` ${say(words.pid, { pid: String(hostPid) })}`}
      </span>
    ),
  },
  {
    id: 'version',
    title: words.version,
    phone: 'name',
    cell: ({ version, routed }) => <VersionName version={version} hollow={!routed} />,
  },
  {
    id: 'state',
    title: words.state,
    phone: 'state',
    cell: ({ state }) => <StateWord is={engineState(state).is}>{engineState(state).word}</StateWord>,
  },
  { id: 'why', title: words.reason, phone: 'line', cell: ({ why }) => <span className="dim wrap">{why}</span> },
  { id: 'memory', title: words.memory, align: 'end', cell: ({ memory }) => (memory === null ? '–' : bytes(memory)) },
  { id: 'restarts', title: words.restarts, align: 'end', cell: ({ restarts }) => restarts },
  { id: 'since', title: words.since, align: 'end', cell: ({ since }) => <Ago at={since} /> },
]
