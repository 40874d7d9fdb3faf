import type { Deployment, GenerationRecord } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Reading } from '../../live/reading.tsx'
import { live as words } from '../../strings/live.ts'
import { classOf } from '../../ui/button.tsx'
import { duration, percent } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { historyQuery } from './deployment.queries.ts'
import { KindIcon } from './kind-icon.tsx'
import { timesOf } from './live-stages.ts'
import { ShareBar } from './share-bar.tsx'
import { kindInWords, sharesOf } from './states.ts'

const SHOWN = 5

/** The newest changes of the deployment. */
export function LiveGenerations({ deployment: { project, name } }: { deployment: Deployment }) {
  const history = useQuery(historyQuery(project, name))
  const navigate = useNavigate()
  const link = (generation: number) =>
    ({
      to: '/p/$project/deployments/$deployment/generations/$generation',
      params: { project, deployment: name, generation: String(generation) },
    }) as const
  const columns: Column<GenerationRecord>[] = [
    {
      id: 'generation',
      title: words.generation,
      phone: 'name',
      cell: ({ generation }) => (
        <Link {...link(generation)} className="link">
          <b>g{generation}</b>
        </Link>
      ),
    },
    ...COLUMNS,
  ]
  return (
    <Panel
      title={words.generationsPanel}
      acts={
        <Link
          to="/p/$project/deployments/$deployment/generations"
          params={{ project, deployment: name }}
          className={classOf('quiet')}
        >
          {words.allGenerations}
        </Link>
      }
    >
      <Reading of={history} what={words.whatGenerations}>
        {({ generations }) => (
          <Table
            label={words.generationsPanel}
            rows={generations.slice(0, SHOWN)}
            keyOf={({ generation }) => String(generation)}
            onOpen={({ generation }) => void navigate(link(generation))}
            columns={columns}
          />
        )}
      </Reading>
    </Panel>
  )
}

const took = (ms: number | undefined) => <span className="nowrap">{ms === undefined ? '–' : duration(ms)}</span>

const COLUMNS: readonly Column<GenerationRecord>[] = [
  {
    id: 'change',
    title: words.change,
    phone: 'state',
    cell: ({ kind }) => (
      <span className="row nowrap">
        <KindIcon kind={kind} />
        {kindInWords(kind)}
      </span>
    ),
  },
  {
    id: 'routes',
    title: words.routes,
    phone: 'line',
    cell: (record) => (
      <span className="row">
        <ShareBar table={record} small />
        <span className="dim nowrap">
          {sharesOf(record)
            .map(({ version, share }) => (share === 1 ? `v${version}` : `v${version} ${percent(share)}`))
            .join(', ')}
        </span>
      </span>
    ),
  },
  {
    id: 'why',
    title: words.why,
    phone: 'line',
    width: '34%',
    cell: ({ reason }) => (reason === '' ? <span className="faint">–</span> : <span className="wrap">{reason}</span>),
  },
  { id: 'who', title: words.who, width: '12%', cell: ({ actor }) => <span className="dim wrap">{actor}</span> },
  { id: 'prepare', title: words.prepare, align: 'end', cell: ({ stages }) => took(timesOf(stages).prepare) },
  { id: 'commit', title: words.commit, align: 'end', cell: ({ stages }) => took(timesOf(stages).commit) },
  { id: 'when', title: words.when, align: 'end', cell: ({ committedAt }) => <Ago at={committedAt} /> },
]
