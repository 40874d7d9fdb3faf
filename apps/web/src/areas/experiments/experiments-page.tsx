import type { ExperimentSummary } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { experiments as words } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { ListTools } from '../../ui/list-tools.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { experimentColumns } from './experiment-columns.tsx'
import { CreateAsk, NoteAsk, PurgeAsk, RenameAsk } from './experiment-asks.tsx'
import { GarbagePanel } from '../garbage/garbage-panel.tsx'
import { experimentsQuery } from './experiments.queries.ts'
import { FirstRun } from './first-run.tsx'

interface Look {
  readonly q?: string | undefined
  readonly show?: string | undefined
  readonly do?: string | undefined
  readonly experiment?: string | undefined
}

const SHOWS = [
  { value: 'active', label: words.shows.active },
  { value: 'deleted', label: words.shows.deleted },
] as const

/** All experiments of the project, those with the latest runs first. */
export function ExperimentsPage() {
  const project = useProject()
  const navigate = useNavigate()
  const { q = '', show, do: asked, experiment: about } = useSearch({ strict: false }) as Look
  const lifecycle = show === 'deleted' ? 'deleted' : 'active'
  const reading = useInfiniteQuery(experimentsQuery(project, q, lifecycle))
  const total = reading.data?.pages[0]?.total
  const look = (part: Look) =>
    void navigate({ to: '.', search: (before) => ({ ...before, ...part }) as never, replace: part.do === undefined })
  const close = () => look({ do: undefined, experiment: undefined })
  const open = (id: number) =>
    void navigate({ to: '/p/$project/experiments/$experiment', params: { project, experiment: String(id) } })
  const { because } = useMay('experiment.create')
  const mayCollect = useMay('project.collect').isAllowed
  const create = () => look({ do: 'create' })
  useActs([{ id: 'new', label: words.create, key: 'n', icon: <Plus size={14} />, because, run: create }])
  const rows = useMemo(() => reading.data?.pages.flatMap(({ experiments }) => experiments) ?? [], [reading.data])
  const subject = rows.find(({ id }) => String(id) === about)
  return (
    <Page
      title={words.title}
      note={total !== undefined && countOf(total, q, lifecycle)}
      acts={
        <Button look="filled" icon={<Plus />} because={because} onClick={create}>
          {words.create}
        </Button>
      }
    >
      <ListTools
        search={words.search}
        q={q}
        onSearch={(wanted) => look({ q: wanted })}
        show={words.show}
        shown={lifecycle}
        options={SHOWS}
        onShow={(part) => look({ show: part === 'deleted' ? part : undefined })}
      />
      <Panel label={words.title}>
        <Reading of={reading} what={words.what} rows={6}>
          {() =>
            rows.length === 0 ? (
              <Nothing q={q} lifecycle={lifecycle} onClear={() => look({ q: undefined, show: undefined })} />
            ) : (
              <List
                rows={rows}
                onOpen={open}
                onAsk={(ask, { id }) => look({ do: ask, experiment: String(id) })}
                onEnd={reading.hasNextPage && !reading.isFetchingNextPage ? reading.fetchNextPage : undefined}
              />
            )
          }
        </Reading>
      </Panel>
      {isFirst(rows, q, lifecycle) && (
        <Panel label={words.first.title}>
          <FirstRun />
        </Panel>
      )}
      {lifecycle === 'deleted' && mayCollect && <GarbagePanel project={project} />}
      {asked === 'create' && <CreateAsk onMade={open} onClose={close} />}
      {subject && asked === 'rename' && <RenameAsk experiment={subject} onClose={close} />}
      {subject && asked === 'note' && <NoteAsk experiment={subject} onClose={close} />}
      {subject && asked === 'purge' && <PurgeAsk experiment={subject} onClose={close} />}
    </Page>
  )
}

function countOf(count: number, q: string, lifecycle: 'active' | 'deleted'): string {
  if (q !== '') return say(words.found, { count })
  return say(lifecycle === 'deleted' ? words.deletedCount : words.count, { count })
}

/** Nobody has logged anything here yet. */
const isFirst = (rows: readonly ExperimentSummary[], q: string, lifecycle: string) =>
  lifecycle === 'active' && q === '' && rows.length > 0 && rows.every(({ lastRunAt }) => lastRunAt === null)

function Nothing({ q, lifecycle, onClear }: { q: string; lifecycle: string; onClear: () => void }) {
  if (q !== '')
    return (
      <Empty
        title={words.noneTitle}
        says={<span className="wrap">{say(words.noneSays, { text: q })}</span>}
        act={<Button onClick={onClear}>{words.clear}</Button>}
      />
    )
  if (lifecycle === 'deleted') return <Empty title={words.noneDeleted} says={words.noneDeletedSays} />
  return <FirstRun />
}

function List({
  rows,
  onOpen,
  onAsk,
  onEnd,
}: {
  rows: readonly ExperimentSummary[]
  onOpen: (id: number) => void
  onAsk: (ask: string, experiment: ExperimentSummary) => void
  onEnd: (() => unknown) | undefined
}) {
  const project = useProject()
  return (
    <Table
      label={words.title}
      columns={experimentColumns(project, onAsk)}
      rows={rows}
      keyOf={({ id }) => String(id)}
      onOpen={({ id }) => onOpen(id)}
      {...(onEnd ? { onEnd: () => void onEnd() } : {})}
    />
  )
}
