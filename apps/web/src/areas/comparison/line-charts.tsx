import { useMemo, useRef } from 'react'
import { Reading } from '../../live/reading.tsx'
import { comparison as words } from '../../strings/comparison.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { LineControls } from '../../ui/plot/line-controls.tsx'
import { LinePlot } from '../../ui/plot/line-plot.tsx'
import type { LineSeries, LineView } from '../../ui/plot/line-scene.ts'
import { useHistory } from '../runs/use-history.ts'
import { useInSight } from '../runs/use-in-sight.ts'
import { useLineView } from '../runs/use-line-view.ts'
import type { Histories } from '../runs/history.ts'
import { nameOfAxis, usualLines } from './axes.ts'
import type { ChartProps } from './comparison-charts.tsx'
import { listOf, listText } from './comparison-search.ts'
import css from './comparison.module.css'
import { ManyKeys } from './key-picker.tsx'
import { useComparison } from './use-comparison.ts'

/** Chosen metrics over their steps, each with a line for every run. */
export function Lines({ looks, columns, lit, onLit }: ChartProps) {
  const [search, change] = useComparison()
  const [view, setView] = useLineView()
  const usual = useMemo(
    () =>
      usualLines(
        looks.map(({ run }) => run),
        columns,
      ),
    [looks, columns],
  )
  const chosen = search.metrics === undefined ? usual : listOf(search.metrics).map((key) => `metrics.${key}`)
  return (
    <>
      <div className={css.tools}>
        <ManyKeys
          title={words.chooseMetrics}
          label={say(words.chosenMetrics, { count: chosen.length })}
          choices={columns.metrics}
          chosen={chosen}
          onChange={(ids) => change({ metrics: listText(ids.map(nameOfAxis)) })}
        />
        <LineControls view={view} onChange={setView} />
      </div>
      {chosen.length === 0 && <p className="pad dim">{words.noLines}</p>}
      <div className={css.plots}>
        {chosen.map((id) => (
          <OneMetric
            key={id}
            metric={nameOfAxis(id)}
            {...{ looks, lit, onLit, view }}
            onRange={(range) => setView({ ...view, range })}
          />
        ))}
      </div>
    </>
  )
}

type MetricProps = Pick<ChartProps, 'looks' | 'lit' | 'onLit'> & {
  readonly metric: string
  readonly view: LineView
  readonly onRange: (range: LineView['range']) => void
}

function OneMetric(props: MetricProps) {
  const { looks, metric } = props
  const place = useRef<HTMLDivElement>(null)
  const isSeen = useInSight(place)
  const runs = useMemo(() => looks.map(({ run }) => run), [looks])
  const reading = useHistory(runs, metric, isSeen)
  const isNowhere = runs.every((run) => !Object.hasOwn(run.metrics, metric))
  return (
    <div ref={place}>
      {isNowhere ? (
        <Drawn {...props} histories={NO_HISTORIES} />
      ) : (
        <Reading of={reading} what={say(runWords.whatHistory, { metric })} rows={5}>
          {(histories) => <Drawn {...props} histories={histories} />}
        </Reading>
      )}
    </div>
  )
}

const NO_HISTORIES: Histories = new Map()

function Drawn({ looks, lit, onLit, metric, view, onRange, histories }: MetricProps & { histories: Histories }) {
  const series = useMemo(
    () =>
      looks.flatMap(({ run: { id, name, status }, colour }): LineSeries[] => {
        const points = histories.get(id)?.points
        return points ? [{ id, label: name, colour, points, live: status === 'RUNNING' }] : []
      }),
    [looks, histories],
  )
  return (
    <LinePlot
      name={metric}
      series={series}
      view={view}
      onRange={onRange}
      highlighted={lit}
      onHighlight={onLit}
      height={220}
    />
  )
}
