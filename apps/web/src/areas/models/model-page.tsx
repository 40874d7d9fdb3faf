import { deleteModel } from '@stead/contracts'
import type { Model, ModelName, ServingSpan } from '@stead/contracts'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Trash2, Upload } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { frame } from '../../strings/frame.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Panel } from '../../ui/panel.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { whyHeld } from './held.ts'
import { modelQuery, servingQuery, versionsQuery } from './models.queries.ts'
import { ServingBands } from './serving-bands.tsx'
import { SwapInto } from './swap-into.tsx'
import { VersionsTable } from './versions-table.tsx'

/** One model: its versions, where they serve, and the aliases that point at them. */
export function ModelPage() {
  const project = useProject()
  const { model: name } = useParams({ strict: false }) as { model: ModelName }
  const reading = useQuery(modelQuery(project, name))
  if (isNotFound(reading.error) && !reading.isFetching)
    return <NotFound says={say(words.notFoundModel, { name, project })} />
  return (
    <Page
      title={name}
      headed
      crumbs={[{ label: frame.models, link: { to: '/p/$project/models', params: { project } } }]}
      acts={reading.data && <Acts model={reading.data} />}
    >
      {reading.data ? (
        <Body model={reading.data} />
      ) : (
        <Panel>
          <Reading of={reading} what={words.whatModel} rows={6}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

function useDo() {
  const navigate = useNavigate()
  return (name: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, do: name }) as never, replace: name === undefined })
}

function Acts({ model }: { model: Model }) {
  const open = useDo()
  const push = useMay('version.create').because
  const remove = useMay('model.delete').because
  useActs([
    { id: 'push', label: words.push, key: 'n', icon: <Upload size={14} />, because: push, run: () => open('push') },
    { id: 'delete', label: words.deleteModel, icon: <Trash2 size={14} />, because: remove, run: () => open('delete') },
  ])
  return (
    <>
      <Button icon={<Upload />} because={push} onClick={() => open('push')}>
        {words.push}
      </Button>
      {model.latestVersion !== null && <SwapInto model={model.name} version={model.latestVersion} />}
      <Menu
        trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
        items={[
          { label: words.deleteModel, icon: <Trash2 />, danger: true, because: remove, onSelect: () => open('delete') },
        ]}
      />
    </>
  )
}

const NONE: readonly ServingSpan[] = []

function Body({ model }: { model: Model }) {
  const project = useProject()
  const open = useDo()
  const { because } = useMay('version.create')
  const search = useSearch({ strict: false }) as { do?: string }
  const reading = useInfiniteQuery(versionsQuery(project, model.name))
  const serving = useQuery(servingQuery(project, model.name))
  const spans = serving.data?.spans ?? NONE
  return (
    <>
      <Heading
        name={model.name}
        beside={<span className="dim">{say(words.countVersions, { count: model.versions })}</span>}
        says={model.description}
      />
      <Reading of={reading} what={words.whatVersions} rows={6}>
        {({ pages }) =>
          pages[0]?.versions.length === 0 ? (
            <Panel>
              <Empty
                title={words.noVersions}
                act={
                  <Button icon={<Upload />} because={because} onClick={() => open('push')}>
                    {words.push}
                  </Button>
                }
              />
            </Panel>
          ) : (
            <VersionsTable
              model={model}
              versions={pages.flatMap((page) => page.versions)}
              spans={spans}
              onEnd={
                reading.hasNextPage && !reading.isFetchingNextPage ? () => void reading.fetchNextPage() : undefined
              }
            />
          )
        }
      </Reading>
      <Panel title={words.whereServedModel} padded>
        <Reading of={serving} what={words.whatServing} rows={2}>
          {(data) => <ServingBands spans={data.spans} project={project} named />}
        </Reading>
      </Panel>
      {search.do === 'delete' && <DeleteModel model={model} spans={spans} onClose={() => open(undefined)} />}
    </>
  )
}

function DeleteModel({ model, spans, onClose }: { model: Model; spans: readonly ServingSpan[]; onClose: () => void }) {
  const project = useProject()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('model.delete')
  const remove = async () => {
    await client.call(deleteModel, { params: { project, model: model.name } })
    tell(say(words.deleted, { thing: model.name }))
    await navigate({ to: '/p/$project/models', params: { project } })
    await queries.invalidateQueries({ queryKey: readings.models(project) })
  }
  return (
    <ConfirmDialog
      title={say(words.deleteModelTitle, { model: model.name })}
      says={say(words.deleteModelSays, { count: model.versions })}
      act={words.deleteModel}
      name={model.name}
      because={because}
      onConfirm={remove}
      onClose={onClose}
      failureOf={(error) => whyHeld(error, model.name, spans)}
    />
  )
}
