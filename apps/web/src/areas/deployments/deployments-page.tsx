import type { Deployment } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { deployments as nouns } from '../../strings/deployments.ts'
import { list as words } from '../../strings/deployment-list.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import type { Sort } from '../../ui/table.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { deploymentsQuery, glanceQuery } from './deployment.queries.ts'
import css from './deployments-page.module.css'
import { NewDeployment } from './new-deployment.tsx'
import { ServingTable, SPANS, sortRows } from './serving-table.tsx'
import type { SpanName } from './serving-table.tsx'
import { deploymentState } from './states.ts'

const STATES = ['all', 'serving', 'parked', 'failed', 'other'] as const
type StateName = (typeof STATES)[number]
/** Headings whose order needs the figures of every deployment, and not only of those in sight. */
const BY_FIGURES = new Set(['rate', 'p99', 'failed'])
/** Beyond this many the table keeps only what is in sight, and figures are asked for that alone. */
const FEW = 100
const FIGURES_S = 900

/** Everything that stands in the project: filtered and sorted by the address. */
export function DeploymentsPage() {
  const project = useProject()
  const reading = useQuery(deploymentsQuery(project))
  const { asked, change } = useView()
  const create = () => change({ do: 'create' })
  const { because } = useMay('deployment.create')
  useActs([{ id: 'new', label: nouns.new, key: 'n', icon: <Plus size={14} />, because, run: create }])
  return (
    <Page
      title={nouns.title}
      acts={
        <Button look="filled" icon={<Plus />} because={because} onClick={create}>
          {nouns.new}
        </Button>
      }
    >
      <Reading of={reading} what={nouns.what} rows={8}>
        {({ deployments }) =>
          deployments.length === 0 ? (
            <Panel>
              <Empty
                title={words.emptyTitle}
                says={words.emptySays}
                act={
                  <Button because={because} onClick={create}>
                    {nouns.new}
                  </Button>
                }
                command={words.emptyCommand}
              />
            </Panel>
          ) : (
            <Standing deployments={deployments} />
          )
        }
      </Reading>
      {(asked === 'create' || asked === 'running') && (
        <NewDeployment asked={asked} onClose={() => change({ do: undefined, model: undefined })} />
      )}
    </Page>
  )
}

interface View {
  readonly q?: string | undefined
  readonly state?: string | undefined
  readonly sort?: string | undefined
  readonly do?: string | undefined
  readonly model?: string | undefined
}

/** What the address says of the list, and how to change some of it. */
function useView() {
  const { q = '', state, sort, do: asked } = useSearch({ strict: false }) as View
  const navigate = useNavigate()
  const change = (next: View) =>
    void navigate({
      to: '.',
      search: (before: View) => ({ ...before, ...next }),
      replace: !('do' in next),
    } as never)
  const by = useMemo<Sort>(
    () =>
      sort === undefined ? { by: 'name', down: false } : { by: sort.replace(/^-/, ''), down: sort.startsWith('-') },
    [sort],
  )
  const chosen: StateName = STATES.find((one) => one === state) ?? 'all'
  return { q, state: chosen, sort: by, asked, change }
}

function Standing({ deployments }: { deployments: readonly Deployment[] }) {
  const { q, state, sort, change } = useView()
  const [typed, setTyped] = useState(q)
  const [span, setSpan] = useState<SpanName>('6 h')
  const shown = useShown(deployments, q, state, sort)
  const { inSight, onSight } = useSight(shown)
  return (
    <Panel
      title={say(words.count, { count: deployments.length })}
      note={
        shown.length < deployments.length ? say(words.ofAll, { shown: shown.length, count: deployments.length }) : ''
      }
      acts={
        <Segmented
          label={words.span}
          value={span}
          options={SPANS.map(({ name }) => ({ value: name, label: name }))}
          onChange={setSpan}
        />
      }
    >
      <div className={css.filters}>
        <SearchBox
          label={words.search}
          value={typed}
          onChange={setTyped}
          onSettled={(text) => change({ q: text === '' ? undefined : text })}
        />
        <Segmented
          label={words.state}
          value={state}
          options={STATES.map((value) => ({ value, label: words.states[value] }))}
          onChange={(value) => change({ state: value === 'all' ? undefined : value })}
        />
      </div>
      {shown.length === 0 ? (
        <Empty
          title={words.noneTitle}
          says={say(words.noneSays, { count: deployments.length })}
          act={
            <Button
              onClick={() => {
                setTyped('')
                change({ q: undefined, state: undefined })
              }}
            >
              {words.clear}
            </Button>
          }
        />
      ) : (
        <ServingTable
          deployments={shown}
          span={span}
          {...(inSight ? { inSight } : {})}
          onSight={onSight}
          sort={sort}
          onSort={({ by, down }) => change({ sort: by === 'name' && !down ? undefined : `${down ? '-' : ''}${by}` })}
        />
      )}
    </Panel>
  )
}

function useShown(deployments: readonly Deployment[], q: string, state: StateName, sort: Sort): Deployment[] {
  const project = useProject()
  const text = useDeferredValue(q.trim().toLowerCase())
  const isByFigures = BY_FIGURES.has(sort.by)
  const { data } = useQuery({ ...glanceQuery(project, undefined, FIGURES_S), enabled: isByFigures })
  return useMemo(() => {
    const found = deployments.filter(
      (deployment) =>
        (text === '' ||
          deployment.name.toLowerCase().includes(text) ||
          deployment.table.model.toLowerCase().includes(text)) &&
        (state === 'all' || stateNamed(deployment) === state),
    )
    return sortRows(found, new Map(data?.deployments.map((one) => [one.deployment, one])), sort)
  }, [deployments, text, state, sort, data])
}

function stateNamed(deployment: Deployment): StateName {
  const { is } = deploymentState(deployment)
  if (is === 'serving') return 'serving'
  if (is === 'paused') return 'parked'
  return is === 'failed' ? 'failed' : 'other'
}

/** Which rows are in sight, once scrolling pauses; undefined where there are so few that all may be asked for. */
function useSight(shown: readonly Deployment[]) {
  const [names, setNames] = useState<readonly string[]>([])
  const there = useMemo(() => new Set<string>(shown.map(({ name }) => name)), [shown])
  const onSight = useCallback(
    (next: readonly string[]) => setNames((before) => (before.join() === next.join() ? before : next)),
    [],
  )
  const inSight = useMemo(() => names.filter((name) => there.has(name)), [names, there])
  return { inSight: shown.length <= FEW ? undefined : inSight, onSight }
}
