import type { ModelName } from '@stead/contracts'
import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Upload } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject, useSummary } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { uploads as uploadWords } from '../../strings/uploads.ts'
import { Button } from '../../ui/button.tsx'
import { ListTools } from '../../ui/list-tools.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { DropZone } from '../uploads/drop-zone.tsx'
import { openPush } from '../uploads/store.ts'
import { UploadsPanel } from '../uploads/tray.tsx'
import { columnsFor } from './model-columns.tsx'
import { keyOf, rowsOf, SHOWN_VERSIONS } from './model-rows.ts'
import type { ModelRow, Opened } from './model-rows.ts'
import css from './models.module.css'
import { modelsQuery, newestQuery, servingQuery } from './models.queries.ts'

const SHOWS = [
  { value: 'all', label: words.all },
  { value: 'serving', label: words.serving },
] as const

/** All models: found by name, alias or digest, each to be opened to its newest versions. */
export function ModelsPage() {
  const project = useProject()
  const navigate = useNavigate()
  const { q = '', show } = useSearch({ strict: false }) as { q?: string; show?: string }
  const isServing = show === 'serving'
  const reading = useInfiniteQuery(modelsQuery(project, q, isServing))
  const total = reading.data?.pages[0]?.total
  const isFiltered = q !== '' || isServing
  const look = (part: { q?: string | undefined; show?: string | undefined; do?: string }) =>
    void navigate({ to: '.', search: (before) => ({ ...before, ...part }) as never, replace: part.do === undefined })
  const push = () => look({ do: 'push' })
  const { because } = useMay('version.create')
  useActs([{ id: 'push', label: words.push, key: 'n', icon: <Upload size={14} />, because, run: push }])
  return (
    <Page
      title={words.title}
      note={<Counts total={total} isFiltered={isFiltered} />}
      acts={
        <Button look="filled" icon={<Upload />} because={because} onClick={push}>
          {words.push}
        </Button>
      }
    >
      {(total !== 0 || isFiltered) && (
        <ListTools
          search={words.search}
          q={q}
          onSearch={(wanted) => look({ q: wanted })}
          show={words.show}
          shown={isServing ? 'serving' : 'all'}
          options={SHOWS}
          onShow={(part) => look({ show: part === 'serving' ? part : undefined })}
        />
      )}
      <UploadsPanel />
      <Panel label={words.title}>
        <Reading of={reading} what={words.what} rows={8}>
          {({ pages }) =>
            total === 0 ? (
              <Nothing
                q={q}
                isFiltered={isFiltered}
                onPush={push}
                onClear={() => look({ q: undefined, show: undefined })}
              />
            ) : (
              <ModelTable
                pages={pages}
                onEnd={reading.hasNextPage && !reading.isFetchingNextPage ? reading.fetchNextPage : undefined}
              />
            )
          }
        </Reading>
      </Panel>
      {because === undefined && (
        <DropZone says={uploadWords.dropAnywhere} command onFiles={(files) => openPush({ files })} />
      )}
    </Page>
  )
}

function Counts({ total, isFiltered }: { total: number | undefined; isFiltered: boolean }) {
  const summary = useSummary(useProject())
  if (isFiltered) return total === undefined ? null : <>{say(words.found, { count: total })}</>
  if (!summary) return null
  return (
    <>
      {say(words.counts, {
        models: say(words.countModels, { count: summary.models }),
        versions: say(words.countVersions, { count: summary.versions }),
      })}
    </>
  )
}

function Nothing({
  q,
  isFiltered,
  onPush,
  onClear,
}: {
  q: string
  isFiltered: boolean
  onPush: () => void
  onClear: () => void
}) {
  const { because } = useMay('version.create')
  if (isFiltered)
    return (
      <Empty
        title={words.noneTitle}
        says={<span className="wrap">{q === '' ? words.noneServing : say(words.noneSays, { text: q })}</span>}
        act={<Button onClick={onClear}>{words.clear}</Button>}
      />
    )
  return (
    <Empty
      title={words.emptyTitle}
      says={words.emptySays}
      act={
        <Button icon={<Upload />} because={because} onClick={onPush}>
          {words.push}
        </Button>
      }
      command={uploadWords.command}
    />
  )
}

function ModelTable({
  pages,
  onEnd,
}: {
  pages: readonly { readonly models: Parameters<typeof rowsOf>[0] }[]
  onEnd: (() => unknown) | undefined
}) {
  const project = useProject()
  const navigate = useNavigate()
  const [open, setOpen] = useState<readonly string[]>([])
  const toggle = useCallback(
    (model: string) =>
      setOpen((before) => (before.includes(model) ? before.filter((one) => one !== model) : [...before, model])),
    [],
  )
  const opened = useOpened(open)
  const rows = useMemo(
    () =>
      rowsOf(
        pages.flatMap(({ models }) => models),
        opened,
      ),
    [pages, opened],
  )
  const columns = useMemo(() => columnsFor(project, toggle), [project, toggle])
  const go = useCallback(
    (row: ModelRow) => {
      if (row.kind !== 'version') {
        void navigate({ to: '/p/$project/models/$model', params: { project, model: row.model.name } })
        return
      }
      const { model, version } = row.version
      void navigate({ to: '/p/$project/models/$model/$version', params: { project, model, version: String(version) } })
    },
    [navigate, project],
  )
  return (
    <Table
      label={words.title}
      columns={columns}
      rows={rows}
      keyOf={keyOf}
      rowHeight={46}
      fixed
      onOpen={go}
      onEnd={onEnd && (() => void onEnd())}
      classOf={classOfRow}
    />
  )
}

const classOfRow = (row: ModelRow) => (row.kind === 'model' ? (row.isOpen ? css.opened : undefined) : css.sub)

/** What the open models' rows show, read as they are opened. */
function useOpened(open: readonly string[]): ReadonlyMap<string, Opened> {
  const project = useProject()
  return useQueries({
    queries: open.flatMap((model) => [
      // One more than is shown, for the last of them to be compared with.
      newestQuery(project, model as ModelName, SHOWN_VERSIONS + 1),
      servingQuery(project, model as ModelName),
    ]),
    combine: (readings) =>
      new Map(
        open.map((model, index) => {
          const versions = readings[index * 2]?.data as { versions: Opened['versions'] } | undefined
          const serving = readings[index * 2 + 1]?.data as { spans: Opened['spans'] } | undefined
          return [model, { versions: versions?.versions, spans: serving?.spans ?? [] }]
        }),
      ),
  })
}
