import { ExperimentId } from '@stead/contracts'
import type { ExperimentSummary } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useState } from 'react'
import { NotFound } from '../../frame/fallbacks.tsx'
import { Page } from '../../frame/page.tsx'
import type { Crumb } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { isNotFound, sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { experiments as nouns } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { runs as words } from '../../strings/runs.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { ExperimentActs } from './experiment-acts.tsx'
import { NOTE_TAG, NoteAsk, PurgeAsk, RenameAsk } from './experiment-asks.tsx'
import { ExperimentTabs } from './experiment-tabs.tsx'
import { experimentQuery } from './experiments.queries.ts'
import { FirstRun } from './first-run.tsx'
import { RunsTable } from './runs-table.tsx'
import { keysQuery, newestKeysQuery } from './runs.queries.ts'
import { useLook } from './use-look.ts'

const Note = lazy(() => import('./experiment-note.tsx').then((module) => ({ default: module.ExperimentNote })))

const AGAIN_MS = 15_000

/** The runs of an experiment, and what is done with it. */
export function RunsPage() {
  const project = useProject()
  const { experiment: asked = '' } = useParams({ strict: false })
  const id = ExperimentId.safeParse(asked).data
  const reading = useQuery({
    ...experimentQuery(project, id ?? (0 as ExperimentId)),
    enabled: id !== undefined,
    refetchInterval: AGAIN_MS,
  })
  if (id === undefined || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(nouns.notFound, { id: asked, project })} />
  const crumbs: readonly Crumb[] = [
    { label: nouns.title, link: { to: '/p/$project/experiments', params: { project } } },
  ]
  if (reading.data === undefined)
    return (
      <Page title={say(runWords.experiment, { id: asked })} crumbs={crumbs} wide>
        <ExperimentTabs experiment={id} />
        <Panel>
          <Reading of={reading} what={nouns.whatOne} rows={8}>
            {() => null}
          </Reading>
        </Panel>
      </Page>
    )
  return <Experiment key={`${project} ${id}`} experiment={reading.data} crumbs={crumbs} />
}

function Experiment({ experiment, crumbs }: { experiment: ExperimentSummary; crumbs: readonly Crumb[] }) {
  const project = useProject()
  const navigate = useNavigate()
  const inUse = useLook(experiment.id)
  const { asked, ask } = inUse
  const close = () => ask(undefined)
  const note = experiment.tags[NOTE_TAG]
  return (
    <Page
      title={experiment.name}
      crumbs={crumbs}
      wide
      note={
        experiment.running > 0 && (
          <StateWord is="moving">{say(nouns.isRunning, { count: experiment.running })}</StateWord>
        )
      }
      acts={<ExperimentActs experiment={experiment} onAsk={ask} />}
    >
      {experiment.lifecycle === 'deleted' && (
        <Banner is="off">{say(nouns.isDeleted, { name: experiment.name })}</Banner>
      )}
      <ExperimentTabs experiment={experiment.id} runs={experiment.runs} />
      {note !== undefined && note.trim() !== '' && (
        <Suspense>
          <Note text={note} />
        </Suspense>
      )}
      <Runs experiment={experiment} inUse={inUse} />
      {asked === 'rename' && <RenameAsk experiment={experiment} onClose={close} />}
      {asked === 'note' && <NoteAsk experiment={experiment} onClose={close} />}
      {asked === 'purge' && (
        <PurgeAsk
          experiment={experiment}
          onClose={close}
          onGone={() => void navigate({ to: '/p/$project/experiments', params: { project } })}
        />
      )}
    </Page>
  )
}

function Runs({ experiment, inUse }: { experiment: ExperimentSummary; inUse: ReturnType<typeof useLook> }) {
  const project = useProject()
  const newest = useQuery(newestKeysQuery(project, experiment.id))
  // Asked for once there is something to see: one database answers one after the other.
  const [isSeen, setSeen] = useState(false)
  const onSeen = useCallback(() => setSeen(true), [])
  const keys = useQuery({ ...keysQuery(project, experiment.id), enabled: isSeen })
  const unread = keys.isError ? { why: sentenceOf(keys.error), onAgain: () => void keys.refetch() } : undefined
  const { look } = inUse
  // Deleted ones may be all there are.
  const isFirst = experiment.lastRunAt === null && look.state === 'active' && look.filter === ''
  if (isFirst)
    return (
      <Panel label={nouns.first.title}>
        <FirstRun experiment={experiment.name} />
      </Panel>
    )
  if (newest.data === undefined || inUse.isPending)
    return (
      <Panel>
        <Reading of={newest} what={words.what} rows={10}>
          {() => null}
        </Reading>
      </Panel>
    )
  return (
    <RunsTable
      experiment={experiment}
      known={keys.data ?? newest.data}
      newest={newest.data}
      unread={unread}
      inUse={inUse}
      onSeen={onSeen}
    />
  )
}
