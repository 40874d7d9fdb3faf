import type { Run } from '@stead/contracts'
import { useMemo, useRef } from 'react'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Panel } from '../../ui/panel.tsx'
import { LinePlot } from '../../ui/plot/line-plot.tsx'
import type { LineSeries, LineView, Range } from '../../ui/plot/line-scene.ts'
import { colourAt } from '../../ui/plot/palette.ts'
import type { Histories } from './history.ts'
import css from './runs.module.css'
import { useHistory } from './use-history.ts'
import { useInSight } from './use-in-sight.ts'

interface MetricChartProps {
  readonly run: Run
  readonly metric: string
  readonly view: LineView
  readonly onRange: (range: Range | undefined) => void
}

/** How one metric of a run went. It is read when it comes into sight, and follows the run. */
export function MetricChart({ run, metric, view, onRange }: MetricChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const isSeen = useInSight(place)
  const runs = useMemo(() => [run], [run])
  const reading = useHistory(runs, metric, isSeen)
  return (
    <Panel label={metric} className={css.chart ?? ''}>
      <div ref={place}>
        <Reading of={reading} what={say(words.whatHistory, { metric })} rows={5}>
          {(histories) => <Lines {...{ run, metric, view, onRange, histories }} />}
        </Reading>
      </div>
    </Panel>
  )
}

function Lines({ run, metric, view, onRange, histories }: MetricChartProps & { histories: Histories }) {
  const history = histories.get(run.id)
  const isLive = run.status === 'RUNNING'
  const { id, name } = run
  const series = useMemo(
    (): LineSeries[] =>
      history ? [{ id, label: name, colour: colourAt(0), points: history.points, live: isLive }] : [],
    [history, id, name, isLive],
  )
  return (
    <>
      <LinePlot name={metric} series={series} view={view} onRange={onRange} />
      {history && history.total > history.points.values.length && (
        <p className={css.thinned}>
          {say(words.thinned, { shown: history.points.values.length, total: history.total })}
        </p>
      )}
    </>
  )
}
