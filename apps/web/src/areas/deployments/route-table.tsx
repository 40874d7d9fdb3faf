import { getModel } from '@stead/contracts'
import type { Deployment, ModelName, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Split, Undo2 } from 'lucide-react'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { deployments as acts } from '../../strings/deployments.ts'
import { live as words } from '../../strings/live.ts'
import { say, show } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { figure, milliseconds, percent } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { historyQuery } from './deployment.queries.ts'
import { useDeploymentActs, useOpenDialog } from './deployment-page.tsx'
import { versionFiguresQuery } from './route-table.queries.ts'
import type { VersionFigures } from './route-table.queries.ts'
import { rowsOf } from './route-table-rows.ts'
import type { RouteRow } from './route-table-rows.ts'
import css from './route-table.module.css'
import { ShareBar } from './share-bar.tsx'
import { engineState } from './states.ts'
import { VersionName } from './version.tsx'

type Row = RouteRow & { readonly figures: VersionFigures | undefined; readonly aliases: readonly string[] }

/** Which version answers which share, and how each is doing. */
export function RouteTablePanel({ deployment }: { deployment: Deployment }) {
  const { project, name, table } = deployment
  const open = useOpenDialog()
  const { traffic } = useDeploymentActs()
  const figures = useQuery(versionFiguresQuery(project, name)).data
  const history = useQuery(historyQuery(project, name)).data?.generations ?? []
  const aliases = useAliases(project, table.model)
  const rows = rowsOf(deployment, history).map((row): Row => ({
    ...row,
    figures: figures?.get(row.version),
    aliases: aliases.get(row.version) ?? [],
  }))
  return (
    <Panel
      title={words.routeTable}
      note={<span className="not-on-phone">{say(words.routeNote, { next: Number(table.generation) + 1 })}</span>}
      acts={
        <Button icon={<Split />} because={traffic} onClick={() => open('traffic')}>
          {acts.traffic}
        </Button>
      }
    >
      <div className={css.bar}>
        <ShareBar table={table} />
        <p className="faint">
          {table.parked === null
            ? show(words.sticky, { header: <code>stead-key</code> })
            : table.parked === 'request'
              ? words.parkedRequest
              : words.parkedLoad}
        </p>
      </div>
      <Table label={words.routeTable} rows={rows} keyOf={({ version }) => String(version)} columns={COLUMNS} />
    </Panel>
  )
}

function useAliases(project: ProjectName, model: ModelName): ReadonlyMap<number, string[]> {
  const reading = useQuery({
    queryKey: [...readings.model(project, model), 'aliases'],
    queryFn: async ({ signal }) =>
      (await client.call(getModel, { params: { project, model }, signal })).aliases as Record<string, number>,
  })
  const byVersion = new Map<number, string[]>()
  for (const [alias, version] of Object.entries(reading.data ?? {}))
    byVersion.set(Number(version), [...(byVersion.get(Number(version)) ?? []), alias])
  return byVersion
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'version',
    title: words.version,
    phone: 'name',
    cell: ({ version, role, aliases }) => (
      <span className="row-wrap">
        <VersionName version={version} hollow={role !== 'serving'} />
        {aliases.map((alias) => (
          <span key={alias} className={css.alias}>
            @{alias}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'role',
    title: words.role,
    phone: 'state',
    cell: ({ role }) => <StateWord is={role}>{words[role]}</StateWord>,
  },
  {
    id: 'share',
    title: words.share,
    align: 'end',
    cell: ({ role, share }) =>
      role === 'serving' ? (
        <b className="nowrap">{percent(share)}</b>
      ) : role === 'shadow' ? (
        share === 1 ? (
          words.copies
        ) : (
          say(words.copiesOf, { share: percent(share) })
        )
      ) : (
        '–'
      ),
  },
  {
    id: 'rate',
    title: words.requestsPerSecond,
    align: 'end',
    cell: ({ role, figures }) => (role === 'standby' && !figures?.rate ? '–' : figure(figures?.rate ?? 0)),
  },
  { id: 'p50', title: words.p50ms, align: 'end', phone: 'none', cell: ({ figures }) => milliseconds(figures?.p50) },
  { id: 'p99', title: words.p99ms, align: 'end', cell: ({ figures }) => milliseconds(figures?.p99) },
  {
    id: 'trend',
    title: words.p99Trend,
    phone: 'none',
    cell: ({ figures }) => <Sparkline values={figures?.trend ?? []} />,
  },
  {
    id: 'failed',
    title: words.failedShort,
    align: 'end',
    cell: ({ role, figures }) => (role === 'standby' && !figures?.failed ? '–' : figure(figures?.failed ?? 0)),
  },
  { id: 'engines', title: words.engines, phone: 'line', cell: (row) => <EngineCount row={row} /> },
  {
    id: 'act',
    title: <span className="heard-only">{words.act}</span>,
    align: 'end',
    phone: 'line',
    cell: (row) => <RowAct row={row} />,
  },
]

function EngineCount({ row: { warm, moving } }: { row: Row }) {
  if (warm === 0 && moving.length === 0) return <span className="faint">{words.noEngine}</span>
  return (
    <span className="row-wrap">
      {warm > 0 && <span className="nowrap">{say(words.enginesWarm, { count: warm })}</span>}
      {moving.map(({ state, count }) => {
        const { is, word } = engineState(state)
        return (
          <StateWord key={state} is={is}>
            {say(words.enginesMoving, { count, state: word.toLowerCase() })}
          </StateWord>
        )
      })}
    </span>
  )
}

function RowAct({ row }: { row: Row }) {
  const open = useOpenDialog()
  const may = useDeploymentActs()
  if (row.role === 'serving')
    return row.share < 1 ? (
      <Button size="small" because={may.swap} onClick={() => open('swap', { to: String(row.version) })}>
        {words.sendAll}
      </Button>
    ) : null
  if (row.role === 'shadow')
    return (
      <Button size="small" because={may.traffic} onClick={() => open('traffic', { to: `-${row.version}` })}>
        {words.stopShadow}
      </Button>
    )
  return row.generation === undefined ? null : (
    <Button
      size="small"
      icon={<Undo2 />}
      because={may.rollback}
      onClick={() => open('rollback', { to: String(row.generation) })}
    >
      {say(acts.rollBackTo, { generation: row.generation })}
    </Button>
  )
}
