import { metricHistory } from '@stead/contracts'
import type { Run } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { grouped, say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Panel } from '../../ui/panel.tsx'
import { LineControls } from '../../ui/plot/line-controls.tsx'
import type { LineView, Range } from '../../ui/plot/line-scene.ts'
import { measure } from '../../ui/plot/measure.ts'
import { SearchBox } from '../../ui/search-box.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { KeyedTable } from './keyed-table.tsx'
import type { KeyedRow } from './keyed-rows.ts'
import { MetricChart } from './metric-chart.tsx'
import { groupsOf, isSystem, matching } from './metric-groups.ts'
import type { MetricGroup } from './metric-groups.ts'
import { useRunReading } from './run-page.tsx'
import css from './runs.module.css'
import { useLineView } from './use-line-view.ts'

/** Charts of all that a run measures of its model. */
export function RunMetricsTab() {
  const run = useRunReading().data
  if (!run) return null
  const keys = Object.keys(run.metrics).filter((key) => !isSystem(key))
  if (keys.length === 0) return <Nothing title={words.noCharts} says={words.noChartsSays} />
  return <Charts key={run.id} run={run} keys={keys} />
}

/** The same of the machine. */
export function RunSystemTab() {
  const run = useRunReading().data
  if (!run) return null
  const keys = Object.keys(run.metrics).filter(isSystem)
  if (keys.length === 0) return <Nothing title={words.noSystem} says={words.noSystemSays} />
  return <Charts key={run.id} run={run} keys={keys} />
}

const Nothing = ({ title, says }: { title: string; says: string }) => (
  <Panel>
    <Empty title={title} says={says} />
  </Panel>
)

function Charts({ run, keys }: { run: Run; keys: readonly string[] }) {
  const [view, setView] = useLineView()
  const [text, setText, search] = useFind()
  const once = useOnce(run, keys)
  const shown = matching(keys, search)
  const charted = shown.filter((key) => once !== undefined && !once.has(key))
  const rows = shown
    .filter((key) => once?.has(key))
    .map((key): KeyedRow => {
      const { value, step } = run.metrics[key]!
      return { key, text: String(value), step }
    })
  const onRange = (range: Range | undefined) => setView({ ...view, range })
  return (
    <>
      <div className={css.controls}>
        <SearchBox label={words.findMetric} value={text} onChange={setText} onSettled={setText} />
        <LineControls view={view} onChange={setView} />
      </div>
      {shown.length === 0 && <Nothing title={say(words.noMatch, { text: search })} says="" />}
      {groupsOf(charted).map((group) => (
        <Group key={group.prefix} {...{ group, run, view, onRange }} />
      ))}
      {rows.length > 0 && (
        <KeyedTable
          title={words.once}
          search={words.searchMetrics}
          none={words.noMetrics}
          rows={rows}
          figures
          show={({ text: value }) => <span title={value}>{measure(Number(value))}</span>}
        />
      )}
    </>
  )
}

/** What is looked for stands in the address. */
function useFind(): readonly [string, (text: string) => void, string] {
  const navigate = useNavigate()
  const { q = '' } = useSearch({ strict: false }) as { q?: string }
  const [text, setText] = useState(q)
  const change = (next: string) => {
    setText(next)
    void navigate({
      to: '.',
      search: (before) => ({ ...before, q: next === '' ? undefined : next }) as never,
      replace: true,
      resetScroll: false,
    })
  }
  return [text, change, q]
}

interface GroupProps {
  readonly group: MetricGroup
  readonly run: Run
  readonly view: LineView
  readonly onRange: (range: Range | undefined) => void
}

function Group({ group: { prefix, keys }, run, view, onRange }: GroupProps) {
  const title = prefix === '' ? words.others : prefix === 'system' ? words.systemGroup : prefix
  return (
    <details open className={css.group}>
      <summary>
        <ChevronRight />
        <h2>{title}</h2>
        <span className="faint num">{grouped(keys.length)}</span>
      </summary>
      <div className={css.charts}>
        {keys.map((metric) => (
          <MetricChart key={metric} {...{ run, metric, view, onRange }} />
        ))}
      </div>
    </details>
  )
}

const AT_ONCE = 100

/** Which metrics have a single value: a line of one point tells less than its figure. Undefined until that is known. */
function useOnce(run: Run, keys: readonly string[]): ReadonlySet<string> | undefined {
  const project = useProject()
  // Only what stands at its first step may have no other; logging without steps leaves everything there.
  const candidates = keys.filter((key) => run.metrics[key]!.step === 0).slice(0, AT_ONCE)
  const newest = candidates.map((key) => `${key} ${run.metrics[key]!.timestamp}`).join('\n')
  const reading = useQuery({
    queryKey: [...readings.run(project, run.id), 'once', newest],
    queryFn: ({ signal }) =>
      client.call(metricHistory, {
        params: { project },
        body: { runs: [run.id], metrics: candidates, points: 10 },
        signal,
      }),
    enabled: candidates.length > 0,
    staleTime: Infinity,
  })
  const { data, isError } = reading
  return useMemo(() => {
    if (candidates.length === 0 || isError) return new Set()
    return data && new Set(data.series.filter(({ total }) => total === 1).map(({ metric }) => metric))
  }, [candidates.length, data, isError])
}
