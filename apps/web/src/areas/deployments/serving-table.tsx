import type { ChangeKind, Deployment, DeploymentFigures, Lane as LaneOfTime } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { useLiveState } from '../../live/live.tsx'
import { say } from '../../strings/message.ts'
import { overview as words } from '../../strings/overview.ts'
import { deployments as nouns } from '../../strings/deployments.ts'
import { figure, milliseconds, percent } from '../../ui/numbers.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column, Sort } from '../../ui/table.tsx'
import { Ago, useNow } from '../../ui/time.tsx'
import { glanceQuery, lanesQuery } from './deployment.queries.ts'
import { Lane } from './lane.tsx'
import css from './serving-table.module.css'
import { deploymentState, kindInWords, sharesOf } from './states.ts'
import { VersionName } from './version.tsx'

/** Spans of time that lanes and trends are shown over, in seconds. */
export const SPANS = [
  { name: '6 h', seconds: 6 * 3600 },
  { name: '24 h', seconds: 86_400 },
  { name: '7 d', seconds: 7 * 86_400 },
] as const
export type SpanName = (typeof SPANS)[number]['name']

/** Kinds of failed requests that are ours and not the caller's. */
const OURS = ['internal', 'model_failed', 'engine_lost', 'deadline', 'queue_full', 'not_ready']

interface Row {
  readonly deployment: Deployment
  readonly figures: DeploymentFigures | undefined
  readonly lane: LaneOfTime | undefined
  readonly from: number
  readonly to: number
}

interface ServingTableProps {
  readonly deployments: readonly Deployment[]
  readonly span: SpanName
  /** Those whose figures are asked for: the ones in sight. All when left out. */
  readonly inSight?: readonly string[]
  /** Hears the names in sight, where there are so many that only some are. Must be stable. */
  readonly onSight?: (names: readonly string[]) => void
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
}

/** Deployments with their versions, lane, figures and last change. */
export function ServingTable({ deployments, span, inSight, onSight, sort, onSort }: ServingTableProps) {
  const project = useProject()
  const navigate = useNavigate()
  const rows = useRows(deployments, span, inSight)
  const columns = useMemo(() => columnsFor(project, span, onSort !== undefined), [project, span, onSort])
  const sight = useCallback(
    (seen: readonly Row[]) => onSight?.(seen.map(({ deployment }) => deployment.name)),
    [onSight],
  )
  return (
    <Table
      label={words.serves}
      onSight={sight}
      columns={columns}
      rows={rows}
      rowHeight={52}
      keyOf={({ deployment }) => deployment.name}
      {...(sort ? { sort } : {})}
      {...(onSort ? { onSort } : {})}
      onOpen={({ deployment: { name } }) =>
        void navigate({ to: '/p/$project/deployments/$deployment', params: { project, deployment: name } })
      }
    />
  )
}

function useRows(deployments: readonly Deployment[], span: SpanName, inSight: readonly string[] | undefined): Row[] {
  const project = useProject()
  const { live } = useLiveState()
  const seconds = SPANS.find(({ name }) => name === span)!.seconds
  const names = inSight ?? deployments.map(({ name }) => name)
  const now = useNow()
  // A lane's beginning moves on by whole minutes, so that it is not read anew with every rendering.
  const from = Math.floor(now / 60_000) * 60 - seconds
  const { data: glance } = useQuery({
    ...glanceQuery(project, names, seconds),
    enabled: names.length > 0 && live !== false,
  })
  const { data: lanes } = useQuery({ ...lanesQuery(project, names, from), enabled: names.length > 0 })
  return useMemo(() => {
    const figures = new Map(glance?.deployments.map((one) => [one.deployment, one]))
    const laneOf = new Map(lanes?.lanes.map((one) => [one.deployment, one]))
    return deployments.map((deployment) => ({
      deployment,
      figures: figures.get(deployment.name),
      lane: laneOf.get(deployment.name),
      from: from * 1000,
      to: now,
    }))
  }, [deployments, glance, lanes, from, now])
}

const failedOf = ({ figures }: Row) => figures && OURS.reduce((sum, kind) => sum + (figures.errors[kind] ?? 0), 0)

function columnsFor(project: string, span: SpanName, sorts: boolean): Column<Row>[] {
  return [
    {
      id: 'name',
      title: words.columns.deployment,
      phone: 'name',
      sorts,
      cell: ({ deployment }) => <Name deployment={deployment} project={project} />,
    },
    {
      id: 'versions',
      title: words.columns.versions,
      phone: 'line',
      cell: ({ deployment: { table } }) => (
        <span className="row-wrap">
          {sharesOf(table).map(({ version, share }) => (
            <span key={version} className="nowrap">
              <VersionName version={version} hollow={table.parked !== null} />{' '}
              <span className="dim num">{percent(share)}</span>
            </span>
          ))}
        </span>
      ),
    },
    {
      id: 'lane',
      title: say(words.columns.lane, { span }),
      width: '26%',
      phone: 'line',
      cell: ({ lane, from, to }) => lane && <Lane lane={lane} from={from} to={to} />,
    },
    {
      id: 'rate',
      title: words.columns.rate,
      align: 'end',
      sorts,
      cell: ({ figures }) => (
        <span className={css.rate}>
          {figures && <Sparkline values={figures.trend.slice(0, -1)} />}
          <span>{figures ? figure(figures.rate) : '–'}</span>
        </span>
      ),
    },
    { id: 'p99', title: words.columns.p99, align: 'end', sorts, cell: ({ figures }) => milliseconds(figures?.p99) },
    {
      id: 'failed',
      title: words.columns.failed,
      align: 'end',
      sorts,
      cell: (row) => {
        const failed = failedOf(row)
        return failed === undefined ? '–' : <span className={failed > 0 ? css.failed : ''}>{figure(failed)}</span>
      },
    },
    { id: 'change', title: words.columns.change, cell: (row) => <LastChange row={row} /> },
  ]
}

function Name({ deployment, project }: { deployment: Deployment; project: string }) {
  const { is, word } = deploymentState(deployment)
  return (
    <span className={css.name}>
      <span className={css[is] ?? ''}>
        <StateMark is={is} />
      </span>
      <span className="grow wrap">
        <Link
          to="/p/$project/deployments/$deployment"
          params={{ project, deployment: deployment.name }}
          className={css.link}
        >
          {deployment.name}
        </Link>
        <small className="faint">
          {word}, g{deployment.table.generation}
        </small>
      </span>
    </span>
  )
}

function LastChange({ row: { lane, deployment } }: { row: Row }) {
  const mark = lane?.marks.at(-1)
  const refusal = lane?.refusals.at(-1)
  const isRefused = refusal !== undefined && (!mark || refusal.at > mark.at)
  const last: { kind: ChangeKind; at: string } | undefined = isRefused ? refusal : mark
  if (!last) return <span className="faint">–</span>
  const version = isRefused ? refusal.version : sharesOf(mark!)[0]?.version
  return (
    <span className={css.change}>
      {kindInWords(last.kind)} {version !== undefined && version !== null && `v${version}`}{' '}
      {isRefused && <span className={css.failed}>{nouns.refused}</span>}
      <small className="faint">
        <Ago at={last.at || deployment.createdAt} />
      </small>
    </span>
  )
}

/** For lists that sort by what is in these rows. */
export function sortRows(
  deployments: readonly Deployment[],
  figures: ReadonlyMap<string, DeploymentFigures>,
  { by, down }: Sort,
): Deployment[] {
  const key = (deployment: Deployment): number | string => {
    const of = figures.get(deployment.name)
    if (by === 'rate') return of?.rate ?? -1
    if (by === 'p99') return of?.p99 ?? -1
    if (by === 'failed') return OURS.reduce((sum, kind) => sum + (of?.errors[kind] ?? 0), 0)
    return deployment.name
  }
  const compared = (a: Deployment, b: Deployment) => {
    const [one, other] = [key(a), key(b)]
    return typeof one === 'string' ? one.localeCompare(String(other)) : one - Number(other)
  }
  return deployments.toSorted((a, b) => (down ? -compared(a, b) : compared(a, b)))
}
