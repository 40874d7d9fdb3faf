import { changeEvaluationSet, deleteEvaluationSet, EvaluationSetId } from '@stead/contracts'
import type { EvaluationRecord, EvaluationSet } from '@stead/contracts'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Trash2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page, WithSide } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { isNotFound, sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { evaluationSets as words } from '../../strings/evaluation-sets.ts'
import { frame } from '../../strings/frame.ts'
import { grouped, say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { LongText } from '../runs/long-text.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { TagsPanel } from '../runs/tags-panel.tsx'
import { useDo } from '../runs/use-do.ts'
import { valueIn } from '../traces/judged.ts'
import { recordsQuery, setQuery, setsKey } from './evaluation-sets.queries.ts'

const NO_ID = 'd-0' as EvaluationSetId

/** One evaluation set: what is asked, and what is expected. */
export function EvaluationSetPage() {
  const project = useProject()
  const { set: asked = '' } = useParams({ strict: false })
  const id = EvaluationSetId.safeParse(asked).data
  const reading = useQuery({ ...setQuery(project, id ?? NO_ID), enabled: id !== undefined })
  const set = reading.data
  if (id === undefined || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(words.notFound, { set: asked, project })} />
  const [experiment] = set?.experiments ?? []
  return (
    <Page
      title={set?.name ?? asked}
      headed
      crumbs={[
        { label: runWords.experiments, link: { to: '/p/$project/experiments', params: { project } } },
        ...(experiment === undefined
          ? []
          : [
              {
                label: words.title,
                link: {
                  to: '/p/$project/experiments/$experiment/evaluation-sets' as const,
                  params: { project, experiment: String(experiment) },
                },
              },
            ]),
      ]}
      acts={set && <Acts />}
    >
      {set ? (
        <>
          <Heading name={set.name} />
          <WithSide side={<Side set={set} />}>
            <Records set={set} />
          </WithSide>
          <DeleteDialog set={set} />
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

function Records({ set: { id, digest, records } }: { set: EvaluationSet }) {
  const project = useProject()
  const reading = useInfiniteQuery(recordsQuery(project, id, digest))
  return (
    <Panel title={words.records} note={<span className="num">{grouped(records)}</span>}>
      <Reading of={reading} what={words.recordsWhat} rows={6}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.records)
          if (rows.length > 0) return <Table label={words.records} columns={COLUMNS} rows={rows} keyOf={keyOf} />
          return <Empty title={words.noRecords} says={words.noRecordsSays} command={words.recordsCommand} />
        }}
      </Reading>
      {reading.hasNextPage && (
        <div className="pad">
          <Button size="small" busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
    </Panel>
  )
}

const keyOf = ({ id }: EvaluationRecord) => id
const COLUMNS: Column<EvaluationRecord>[] = [
  { id: 'inputs', title: words.inputs, phone: 'wide', cell: ({ inputs }) => <Fields fields={inputs} /> },
  {
    id: 'expectations',
    title: words.expectations,
    phone: 'wide',
    cell: ({ expectations }) => <Fields fields={expectations} />,
  },
  {
    id: 'outputs',
    title: words.outputs,
    phone: 'wide',
    cell: ({ outputs }) => (outputs === null ? words.none : <Value value={outputs} />),
  },
  { id: 'source', title: words.source, cell: ({ source }) => source?.type ?? words.none },
]

function Fields({ fields }: { fields: EvaluationRecord['inputs'] }) {
  const entries = Object.entries(fields)
  if (entries.length === 0) return words.none
  return entries.map(([key, value]) => (
    <div key={key} className="wrap">
      <span className="dim">{key}:</span> <Value value={value} />
    </div>
  ))
}

const Value = ({ value }: { value: EvaluationRecord['outputs'] }) => (
  <span className="wrap">
    <LongText text={typeof value === 'string' ? value : JSON.stringify(value)} />
  </span>
)

function Side({ set }: { set: EvaluationSet }) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('evaluation-set.change')
  // Tags may be any JSON; texts stay texts.
  const tags = Object.fromEntries(
    Object.entries(set.tags).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
  return (
    <>
      <Panel title={words.facts} padded>
        <Facts>
          <Fact name={words.experiments}>
            {set.experiments.length === 0
              ? words.none
              : set.experiments.map((experiment) => <ExperimentLine key={experiment} experiment={experiment} />)}
          </Fact>
          <Fact name={words.made}>
            <Ago at={set.createdAt} />
          </Fact>
          <Fact name={words.changed}>
            <Ago at={set.updatedAt} />
          </Fact>
          <Fact name={words.by}>{set.createdBy ?? words.none}</Fact>
          {set.schema && <Fact name={words.schema}>{fieldsOf(set.schema)}</Fact>}
          <Fact name={words.digest}>
            <code>{set.digest}</code>
          </Fact>
          <Fact name={words.id}>
            <span className="row">
              <code className="wrap">{set.id}</code>
              <CopyButton text={set.id} />
            </span>
          </Fact>
        </Facts>
      </Panel>
      <TagsPanel
        name={set.name}
        tags={tags}
        because={because}
        onChange={async (changed) => {
          const params = { project, set: set.id }
          const given = Object.entries(changed).map(([key, value]) => [key, asBefore(set.tags[key], value)] as const)
          const body = { tags: Object.fromEntries(given) }
          const after = await client.call(changeEvaluationSet, { params, body })
          queries.setQueryData(setQuery(project, set.id).queryKey, after)
        }}
      />
    </>
  )
}

/** What was no text stays none, where what is typed allows it. */
const asBefore = (before: EvaluationSet['tags'][string] | undefined, value: string | null) =>
  value === null || before === undefined || typeof before === 'string' ? value : valueIn(value)

function ExperimentLine({ experiment }: { experiment: EvaluationSet['experiments'][number] }) {
  const project = useProject()
  const name = useQuery(experimentNameQuery(project, experiment)).data ?? String(experiment)
  return (
    <div>
      <Link
        to="/p/$project/experiments/$experiment"
        params={{ project, experiment: String(experiment) }}
        className="link wrap"
      >
        {name}
      </Link>
    </div>
  )
}

const MOST = 20

function fieldsOf({ inputs, expectations }: NonNullable<EvaluationSet['schema']>): string {
  const all = [...Object.entries(inputs), ...Object.entries(expectations)].map(([key, kind]) => `${key} ${kind}`)
  return [...all.slice(0, MOST), ...(all.length > MOST ? ['…'] : [])].join(', ')
}

function Acts() {
  const open = useDo()
  const { because } = useMay('evaluation-set.delete')
  useActs([{ id: 'delete', label: words.delete, icon: <Trash2 size={14} />, because, run: () => open('delete') }])
  return (
    <Menu
      trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
      items={[{ label: words.delete, icon: <Trash2 />, danger: true, because, onSelect: () => open('delete') }]}
    />
  )
}

function DeleteDialog({ set: { id, name, records, experiments } }: { set: EvaluationSet }) {
  const project = useProject()
  const open = useDo()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('evaluation-set.delete')
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  if (asked !== 'delete') return null
  const remove = async () => {
    await client.call(deleteEvaluationSet, { params: { project, set: id } })
    tell(say(words.deleted, { name }))
    const [experiment] = experiments
    await (experiment === undefined
      ? navigate({ to: '/p/$project/experiments', params: { project } })
      : navigate({
          to: '/p/$project/experiments/$experiment/evaluation-sets',
          params: { project, experiment: String(experiment) },
        }))
    await queries.invalidateQueries({ queryKey: setsKey(project) })
  }
  return (
    <ConfirmDialog
      title={say(words.deleteTitle, { name })}
      says={say(words.deleteSays, { count: records })}
      act={words.delete}
      name={name}
      because={because}
      onConfirm={remove}
      onClose={() => open(undefined)}
      failureOf={sentenceOf}
    />
  )
}
