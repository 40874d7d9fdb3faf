import { useDeferredValue, useMemo, useState } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Button } from '../button.tsx'
import { useWidth } from '../chart/width.ts'
import { LineLegend } from './line-legend.tsx'
import { paintCrosshair, paintLines, paintStrong } from './line-painting.ts'
import { useLinePointing } from './line-pointing.ts'
import { lineSceneOf, valuesAt } from './line-scene.ts'
import type { LineScene, LineSeries, LineValue, LineView, Range } from './line-scene.ts'
import { LineTable } from './line-table.tsx'
import { LineTip, nearestFirst, textAt } from './line-tip.tsx'
import { roomFor } from './plane.ts'
import type { Pen, PlaneLook } from './plane.ts'
import { EmptyPlane, PlotFigure } from './plot-figure.tsx'
import { unitWords } from './plot-items.ts'
import css from './plot.module.css'
import type { Along } from './trace.ts'
import { usePlane } from './use-plane.ts'

interface LinePlotProps {
  readonly name: string
  readonly unit?: string
  /** Hundreds of them, with some ten thousand points each; the first lies on top. */
  readonly series: readonly LineSeries[]
  readonly view: LineView
  /** A stretch was selected; undefined for everything. Without it the plot keeps the range itself. */
  readonly onRange?: (range: Range | undefined) => void
  /** The id of a series that stands out. */
  readonly highlighted?: string | undefined
  /** A line or its entry in the legend was chosen, or the chosen one again. */
  readonly onHighlight?: (id: string | undefined) => void
  /** Of the plot, in pixels. */
  readonly height?: number
  /** A sentence for when there is nothing to draw. */
  readonly empty?: string
}

/** So near a line, in pixels, the pointer is on it. */
const NEAR = 18
const NO_VALUES: readonly LineValue[] = []

/** Metrics over steps or time, with one crosshair for all lines. */
export function LinePlot({ name, unit, series, view, highlighted, onHighlight, height = 220, ...rest }: LinePlotProps) {
  const [frame, setFrame] = useState<HTMLDivElement | null>(null)
  const width = useWidth(frame)
  const [own, setOwn] = useState<{ range: Range | undefined; along: Along }>()
  // A range of steps is none of seconds.
  const ownRange = own?.along === view.along ? own.range : undefined
  const range = rest.onRange ? view.range : ownRange
  const onRange = rest.onRange ?? ((next) => setOwn({ range: next, along: view.along }))
  // A slider stays in the hand while hundreds of lines are smoothed.
  const { along, scale, smoothing } = useDeferredValue(view)
  const scene = useMemo(
    () => lineSceneOf(series, { along, scale, smoothing, range }, width, height),
    [series, along, scale, smoothing, range, width, height],
  )
  const left = roomFor(scene.y.ticks)
  const [pointed, setPointed] = useState<string>()
  const pick = onHighlight && (() => onHighlight(pointed === highlighted ? undefined : pointed))
  const pointing = useLinePointing({ scene, left, width, onRange, onPick: pick })
  const { crosshair } = pointing
  const values = useMemo(() => (crosshair ? valuesAt(scene, crosshair.x) : NO_VALUES), [scene, crosshair])
  const nearest = nearestFirst(values, crosshair?.y, scene, height)
  const near = nearest[0] && nearest[0].distance <= NEAR ? nearest[0].value.series.id : undefined
  if (near !== pointed) setPointed(near)
  return (
    <PlotFigure
      name={name}
      unit={unitWords({ unit, scale })}
      legend={<LineLegend {...{ scene, highlighted, onHighlight }} values={crosshair && values} />}
      notes={scene.left > 0 ? [say(words.notOnLog, { count: scene.left })] : []}
      acts={range && <ShowAll onClick={() => onRange(undefined)} />}
      table={() => <LineTable name={name} series={series} />}
    >
      <div ref={setFrame} className={css.area}>
        <LineArea
          {...{ name, scene, left, width, height, highlighted, values, pointing }}
          strong={near ?? highlighted}
          empty={rest.empty ?? (range ? words.noneInRange : words.noPoints)}
        />
        {crosshair && <LineTip {...{ scene, crosshair, nearest, left, width }} strong={near} />}
      </div>
    </PlotFigure>
  )
}

const ShowAll = ({ onClick }: { onClick: () => void }) => (
  <Button look="quiet" size="small" onClick={onClick}>
    {words.resetZoom}
  </Button>
)

interface LineAreaProps {
  readonly name: string
  readonly scene: LineScene
  readonly left: number
  readonly width: number
  readonly height: number
  readonly highlighted: string | undefined
  readonly strong: string | undefined
  readonly values: readonly LineValue[]
  readonly pointing: ReturnType<typeof useLinePointing>
  readonly empty: string
}

/** Hears like a slider along x: arrows move the crosshair, and the values there are told. */
function LineArea({ name, scene, left, width, height, highlighted, strong, values, pointing, empty }: LineAreaProps) {
  const { crosshair, selection, handlers } = pointing
  const look = useMemo(
    (): PlaneLook => ({ x: scene.x, y: scene.y, left, paint: (pen) => paintLines(pen, scene, highlighted) }),
    [scene, left, highlighted],
  )
  const over = useMemo(
    () => (pen: Pen) => {
      if (strong !== undefined) paintStrong(pen, scene, strong)
      paintCrosshair(pen, crosshair?.x, values, selection)
    },
    [scene, strong, crosshair, values, selection],
  )
  const place = usePlane(look, over, width, height)
  const x = crosshair?.x ?? scene.x.max
  const sheet = <div ref={place} style={{ height }} />
  if (scene.isEmpty)
    return (
      <div role="img" aria-label={`${name}. ${empty}`} className={css.area}>
        {sheet}
        <EmptyPlane left={left}>{empty}</EmptyPlane>
      </div>
    )
  return (
    <div
      {...handlers}
      className={`${css.area} ${css.crosshair}`}
      role="slider"
      tabIndex={0}
      aria-label={say(words.crosshair, { plot: name })}
      aria-valuemin={scene.x.min}
      aria-valuemax={scene.x.max}
      aria-valuenow={x}
      aria-valuetext={textAt(scene, x)}
    >
      {sheet}
    </div>
  )
}
