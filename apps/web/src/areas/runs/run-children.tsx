import type { Run, RunRow } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { GitCompare } from 'lucide-react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { grouped } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { RunState, Took } from './run-state.tsx'
import { childrenQuery } from './runs.queries.ts'

/** The runs that are parts of this one. */
export function RunChildren({ run }: { run: Run }) {
  const project = useProject()
  const navigate = useNavigate()
  const reading = useInfiniteQuery({ ...childrenQuery(project, run.experiment, run.id), enabled: run.children > 0 })
  if (run.children === 0) return null
  const known = reading.data?.pages.flatMap((page) => page.runs) ?? []
  const to = (child: RunRow) => ({ to: '/p/$project/runs/$run', params: { project, run: child.id } }) as const
  return (
    <Panel
      title={words.children}
      note={<span className="num">{grouped(run.children)}</span>}
      acts={known.length > 1 && <CompareLink run={run} ids={known.slice(0, MOST_COMPARED).map(({ id }) => id)} />}
    >
      <Reading of={reading} what={words.whatChildren}>
        {() => (
          <Table
            label={words.children}
            rows={known}
            keyOf={({ id }) => id}
            onOpen={(child) => void navigate(to(child))}
            columns={[
              {
                id: 'name',
                title: words.name,
                phone: 'name',
                cell: (child) => (
                  <Link {...to(child)} className="link wrap">
                    {child.name}
                  </Link>
                ),
              },
              { id: 'state', title: words.status, phone: 'state', cell: ({ status }) => <RunState status={status} /> },
              { id: 'started', title: words.started, cell: ({ startedAt }) => <Ago at={startedAt} /> },
              {
                id: 'took',
                title: words.took,
                align: 'end',
                cell: (child) => <Took {...child} isLive={child.status === 'RUNNING'} />,
              },
            ]}
          />
        )}
      </Reading>
      {reading.hasNextPage && (
        <div className="pad">
          <Button size="small" busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
            {words.moreChildren}
          </Button>
        </div>
      )}
    </Panel>
  )
}

const MOST_COMPARED = 200

const CompareLink = ({ run, ids }: { run: Run; ids: readonly string[] }) => (
  <Link
    to="/p/$project/experiments/$experiment/compare"
    params={{ project: useProject(), experiment: String(run.experiment) }}
    search={{ runs: ids.join(',') }}
    className={classOf('plain', 'small')}
  >
    <GitCompare />
    {words.compareChildren}
  </Link>
)
