import type { EvaluationSet, ExperimentId, ProjectName } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { evaluationSets as words } from '../../strings/evaluation-sets.ts'
import { grouped, say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { ExperimentPart } from '../experiments/experiment-part.tsx'
import { setsQuery } from './evaluation-sets.queries.ts'

/** What evaluations of an experiment read. */
export const EvaluationSetsPage = () => (
  <ExperimentPart>{(experiment) => <Sets experiment={experiment} />}</ExperimentPart>
)

function Sets({ experiment }: { experiment: ExperimentId }) {
  const project = useProject()
  const navigate = useNavigate()
  const reading = useInfiniteQuery(setsQuery(project, experiment))
  const columns = useMemo(() => columnsOf(project), [project])
  const open = ({ id }: EvaluationSet) =>
    void navigate({ to: '/p/$project/evaluation-sets/$set', params: { project, set: id } })
  return (
    <Panel label={words.title}>
      <Reading of={reading} what={words.what} rows={6}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.evaluationSets)
          if (rows.length > 0)
            return <Table label={words.title} columns={columns} rows={rows} keyOf={({ id }) => id} onOpen={open} />
          const command = say(words.command, { experiment: String(experiment) })
          return <Empty title={words.empty} says={words.emptySays} command={command} />
        }}
      </Reading>
      {reading.hasNextPage && (
        <div className="pad">
          <Button size="small" busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
    </Panel>
  )
}

const columnsOf = (project: ProjectName): Column<EvaluationSet>[] => [
  {
    id: 'name',
    title: words.name,
    phone: 'name',
    cell: ({ id, name }) => (
      <Link to="/p/$project/evaluation-sets/$set" params={{ project, set: id }} className="link wrap">
        {name}
      </Link>
    ),
  },
  {
    id: 'records',
    title: words.records,
    align: 'end',
    cell: ({ records }) => <span className="num">{grouped(records)}</span>,
  },
  { id: 'changed', title: words.changed, cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
  { id: 'by', title: words.by, cell: ({ createdBy }) => <span className="wrap">{createdBy ?? words.none}</span> },
  { id: 'digest', title: words.digest, cell: ({ digest }) => <code>{digest}</code> },
]
