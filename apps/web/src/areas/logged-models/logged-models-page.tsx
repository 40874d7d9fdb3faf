import { SteadError } from '@stead/contracts'
import type { ExperimentId, LoggedModel, ProjectName } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { loggedModels as words } from '../../strings/logged-models.ts'
import { Button } from '../../ui/button.tsx'
import { NameField } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { measure } from '../../ui/plot/measure.ts'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { ExperimentPart } from '../experiments/experiment-part.tsx'
import { RunLink } from '../runs/run-facts.tsx'
import { VersionLine } from '../runs/run-made.tsx'
import { LoggedModelState } from './logged-model-state.tsx'
import { loggedModelsQuery } from './logged-models.queries.ts'

/** The models that the runs of an experiment made. */
export const LoggedModelsPage = () => (
  <ExperimentPart>{(experiment) => <LoggedModels experiment={experiment} />}</ExperimentPart>
)

/** The list alone, for whatever page of an experiment it stands on. */
export function LoggedModels({ experiment }: { experiment: ExperimentId }) {
  const project = useProject()
  const navigate = useNavigate()
  const { filter = '' } = useSearch({ strict: false }) as { filter?: string }
  const [text, setText] = useState(filter)
  const reading = useInfiniteQuery(loggedModelsQuery(project, experiment, filter))
  const wrong =
    reading.error instanceof SteadError && reading.error.code === 'invalid_request' ? reading.error.message : undefined
  const columns = useMemo(() => columnsOf(project), [project])
  const look = (wanted: string) => {
    setText(wanted)
    void navigate({
      to: '.',
      search: (before) => ({ ...before, filter: wanted === '' ? undefined : wanted }) as never,
      replace: true,
    })
  }
  const open = ({ id }: LoggedModel) =>
    void navigate({ to: '/p/$project/logged-models/$loggedModel', params: { project, loggedModel: id } })
  const isFirst = filter === '' && reading.data?.pages.every((page) => page.loggedModels.length === 0) === true
  return (
    <>
      {!isFirst && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            look(text.trim())
          }}
        >
          <NameField label={words.filter} hint={words.filterHint} error={wrong} value={text} onChange={setText} />
        </form>
      )}
      <Panel label={words.title}>
        {wrong !== undefined && <NoModels filter={filter} onClear={() => look('')} />}
        {wrong === undefined && (
          <Reading of={reading} what={words.what} rows={6}>
            {({ pages }) => {
              const rows = pages.flatMap((page) => page.loggedModels)
              if (rows.length === 0) return <NoModels filter={filter} onClear={() => look('')} />
              return <Table label={words.title} columns={columns} rows={rows} keyOf={({ id }) => id} onOpen={open} />
            }}
          </Reading>
        )}
        {reading.hasNextPage && (
          <div className="pad">
            <Button size="small" busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        )}
      </Panel>
    </>
  )
}

const NoModels = ({ filter, onClear }: { filter: string; onClear: () => void }) =>
  filter === '' ? (
    <Empty title={words.empty} says={words.emptySays} command={words.command} />
  ) : (
    <Empty title={words.noMatch} says={words.noMatchSays} act={<Button onClick={onClear}>{words.clear}</Button>} />
  )

const columnsOf = (project: ProjectName): Column<LoggedModel>[] => [
  {
    id: 'name',
    title: words.name,
    phone: 'name',
    cell: ({ id, name }) => (
      <Link to="/p/$project/logged-models/$loggedModel" params={{ project, loggedModel: id }} className="link wrap">
        {name}
      </Link>
    ),
  },
  { id: 'status', title: words.status, phone: 'state', cell: ({ status }) => <LoggedModelState status={status} /> },
  { id: 'type', title: words.type, cell: ({ type }) => type || words.none },
  {
    id: 'run',
    title: words.run,
    cell: ({ run }) => (run === null ? words.none : <RunLink project={project} run={run} />),
  },
  {
    id: 'metrics',
    title: words.metrics,
    phone: 'line',
    cell: ({ metrics }) => (
      <span className={`dim num wrap ${metrics.length === 0 ? 'not-on-phone' : ''}`}>
        {metrics
          .slice(0, SOME)
          .map(({ key, value }) => `${key} ${measure(Number(value))}`)
          .join(', ') || words.none}
      </span>
    ),
  },
  {
    id: 'versions',
    title: words.registered,
    phone: 'line',
    cell: ({ versions }) =>
      versions.length === 0 ? (
        <span className="faint">{words.notRegistered}</span>
      ) : (
        versions.map((version) => (
          <VersionLine key={`${version.model}/${version.version}`} project={project} version={version} />
        ))
      ),
  },
  { id: 'made', title: words.made, cell: ({ createdAt }) => <Ago at={createdAt} /> },
]

const SOME = 3
