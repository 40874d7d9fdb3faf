import { deleteTrace, TraceId } from '@stead/contracts'
import type { AnswerOf, getTrace } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ellipsis, Trash2 } from 'lucide-react'
import { useActs } from '../../frame/acts.tsx'
import { NotFound } from '../../frame/fallbacks.tsx'
import { useMay } from '../../frame/may.ts'
import { Heading, Page, WithSide } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { isNotFound, sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { frame } from '../../strings/frame.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { traces as words } from '../../strings/traces.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { duration } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { tell } from '../../ui/toast.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { useDo } from '../runs/use-do.ts'
import { Assessments } from './assessments.tsx'
import { SpanDetail } from './span-detail.tsx'
import { nameOf } from './trace-facts.ts'
import { TraceFacts, TraceTags } from './trace-side.tsx'
import { TraceState } from './trace-state.tsx'
import { traceQuery, tracesKey } from './traces.queries.ts'
import { Waterfall } from './waterfall.tsx'

export type WholeTrace = AnswerOf<typeof getTrace>
const NO_ID = 'tr-0' as TraceId

/** One trace: its spans along their time, what each was given and gave back, and what was judged of it. */
export function TracePage() {
  const project = useProject()
  const { trace: asked = '' } = useParams({ strict: false })
  const id = TraceId.safeParse(asked).data
  const reading = useQuery({ ...traceQuery(project, id ?? NO_ID), enabled: id !== undefined })
  const trace = reading.data
  const experiment = useQuery({
    ...experimentNameQuery(project, trace?.experiment ?? (0 as WholeTrace['experiment'])),
    enabled: trace !== undefined,
  }).data
  if (id === undefined || (isNotFound(reading.error) && !reading.isFetching))
    return <NotFound says={say(words.notFound, { trace: asked, project })} />
  const of = { project, experiment: String(trace?.experiment) }
  return (
    <Page
      title={trace ? nameOf(trace) : asked}
      headed
      crumbs={[
        { label: runWords.experiments, link: { to: '/p/$project/experiments', params: { project } } },
        ...(trace
          ? [
              {
                label: experiment ?? say(runWords.experiment, { id: of.experiment }),
                link: { to: '/p/$project/experiments/$experiment' as const, params: of },
              },
              { label: words.title, link: { to: '/p/$project/experiments/$experiment/traces' as const, params: of } },
            ]
          : []),
      ]}
      acts={trace && <Acts />}
    >
      {trace ? (
        <Whole key={trace.id} trace={trace} />
      ) : (
        <Panel>
          <Reading of={reading} what={words.whatOne} rows={8}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

function Whole({ trace }: { trace: WholeTrace }) {
  const navigate = useNavigate()
  const { span: asked } = useSearch({ strict: false }) as { span?: string }
  const shown = trace.spans.find(({ id }) => id === asked) ?? trace.spans[0]
  const show = (span: string) =>
    void navigate({ to: '.', search: (before) => ({ ...before, span }) as never, replace: true })
  return (
    <>
      <Heading
        name={nameOf(trace)}
        beside={<TraceState state={trace.state} />}
        aside={trace.duration !== null && <span className="dim num">{duration(trace.duration)}</span>}
      />
      <WithSide
        side={
          <>
            <TraceFacts trace={trace} />
            <Assessments trace={trace} />
            <TraceTags trace={trace} />
          </>
        }
      >
        <Waterfall spans={trace.spans} shown={shown?.id} onShow={show} />
        {shown && <SpanDetail key={shown.id} span={shown} began={trace.spans[0]!.startedNs} />}
      </WithSide>
      <DeleteDialog trace={trace} />
    </>
  )
}

function Acts() {
  const open = useDo()
  const { because } = useMay('trace.delete')
  useActs([{ id: 'delete', label: words.deleteOne, icon: <Trash2 size={14} />, because, run: () => open('delete') }])
  return (
    <Menu
      trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
      items={[{ label: words.deleteOne, icon: <Trash2 />, danger: true, because, onSelect: () => open('delete') }]}
    />
  )
}

function DeleteDialog({ trace }: { trace: WholeTrace }) {
  const project = useProject()
  const open = useDo()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('trace.delete')
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  if (asked !== 'delete') return null
  const remove = async () => {
    await client.call(deleteTrace, { params: { project, trace: trace.id } })
    tell(say(words.deleted, { count: 1 }))
    await navigate({
      to: '/p/$project/experiments/$experiment/traces',
      params: { project, experiment: String(trace.experiment) },
    })
    await queries.invalidateQueries({ queryKey: tracesKey(project, trace.experiment) })
  }
  return (
    <ConfirmDialog
      title={say(words.deleteOneTitle, { name: nameOf(trace) })}
      says={words.deleteSays}
      act={words.deleteOne}
      because={because}
      onConfirm={remove}
      onClose={() => open(undefined)}
      failureOf={sentenceOf}
    />
  )
}
