import { changeLoggedModel } from '@stead/contracts'
import type { LoggedModel, LoggedModelMetric } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useMay } from '../../frame/may.ts'
import { WithSide } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { loggedModels as words } from '../../strings/logged-models.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { measure } from '../../ui/plot/measure.ts'
import { Table } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { KeyedTable } from '../runs/keyed-table.tsx'
import type { KeyedRow } from '../runs/keyed-rows.ts'
import { RunLink } from '../runs/run-facts.tsx'
import { VersionLine } from '../runs/run-made.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { TagsPanel } from '../runs/tags-panel.tsx'
import { useLoggedModelReading } from './logged-model-page.tsx'
import { loggedModelKey } from './logged-models.queries.ts'

/** What a logged model was made with, and how good it is. */
export function LoggedModelOverview() {
  const project = useProject()
  const queries = useQueryClient()
  const model = useLoggedModelReading().data
  const { because } = useMay('logged-model.change')
  const params = useMemo(
    () => Object.entries(model?.params ?? {}).map(([key, text]): KeyedRow => ({ key, text })),
    [model],
  )
  if (!model) return null
  return (
    <WithSide
      side={
        <>
          <ModelFacts model={model} />
          <TagsPanel
            name={model.name}
            tags={model.tags}
            because={because}
            onChange={async (tags) => {
              const body = { tags }
              const after = await client.call(changeLoggedModel, { params: { project, model: model.id }, body })
              queries.setQueryData(loggedModelKey(project, model.id), after)
            }}
          />
        </>
      }
    >
      <Metrics metrics={model.metrics} />
      <KeyedTable title={words.params} search={words.searchParams} none={words.noParams} rows={params} />
    </WithSide>
  )
}

const idOf = ({ key, run, dataset }: LoggedModelMetric) => [key, run, dataset?.name, dataset?.digest].join(' ')

function Metrics({ metrics }: { metrics: readonly LoggedModelMetric[] }) {
  const project = useProject()
  return (
    <Panel title={words.metrics}>
      {metrics.length === 0 ? (
        <p className="pad dim">{words.noMetrics}</p>
      ) : (
        <Table
          label={words.metrics}
          rows={metrics}
          keyOf={idOf}
          columns={[
            {
              id: 'metric',
              title: words.metric,
              phone: 'name',
              cell: ({ key }) => <span className="wrap">{key}</span>,
            },
            {
              id: 'value',
              title: words.value,
              align: 'end',
              phone: 'state',
              cell: ({ value }) => <span title={String(value)}>{measure(Number(value))}</span>,
            },
            { id: 'step', title: words.step, align: 'end', cell: ({ step }) => step },
            {
              id: 'dataset',
              title: words.dataset,
              cell: ({ dataset }) => (dataset === null ? words.none : `${dataset.name} ${dataset.digest}`),
            },
            { id: 'run', title: words.measuredBy, cell: ({ run }) => <RunLink project={project} run={run} /> },
          ]}
        />
      )}
    </Panel>
  )
}

function ModelFacts({ model }: { model: LoggedModel }) {
  const project = useProject()
  const experiment = useQuery(experimentNameQuery(project, model.experiment)).data ?? String(model.experiment)
  return (
    <Panel title={words.facts} padded>
      <Facts>
        <Fact name={words.type}>{model.type || <span className="faint">{words.notTold}</span>}</Fact>
        <Fact name={words.run}>
          {model.run === null ? (
            <span className="faint">{words.notTold}</span>
          ) : (
            <RunLink project={project} run={model.run} />
          )}
        </Fact>
        <Fact name={words.experiment}>
          <Link
            to="/p/$project/experiments/$experiment"
            params={{ project, experiment: String(model.experiment) }}
            className="link wrap"
          >
            {experiment}
          </Link>
        </Fact>
        <Fact name={words.made}>
          <Ago at={model.createdAt} />
        </Fact>
        <Fact name={words.registered}>
          {model.versions.length === 0 ? (
            <span className="faint">{words.notRegistered}</span>
          ) : (
            model.versions.map((version) => (
              <VersionLine key={`${version.model}/${version.version}`} project={project} version={version} />
            ))
          )}
        </Fact>
        <Copied name={words.id} text={model.id} />
        <Copied name={words.artifacts} text={model.artifactUri} />
      </Facts>
    </Panel>
  )
}

const Copied = ({ name, text }: { name: string; text: string }) => (
  <Fact name={name}>
    <span className="row">
      <code className="wrap">{text}</code>
      <CopyButton text={text} />
    </span>
  </Fact>
)
