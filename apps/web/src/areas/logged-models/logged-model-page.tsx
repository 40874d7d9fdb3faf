import { deleteLoggedModel, LoggedModelId } from '@stead/contracts'
import type { LoggedModel } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Trash2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { isNotFound, sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { frame } from '../../strings/frame.ts'
import { loggedModels as words } from '../../strings/logged-models.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { tell } from '../../ui/toast.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { useDo } from '../runs/use-do.ts'
import { LoggedModelState } from './logged-model-state.tsx'
import { loggedModelQuery } from './logged-models.queries.ts'

const NO_ID = 'm-0' as LoggedModelId

export function useLoggedModelReading() {
  const project = useProject()
  const id = LoggedModelId.safeParse(useParams({ strict: false }).loggedModel).data
  return useQuery({ ...loggedModelQuery(project, id ?? NO_ID), enabled: id !== undefined })
}

/** One logged model: what it was made with, how good it is, what is in it. */
export function LoggedModelPage() {
  const project = useProject()
  const { loggedModel: asked = '' } = useParams({ strict: false })
  const reading = useLoggedModelReading()
  const model = reading.data
  const experiment = useQuery({
    ...experimentNameQuery(project, model?.experiment ?? (0 as LoggedModel['experiment'])),
    enabled: model !== undefined,
  }).data
  if (!LoggedModelId.safeParse(asked).success || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(words.notFound, { model: asked, project })} />
  const of = { project, experiment: String(model?.experiment) }
  return (
    <Page
      title={model?.name ?? asked}
      headed
      crumbs={[
        { label: runWords.experiments, link: { to: '/p/$project/experiments', params: { project } } },
        ...(model
          ? [
              {
                label: experiment ?? say(runWords.experiment, { id: of.experiment }),
                link: { to: '/p/$project/experiments/$experiment' as const, params: of },
              },
              { label: words.title, link: { to: '/p/$project/experiments/$experiment/models' as const, params: of } },
            ]
          : []),
      ]}
      acts={model && <Acts />}
    >
      {model ? (
        <>
          <Head model={model} />
          <Outlet />
          <DeleteDialog model={model} />
        </>
      ) : (
        <Panel>
          <Reading of={reading} what={words.whatOne} rows={6}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

function Head({ model: { id, name, status, statusMessage } }: { model: LoggedModel }) {
  const project = useProject()
  const params = { project, loggedModel: id }
  return (
    <>
      <Heading name={name} beside={<LoggedModelState status={status} />} says={statusMessage} />
      <Tabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.overview, link: { to: '/p/$project/logged-models/$loggedModel', params } },
          { label: words.tabs.files, link: { to: '/p/$project/logged-models/$loggedModel/files', params } },
        ]}
      />
    </>
  )
}

function Acts() {
  const open = useDo()
  const { because } = useMay('logged-model.delete')
  useActs([{ id: 'delete', label: words.delete, icon: <Trash2 size={14} />, because, run: () => open('delete') }])
  return (
    <Menu
      trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
      items={[{ label: words.delete, icon: <Trash2 />, danger: true, because, onSelect: () => open('delete') }]}
    />
  )
}

function DeleteDialog({ model }: { model: LoggedModel }) {
  const project = useProject()
  const open = useDo()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('logged-model.delete')
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  if (asked !== 'delete') return null
  const remove = async () => {
    await client.call(deleteLoggedModel, { params: { project, model: model.id } })
    tell(say(words.deleted, { name: model.name }))
    await navigate({
      to: '/p/$project/experiments/$experiment/models',
      params: { project, experiment: String(model.experiment) },
    })
    await queries.invalidateQueries({ queryKey: readings.runs(project, model.experiment) })
  }
  return (
    <ConfirmDialog
      title={say(words.deleteTitle, { name: model.name })}
      says={words.deleteSays}
      act={words.delete}
      because={because}
      onConfirm={remove}
      onClose={() => open(undefined)}
      failureOf={sentenceOf}
    />
  )
}
