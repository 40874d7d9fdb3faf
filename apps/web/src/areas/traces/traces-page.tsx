import { SteadError } from '@stead/contracts'
import type { ExperimentId, Trace, TraceId } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { traces as words } from '../../strings/traces.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { complaintOf } from '../experiments/complaint.ts'
import type { Complaint } from '../experiments/complaint.ts'
import { ExperimentPart } from '../experiments/experiment-part.tsx'
import { FirstTrace } from './first-trace.tsx'
import { TraceFilter } from './trace-filter.tsx'
import { columnsOf } from './trace-columns.tsx'
import { TracesBar } from './traces-bar.tsx'
import { tracesQuery } from './traces.queries.ts'

/** The traces of an experiment: calls of an application, the latest first. */
export const TracesPage = () => (
  <ExperimentPart wide>{(experiment, name) => <Traces experiment={experiment} name={name} />}</ExperimentPart>
)

function Traces({ experiment, name }: { experiment: ExperimentId; name: string | undefined }) {
  const project = useProject()
  const navigate = useNavigate()
  const { filter = '' } = useSearch({ strict: false }) as { filter?: string }
  const reading = useInfiniteQuery(tracesQuery(project, experiment, filter))
  const complaint = wrongIn(reading.error)
  const [selected, setSelected] = useState<ReadonlySet<TraceId>>(new Set())
  const rows = useMemo(() => reading.data?.pages.flatMap((page) => page.traces) ?? [], [reading.data])
  const look = (wanted: string) => {
    setSelected(new Set())
    void navigate({
      to: '.',
      search: (before) => ({ ...before, filter: wanted === '' ? undefined : wanted }) as never,
      replace: true,
    })
  }
  const open = useCallback(
    ({ id }: Trace) => void navigate({ to: '/p/$project/traces/$trace', params: { project, trace: id } }),
    [navigate, project],
  )
  const columns = useMemo(() => columnsOf(project, rows, selected, setSelected), [project, rows, selected])
  // What was deleted meanwhile, or is not found any more, is not selected either.
  const chosen = rows.flatMap(({ id }) => (selected.has(id) ? [id] : []))
  const isFirst = filter === '' && reading.data !== undefined && rows.length === 0
  return (
    <>
      {!isFirst && <TraceFilter value={filter} complaint={complaint} onChange={look} />}
      <Panel label={words.title}>
        {complaint !== undefined && (
          <Empty title={words.unread} act={<Button onClick={() => look('')}>{words.clear}</Button>} />
        )}
        {complaint === undefined && (
          <Reading of={reading} what={words.what} rows={8}>
            {() => {
              if (isFirst) return <FirstTrace experiment={name} />
              if (rows.length === 0) return <NoMatch onClear={() => look('')} />
              return (
                <Table
                  label={words.title}
                  columns={columns}
                  rows={rows}
                  keyOf={({ id }) => id}
                  isSelected={({ id }) => selected.has(id)}
                  onOpen={open}
                />
              )
            }}
          </Reading>
        )}
        {complaint === undefined && reading.hasNextPage && (
          <div className="pad">
            <Button size="small" busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        )}
      </Panel>
      {chosen.length > 0 && (
        <TracesBar experiment={experiment} selected={chosen} onClear={() => setSelected(new Set())} />
      )}
    </>
  )
}

/** What is wrong with the filter; a token of a page that has gone stale is none of its faults. */
function wrongIn(error: unknown): Complaint | undefined {
  const complaint = complaintOf(error)
  if (complaint !== undefined) return complaint
  if (!(error instanceof SteadError) || error.code !== 'invalid_request') return undefined
  return { says: error.message, at: 0, length: 0 }
}

const NoMatch = ({ onClear }: { onClear: () => void }) => (
  <Empty title={words.noMatch} says={words.noMatchSays} act={<Button onClick={onClear}>{words.clear}</Button>} />
)
