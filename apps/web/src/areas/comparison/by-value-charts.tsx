import { useMemo } from 'react'
import { comparison as words } from '../../strings/comparison.ts'
import { say } from '../../strings/message.ts'
import { BarPlot } from '../../ui/plot/bar-plot.tsx'
import { BoxPlot } from '../../ui/plot/box-plot.tsx'
import { differs, nameOfAxis, usualMetric, valueOf } from './axes.ts'
import type { AxisId } from './axes.ts'
import { groupsBy } from './box-groups.ts'
import type { ChartProps } from './comparison-charts.tsx'
import { listOf, listText } from './comparison-search.ts'
import css from './comparison.module.css'
import { ManyKeys, OneKey } from './key-picker.tsx'
import { ScaleChoice, useScale } from './scale-choice.tsx'
import { useComparison } from './use-comparison.ts'

const MOST_BARS = 4
const NONE: readonly AxisId[] = []

/** The last value of chosen metrics, a bar for each run. */
export function Bars({ looks, columns, lit, onLit }: ChartProps) {
  const [search, change] = useComparison()
  const usual = useMemo(() => {
    const runs = looks.map(({ run }) => run)
    const told = columns.metrics.filter((id) => !id.startsWith('metrics.system/') && differs(runs, id))
    return (told.length > 0 ? told : columns.metrics).slice(0, MOST_BARS)
  }, [looks, columns])
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
      </div>
      {chosen.length === 0 && <p className="pad dim">{words.noMetrics}</p>}
      <div className={css.plots}>
        {chosen.map((id) => (
          <div key={id} className={css.plot}>
            <BarsOf id={id} {...{ looks, lit, onLit }} />
          </div>
        ))}
      </div>
    </>
  )
}

function BarsOf({ id, looks, lit, onLit }: Pick<ChartProps, 'looks' | 'lit' | 'onLit'> & { id: AxisId }) {
  const bars = useMemo(
    () =>
      looks.map(({ run, colour }) => ({
        id: run.id,
        label: run.name,
        value: numberOrNone(valueOf(run, id)),
        colour,
      })),
    [looks, id],
  )
  return <BarPlot name={nameOfAxis(id)} bars={bars} highlighted={lit} onHighlight={onLit} />
}

const numberOrNone = (value: ReturnType<typeof valueOf>) => (typeof value === 'number' ? value : null)

/** How a metric lies over the runs, by the values of a param or tag. */
export function Boxes({ looks, columns }: ChartProps) {
  const [search, change] = useComparison()
  const [scale] = useScale()
  const runs = useMemo(() => looks.map(({ run }) => run), [looks])
  const metric = search.y ?? usualMetric(runs, columns)
  const by = search.group ?? columns.params.find((id) => differs(runs, id))
  const keys = useMemo(() => [...columns.params, ...columns.tags], [columns])
  const groups = useMemo(
    () =>
      metric === undefined
        ? []
        : groupsBy(runs, metric, by === '' ? undefined : by, {
            all: words.allRuns,
            none: say(words.without, { key: by ? nameOfAxis(by) : '' }),
          }),
    [runs, metric, by],
  )
  return (
    <>
      <div className={css.tools}>
        <OneKey
          label={words.metric}
          choices={metric === undefined ? NONE : columns.metrics}
          chosen={metric}
          onChange={(id) => change({ y: id })}
        />
        <OneKey
          label={words.groupBy}
          choices={keys}
          chosen={by}
          none={words.allRuns}
          onChange={(id) => change({ group: id })}
        />
        <ScaleChoice />
      </div>
      <div className={css.plot}>
        <BoxPlot name={metric === undefined ? words.metric : nameOfAxis(metric)} groups={groups} scale={scale} />
      </div>
    </>
  )
}
