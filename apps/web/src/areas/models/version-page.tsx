import { deleteVersion, VersionNumber } from '@stead/contracts'
import type { Model, ModelName, ServingSpan, Version } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Tag, Trash2 } from 'lucide-react'
import { useState } from 'react'
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
import { say, show } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { percent } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { tell } from '../../ui/toast.tsx'
import { Swatch } from '../deployments/version.tsx'
import { AddAlias, AliasChip } from './alias-chip.tsx'
import { AliasDialog } from './alias-dialogs.tsx'
import type { AliasQuestion } from './alias-dialogs.tsx'
import { whyHeld } from './held.ts'
import { modelQuery, servingQuery, versionQuery } from './models.queries.ts'
import { SwapInto } from './swap-into.tsx'
import { useAliasActs } from './use-alias-acts.ts'
import css from './version-page.module.css'

/** The version of the address; undefined where its number is none. */
export function useVersion(): { model: ModelName; number: VersionNumber | undefined } {
  const { model, version } = useParams({ strict: false })
  return { model: model as ModelName, number: VersionNumber.safeParse(version).data }
}

export function useVersionReading() {
  const project = useProject()
  const { model, number } = useVersion()
  return useQuery({ ...versionQuery(project, model, number ?? (1 as VersionNumber)), enabled: number !== undefined })
}

/** One version: what it takes and gives, what is in it, and where it serves. */
export function VersionPage() {
  const project = useProject()
  const { model: name, number } = useVersion()
  const { version: asked = '' } = useParams({ strict: false })
  const reading = useVersionReading()
  if (number === undefined || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(words.notFoundVersion, { version: asked, name, project })} />
  return (
    <Page
      title={`v${number}`}
      headed
      crumbs={[
        { label: frame.models, link: { to: '/p/$project/models', params: { project } } },
        { label: name, link: { to: '/p/$project/models/$model', params: { project, model: name } } },
      ]}
      acts={reading.data && <Acts version={reading.data} />}
    >
      {reading.data ? (
        <>
          <Head version={reading.data} />
          <Outlet />
        </>
      ) : (
        <Panel>
          <Reading of={reading} what={words.whatVersion} rows={6}>
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

function Acts({ version }: { version: Version }) {
  const open = useDo()
  const alias = useMay('alias.set').because
  const remove = useMay('version.delete').because
  useActs([
    { id: 'alias', label: words.addAliasAct, icon: <Tag size={14} />, because: alias, run: () => open('alias') },
    {
      id: 'delete',
      label: words.deleteVersion,
      icon: <Trash2 size={14} />,
      because: remove,
      run: () => open('delete'),
    },
  ])
  return (
    <>
      <SwapInto model={version.model} version={version.version} />
      <Menu
        trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
        items={[
          { label: words.addAliasAct, icon: <Tag />, because: alias, onSelect: () => open('alias') },
          {
            label: words.deleteVersion,
            icon: <Trash2 />,
            danger: true,
            because: remove,
            onSelect: () => open('delete'),
          },
        ]}
      />
    </>
  )
}

const NONE: readonly ServingSpan[] = []

function Head({ version }: { version: Version }) {
  const project = useProject()
  const params = { project, model: version.model, version: String(version.version) }
  const model = useQuery(modelQuery(project, version.model)).data
  const spans = useQuery(servingQuery(project, version.model, version.version)).data?.spans ?? NONE
  return (
    <>
      <Heading
        name={
          <span className={css.name}>
            <span className="wrap">{version.model}</span>
            <span className={css.version}>
              <Swatch version={version.version} />v{version.version}
            </span>
          </span>
        }
        beside={model && <Aliases version={version} model={model} />}
        aside={<Where spans={spans} />}
        says={version.description}
      />
      <Tabs
        label={words.tabs.label}
        tabs={[
          { label: words.tabs.overview, link: { to: '/p/$project/models/$model/$version', params } },
          { label: words.tabs.graph, link: { to: '/p/$project/models/$model/$version/graph', params } },
          {
            label: words.tabs.files,
            count: version.files.length,
            link: { to: '/p/$project/models/$model/$version/files', params },
          },
        ]}
      />
      <Dialogs version={version} model={model} spans={spans} />
    </>
  )
}

function Aliases({ version: { version, aliases, model: name }, model }: { version: Version; model: Model }) {
  const project = useProject()
  const acts = useAliasActs(project, name)
  const open = useDo()
  const [question, setQuestion] = useState<AliasQuestion>()
  return (
    <>
      {aliases.map((alias) => (
        <AliasChip
          key={alias}
          alias={alias}
          onMove={() => setQuestion({ is: 'move', alias, from: version })}
          onRemove={() => void acts.remove(alias, version)}
        />
      ))}
      <AddAlias version={version} onAdd={() => open('alias')} />
      {question && <AliasDialog model={model} question={question} acts={acts} onClose={() => setQuestion(undefined)} />}
    </>
  )
}

const SHOWN = 3

/** Where it answers now, in words. */
function Where({ spans }: { spans: readonly ServingSpan[] }) {
  const project = useProject()
  const current = spans.filter(({ until }) => until === null).slice(0, SHOWN)
  if (current.length === 0) return <span className="faint">{words.servesNowhere}</span>
  return (
    <span className={css.where}>
      {current.map(({ deployment, role, share }) => {
        const link = (
          <Link to="/p/$project/deployments/$deployment" params={{ project, deployment }} className="link wrap">
            {deployment}
          </Link>
        )
        return (
          <span key={`${deployment} ${role}`} className="row">
            <StateMark is={role === 'shadow' ? 'shadow' : 'serving'} />
            <span>
              {role === 'shadow'
                ? show(words.shadowsNow, { deployment: link })
                : show(words.servesNow, { share: percent(share), deployment: link })}
            </span>
          </span>
        )
      })}
    </span>
  )
}

function Dialogs({
  version,
  model,
  spans,
}: {
  version: Version
  model: Model | undefined
  spans: readonly ServingSpan[]
}) {
  const project = useProject()
  const open = useDo()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const search = useSearch({ strict: false }) as { do?: string }
  const acts = useAliasActs(project, version.model)
  const close = () => open(undefined)
  const thing = `${version.model} v${version.version}`
  const { because } = useMay('version.delete')
  if (search.do === 'alias' && model)
    return <AliasDialog model={model} question={{ is: 'add', to: version.version }} acts={acts} onClose={close} />
  if (search.do !== 'delete') return null
  const remove = async () => {
    await client.call(deleteVersion, { params: { project, model: version.model, version: version.version } })
    tell(say(words.deleted, { thing }))
    await navigate({ to: '/p/$project/models/$model', params: { project, model: version.model } })
    await queries.invalidateQueries({ queryKey: readings.model(project, version.model) })
  }
  return (
    <ConfirmDialog
      title={say(words.deleteVersionTitle, { model: version.model, version: version.version })}
      says={words.deleteVersionSays}
      act={words.deleteVersion}
      name={thing}
      because={because}
      onConfirm={remove}
      onClose={close}
      failureOf={(error) => whyHeld(error, thing, spans)}
    />
  )
}
