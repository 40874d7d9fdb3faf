import { ExperimentId } from '@stead/contracts'
import type { RunId, RunRow } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { lazy, Suspense, useCallback, useMemo } from 'react'
import { NotFound } from '../../frame/fallbacks.tsx'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { useChangedRuns } from '../../live/live.tsx'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { comparison as words } from '../../strings/comparison.ts'
import { experiments as nouns } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { classOf, IconButton } from '../../ui/button.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Panel } from '../../ui/panel.tsx'
import { Banner, Empty, Waiting } from '../../ui/waiting.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { comparedQuery } from './comparison.queries.ts'
import { listText, runsIn } from './comparison-search.ts'
import css from './comparison.module.css'
import { inColour, looksOf } from './run-look.ts'
import type { RunLook } from './run-look.ts'
import { useComparison } from './use-comparison.ts'

const Charts = lazy(() => import('./comparison-charts.tsx').then((of) => ({ default: of.ComparisonCharts })))
const Differences = lazy(() => import('./comparison-table.tsx').then((of) => ({ default: of.ComparisonTable })))
const FilePair = lazy(() => import('./file-pair.tsx').then((of) => ({ default: of.FilePair })))

/** Several runs side by side: how they went, and what differs between them. */
export function ComparisonPage() {
  const project = useProject()
  const params = useParams({ strict: false })
  const experiment = ExperimentId.safeParse(params.experiment).data
  const [search] = useComparison()
  const { ids, left } = useMemo(() => runsIn(search.runs), [search.runs])
  const number = experiment ?? ExperimentId.parse(0)
  const reading = useQuery({
    ...comparedQuery(project, number, ids),
    enabled: experiment !== undefined && ids.length > 0,
  })
  const named = useQuery({ ...experimentNameQuery(project, number), enabled: experiment !== undefined })
  useFollowed(project, number, ids)
  if (experiment === undefined || isNotFound(named.error))
    return <NotFound says={say(nouns.notFound, { id: params.experiment ?? '', project })} />
  const link = {
    to: '/p/$project/experiments/$experiment',
    params: { project, experiment: String(experiment) },
  } as const
  return (
    <Page
      title={say(words.title, { count: reading.data?.runs.length ?? ids.length })}
      crumbs={[
        { label: runWords.experiments, link: { to: '/p/$project/experiments', params: { project } } },
        { label: named.data ?? say(runWords.experiment, { id: String(experiment) }), link },
      ]}
    >
      {ids.length === 0 ? (
        <Panel>
          <Empty
            title={words.noRuns}
            says={words.noRunsSays}
            act={
              <Link {...link} className={classOf('plain')}>
                {words.toRuns}
              </Link>
            }
          />
        </Panel>
      ) : reading.data ? (
        <Compared {...reading.data} left={left} />
      ) : (
        <Panel>
          <Reading of={reading} what={words.what} rows={8}>
            {() => null}
          </Reading>
        </Panel>
      )}
    </Page>
  )
}

/** Runs that go on are read again as they do. */
function useFollowed(project: ReturnType<typeof useProject>, experiment: ExperimentId, ids: readonly RunId[]): void {
  const queries = useQueryClient()
  const hear = useCallback(
    ({ runs }: { readonly runs: readonly RunId[] }) => {
      if (runs.length === 0 || runs.some((run) => ids.includes(run)))
        void queries.invalidateQueries({ queryKey: comparedQuery(project, experiment, ids).queryKey })
    },
    [queries, project, experiment, ids],
  )
  useChangedRuns(project, experiment, hear)
}

function Compared({ runs, gone, left }: { runs: readonly RunRow[]; gone: number; left: number }) {
  const [{ lit }] = useComparison()
  const looks = useMemo(() => looksOf(runs, lit as RunId | undefined), [runs, lit])
  return (
    <>
      {gone > 0 && <Banner is="attention">{say(words.gone, { count: gone })}</Banner>}
      {left > 0 && <Banner is="attention">{say(words.tooMany, { count: left })}</Banner>}
      <Chips looks={looks} />
      <Suspense fallback={<Pending />}>
        <Charts looks={looks} />
      </Suspense>
      <Suspense fallback={<Pending />}>
        <Differences looks={looks} />
      </Suspense>
      {runs.length === 2 && (
        <Suspense>
          <FilePair left={looks[0]!} right={looks[1]!} />
        </Suspense>
      )}
    </>
  )
}

const Pending = () => (
  <Panel>
    <Waiting what={words.what} rows={6} />
  </Panel>
)

/** The runs and their colours: one is let stand out, or taken out. */
function Chips({ looks }: { looks: readonly RunLook[] }) {
  const [{ lit }, change] = useComparison()
  useKeys(lit === undefined ? {} : { Escape: () => change({ lit: undefined }) })
  const without = (id: RunId) => {
    const rest = looks.map(({ run }) => run.id).filter((one) => one !== id)
    change({ runs: listText(rest), ...(lit === id ? { lit: undefined } : {}) })
  }
  return (
    <ul className={css.chips} aria-label={words.runs} tabIndex={looks.length > 24 ? 0 : undefined}>
      {looks.map(({ run: { id, name }, colour }) => (
        <li key={id} className={`${css.chip} ${id === lit ? css.lit : ''}`}>
          <button
            type="button"
            aria-pressed={id === lit}
            title={say(words.light, { name })}
            onClick={() => change({ lit: id === lit ? undefined : id })}
          >
            <i className={css.swatch} style={inColour(colour)} aria-hidden />
            <span className="cut">{name}</span>
          </button>
          <IconButton
            look="quiet"
            size="small"
            label={say(words.remove, { name })}
            icon={<X />}
            onClick={() => without(id)}
          />
        </li>
      ))}
    </ul>
  )
}
