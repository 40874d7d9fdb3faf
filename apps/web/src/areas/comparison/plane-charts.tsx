import { useMemo } from 'react'
import { comparison as words } from '../../strings/comparison.ts'
import { say } from '../../strings/message.ts'
import { ContourPlot } from '../../ui/plot/contour-plot.tsx'
import { ParallelCoordinates } from '../../ui/plot/parallel-coordinates.tsx'
import { ScatterPlot } from '../../ui/plot/scatter-plot.tsx'
import type { Axis } from '../../ui/plot/scale.ts'
import { differs, nameOfAxis, usualAxes, usualMetric, valueOf } from './axes.ts'
import type { AxisId } from './axes.ts'
import type { ChartProps } from './comparison-charts.tsx'
import { listOf, listText } from './comparison-search.ts'
import css from './comparison.module.css'
import { ManyKeys, OneKey } from './key-picker.tsx'
import { COLOURS } from './run-look.ts'
import { ScaleChoice, useScale } from './scale-choice.tsx'
import { useComparison } from './use-comparison.ts'

const HEIGHT = 320
const EMPTY: AxisId = 'metrics.'
const BY_RUN = 'run'

function useAxis(id: AxisId, scale: 'linear' | 'log'): Axis {
  return useMemo(() => ({ name: nameOfAxis(id), scale }), [id, scale])
}

/** The axes of a plane: those of the address, or params that differ against a metric. */
function usePlaneAxes({ looks, columns }: ChartProps) {
  const [{ x, y, z }] = useComparison()
  const usual = useMemo(() => {
    const runs = looks.map(({ run }) => run)
    const params = columns.params.filter((id) => differs(runs, id))
    const metric = usualMetric(runs, columns)
    return { params, metric, otherMetric: columns.metrics.find((id) => id !== metric) }
  }, [looks, columns])
  const first = x ?? usual.params[0] ?? usual.otherMetric ?? EMPTY
  return {
    x: first,
    y: y ?? usual.metric ?? EMPTY,
    /** Where height is told by colour, both sides of the plane are what was given. */
    second: y ?? usual.params.find((id) => id !== first) ?? usual.otherMetric ?? EMPTY,
    z: z ?? usual.metric ?? EMPTY,
  }
}

export function Scatter(props: ChartProps) {
  const { looks, columns, lit, onLit } = props
  const [, change] = useComparison()
  const [scale] = useScale()
  const { x, y } = usePlaneAxes(props)
  const items = useMemo(
    () =>
      looks.map(({ run, colour }) => ({ id: run.id, label: run.name, x: valueOf(run, x), y: valueOf(run, y), colour })),
    [looks, x, y],
  )
  return (
    <>
      <div className={css.tools}>
        <OneKey label={words.x} choices={columns.all} chosen={x} onChange={(id) => change({ x: id })} />
        <OneKey label={words.y} choices={columns.all} chosen={y} onChange={(id) => change({ y: id })} />
        <ScaleChoice />
      </div>
      <div className={css.plot}>
        <ScatterPlot
          x={useAxis(x, scale)}
          y={useAxis(y, scale)}
          items={items}
          highlighted={lit}
          onHighlight={onLit}
          height={HEIGHT}
        />
      </div>
    </>
  )
}

export function Contour(props: ChartProps) {
  const { looks, columns, lit, onLit } = props
  const [, change] = useComparison()
  const [scale] = useScale()
  const { x, second: y, z } = usePlaneAxes(props)
  const items = useMemo(
    () =>
      looks.map(({ run }) => ({
        id: run.id,
        label: run.name,
        x: valueOf(run, x),
        y: valueOf(run, y),
        z: valueOf(run, z),
      })),
    [looks, x, y, z],
  )
  return (
    <>
      <div className={css.tools}>
        <OneKey label={words.x} choices={columns.all} chosen={x} onChange={(id) => change({ x: id })} />
        <OneKey label={words.y} choices={columns.all} chosen={y} onChange={(id) => change({ y: id })} />
        <OneKey label={words.z} choices={columns.metrics} chosen={z} onChange={(id) => change({ z: id })} />
        <ScaleChoice />
      </div>
      <div className={css.plot}>
        <ContourPlot
          x={useAxis(x, scale)}
          y={useAxis(y, scale)}
          z={useAxis(z, 'linear')}
          items={items}
          highlighted={lit}
          onHighlight={onLit}
          height={HEIGHT}
          empty={words.tooFew}
        />
      </div>
    </>
  )
}

export function Parallel({ looks, columns, lit, onLit }: ChartProps) {
  const [search, change] = useComparison()
  const [scale] = useScale()
  const usual = useMemo(
    () =>
      usualAxes(
        looks.map(({ run }) => run),
        columns,
      ),
    [looks, columns],
  )
  const chosen = useMemo(() => (search.axes === undefined ? usual : listOf(search.axes)), [search.axes, usual])
  const axes = useMemo(() => chosen.map((id) => ({ id, name: nameOfAxis(id), scale })), [chosen, scale])
  const items = useMemo(
    () =>
      looks.map(({ run, colour }) => ({
        id: run.id,
        label: run.name,
        values: chosen.map((id) => valueOf(run, id)),
        colour,
      })),
    [looks, chosen],
  )
  // More runs than there are colours are told apart by what came of them.
  const wanted = search.colour ?? (looks.length > COLOURS ? chosen.findLast((id) => id.startsWith('metrics.')) : BY_RUN)
  const colour = wanted !== undefined && chosen.includes(wanted) ? wanted : undefined
  return (
    <>
      <div className={css.tools}>
        <ManyKeys
          title={words.chooseAxes}
          label={say(words.chosenAxes, { count: chosen.length })}
          choices={columns.all}
          chosen={chosen}
          onChange={(ids) => change({ axes: listText(ids) })}
        />
        <OneKey
          label={words.colourBy}
          choices={chosen}
          chosen={colour}
          none={words.byRun}
          onChange={(id) => change({ colour: id === '' ? BY_RUN : id })}
        />
        <ScaleChoice />
      </div>
      <div className={css.plot}>
        <ParallelCoordinates
          name={words.parallelName}
          axes={axes}
          items={items}
          colourBy={colour}
          highlighted={lit}
          onHighlight={onLit}
          height={HEIGHT}
        />
      </div>
    </>
  )
}
