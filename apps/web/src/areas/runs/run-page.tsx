import { RunId } from '@stead/contracts'
import type { Run } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { NotFound } from '../../frame/fallbacks.tsx'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Panel } from '../../ui/panel.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { isSystem } from './metric-groups.ts'
import { RunActs } from './run-acts.tsx'
import { RunDialogs } from './run-dialogs.tsx'
import { RunState, Took } from './run-state.tsx'
import { experimentNameQuery, runQuery } from './runs.queries.ts'
import { useFollowedRun } from './use-followed-run.ts'

/** The run of the address; undefined where its id is none. */
export const useRunId = (): RunId | undefined => RunId.safeParse(useParams({ strict: false }).run).data

const NO_ID = '-' as RunId

export function useRunReading() {
  const project = useProject()
  const id = useRunId()
  return useQuery({ ...runQuery(project, id ?? NO_ID), enabled: id !== undefined })
}

/** One run: what it was given, what came out, and what it kept. */
export function RunPage() {
  const project = useProject()
  const { run: asked = '' } = useParams({ strict: false })
  const id = useRunId()
  const reading = useRunReading()
  const run = reading.data
  useFollowedRun(project, run)
  const experiment = useExperimentName(run)
  if (id === undefined || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(words.notFound, { run: asked, project })} />
  return (
    <Page
      title={run?.name ?? asked}
      headed
      crumbs={[
        { label: words.experiments, link: { to: '/p/$project/experiments', params: { project } } },
        ...(run
          ? [
              {
                label: experiment,
                link: {
                  to: '/p/$project/experiments/$experiment' as const,
                  params: { project, experiment: String(run.experiment) },
                },
              },
            ]
          : []),
      ]}
      acts={run && <RunActs run={run} />}
    >
      {run ? (
        <>
          <Head run={run} />
          <Outlet />
          <RunDialogs run={run} />
        </>
      ) : (
        <Panel>
          <Reading of={reading} what={words.what} rows={6}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

function useExperimentName(run: Run | undefined): string {
  const project = useProject()
  const named = useQuery({
    ...experimentNameQuery(project, run?.experiment ?? (0 as Run['experiment'])),
    enabled: run !== undefined,
  })
  return named.data ?? say(words.experiment, { id: String(run?.experiment ?? '') })
}

function Head({ run }: { run: Run }) {
  const project = useProject()
  const params = { project, run: run.id }
  const keys = Object.keys(run.metrics)
  const system = keys.filter(isSystem).length
  const isLive = run.status === 'RUNNING' && run.endedAt === null
  return (
    <>
      {run.lifecycle === 'deleted' && <Banner is="off">{words.deletedBanner}</Banner>}
      <Heading
        name={run.name}
        beside={<RunState status={run.status} />}
        aside={
          <span className="dim">
            {isLive ? words.running : words.took} <Took {...run} isLive={isLive} />
          </span>
        }
      />
      <Tabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.overview, link: { to: '/p/$project/runs/$run', params } },
          {
            label: words.tabs.metrics,
            count: keys.length - system,
            link: { to: '/p/$project/runs/$run/metrics', params },
          },
          ...(system > 0
            ? [
                {
                  label: words.tabs.system,
                  count: system,
                  link: { to: '/p/$project/runs/$run/system' as const, params },
                },
              ]
            : []),
          { label: words.tabs.files, link: { to: '/p/$project/runs/$run/files', params } },
        ]}
      />
    </>
  )
}
