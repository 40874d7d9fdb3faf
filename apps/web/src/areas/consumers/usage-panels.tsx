import type { Consumer, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Reading } from '../../live/reading.tsx'
import { consumers as words } from '../../strings/consumers.ts'
import { grouped } from '../../strings/message.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { useNow } from '../../ui/time.tsx'
import { VersionName } from '../deployments/version.tsx'
import { usageQuery } from './consumers.queries.ts'
import { byDay, byPart } from './usage.ts'
import type { Part } from './usage.ts'
import { UsageBars } from './usage-bars.tsx'

const RANGES = ['7', '30', '90'] as const
type Range = (typeof RANGES)[number]
const rangeOf = (text: string | undefined): Range => RANGES.find((range) => range === text) ?? '30'

/** What a consumer used: by day, and by what. */
export function UsagePanels({ project, consumer }: { project: ProjectName; consumer: Consumer }) {
  const navigate = useNavigate()
  const range = rangeOf((useSearch({ strict: false }) as { days?: string }).days)
  const reading = useQuery(usageQuery(project, consumer.name, Number(range)))
  const now = useNow()
  const choose = (next: Range) =>
    void navigate({
      to: '.',
      search: (before) => ({ ...before, days: next === '30' ? undefined : next }) as never,
      replace: true,
      resetScroll: false,
    })
  const parts = byPart(reading.data?.points ?? [], consumer.keys)
  return (
    <>
      <Panel
        title={words.use}
        acts={
          <Segmented
            label={words.range}
            value={range}
            options={RANGES.map((value) => ({ value, label: words.ranges[value] }))}
            onChange={choose}
          />
        }
      >
        <Reading of={reading} what={words.whatUse} rows={4}>
          {({ points }) => <UsageBars days={byDay(points, Number(range), now)} />}
        </Reading>
      </Panel>
      {parts.length > 0 && (
        <Panel title={words.by}>
          <Table label={words.by} columns={columnsFor(project)} rows={parts} keyOf={({ id }) => id} />
        </Panel>
      )}
    </>
  )
}

const columnsFor = (project: string): Column<Part>[] => [
  {
    id: 'key',
    title: words.byColumns.key,
    phone: 'name',
    cell: ({ key }) => (key === undefined ? <span className="faint">{words.goneKey}</span> : <b>{key}</b>),
  },
  {
    id: 'deployment',
    title: words.byColumns.deployment,
    cell: ({ deployment }) => (
      <Link to="/p/$project/deployments/$deployment" params={{ project, deployment }} className="link wrap">
        {deployment}
      </Link>
    ),
  },
  { id: 'version', title: words.byColumns.version, cell: ({ version }) => <VersionName version={version} /> },
  {
    id: 'requests',
    title: words.byColumns.requests,
    align: 'end',
    cell: ({ requests }) => grouped(requests),
  },
  { id: 'failed', title: words.byColumns.failed, align: 'end', cell: ({ failed }) => grouped(failed) },
]
