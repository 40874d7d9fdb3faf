import { useMemo, useState } from 'react'
import type { CSSProperties, PointerEvent } from 'react'
import { plots as words } from '../../strings/plots.ts'
import { useWidth } from '../chart/width.ts'
import { AxisBrush } from './brush.tsx'
import type { Brushes } from './brushes.ts'
import css from './parallel.module.css'
import { paintParallel, paintParallelStrong } from './parallel-painting.ts'
import { ABSENT, heightAt, shareOf } from './parallel-scene.ts'
import type { ParallelAxis, ParallelLine, ParallelScene } from './parallel-scene.ts'
import { PLANE_BOTTOM, PLANE_RIGHT, PLANE_TOP } from './plane.ts'
import type { Pen, PlaneLook } from './plane.ts'
import { PlotTip } from './plot-figure.tsx'
import { axisWords } from './plot-items.ts'
import type { Scale } from './scale.ts'
import { usePlane } from './use-plane.ts'

interface ParallelAreaProps {
  readonly name: string
  readonly scene: ParallelScene
  readonly brushes: Brushes
  readonly onBrush: (axis: string, ends: readonly [number, number] | undefined) => void
  readonly highlighted: string | undefined
  readonly onHighlight: ((id: string | undefined) => void) | undefined
  readonly height: number
}

/** Axes stand no closer, in pixels; more of them are scrolled sideways. */
const AXIS_WIDTH = 88
const NEAR = 8
/** On both sides of the outermost axes, in distances between axes. */
const SIDE = 0.5
/** Heads of two lines above the axes. */
const HEAD = 40
const TIP_ROWS = 10
const CATEGORY_HEIGHT = 15

export function ParallelArea({ name, scene, brushes, onBrush, highlighted, onHighlight, height }: ParallelAreaProps) {
  const [frame, setFrame] = useState<HTMLDivElement | null>(null)
  const width = Math.max(useWidth(frame), scene.axes.length * AXIS_WIDTH)
  const [pointed, setPointed] = useState<{ line: ParallelLine; x: number; y: number }>()
  const low = scene.hasAbsent ? ABSENT - 0.04 : 0
  const plane = useMemo(() => planeOf(scene, low), [scene, low])
  const strong = pointed?.line ?? scene.lines.find(({ item }) => item.id === highlighted)
  const over = useMemo(() => strong && ((pen: Pen) => paintParallelStrong(pen, strong)), [strong])
  const place = usePlane(plane, over, width, height)
  // As uPlot lays it out: the plane lies between its paddings.
  const inner = { width: width - PLANE_RIGHT * 2, height: height - PLANE_TOP - PLANE_BOTTOM }
  const axisHeight = inner.height / (1 - low)
  const xOf = (axis: number) => PLANE_RIGHT + ((axis + SIDE) / scene.axes.length) * inner.width

  const find = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top - HEAD]
    const at = ((x - PLANE_RIGHT) / inner.width) * scene.axes.length - SIDE
    const share = 1 - (y - PLANE_TOP) / axisHeight
    const line = nearestLine(scene, at, share, NEAR / axisHeight)
    setPointed(line && { line, x, y: y + HEAD })
  }
  const choose = () => pointed && onHighlight?.(pointed.line.item.id === highlighted ? undefined : pointed.line.item.id)
  return (
    <div ref={setFrame} className={css.scroll}>
      <div
        role="presentation"
        className={css.area}
        style={{ width, paddingTop: HEAD }}
        onPointerMove={find}
        onPointerLeave={() => setPointed(undefined)}
        onClick={choose}
      >
        <div role="img" aria-label={name} ref={place} style={{ height }} />
        {scene.axes.map((axis, index) => (
          <AxisFrame
            key={axis.id}
            axis={axis}
            scale={scene.scales[index]!}
            x={xOf(index)}
            height={axisHeight}
            brush={brushes.get(axis.id)}
            hasAbsent={scene.lines.some(({ shares }) => Number.isNaN(shares[index]))}
            onBrush={(ends) => onBrush(axis.id, ends)}
          />
        ))}
        {pointed && <LineTip scene={scene} {...pointed} width={width} />}
      </div>
    </div>
  )
}

const planeOf = (scene: ParallelScene, low: number): PlaneLook => ({
  x: { min: -SIDE, max: scene.axes.length - 1 + SIDE, ticks: [] },
  y: { min: low, max: 1, ticks: [] },
  left: PLANE_RIGHT,
  paint: (pen) => paintParallel(pen, scene),
})

/** Of the lines within the brushes that which is nearest above or below. */
function nearestLine(scene: ParallelScene, at: number, share: number, within: number): ParallelLine | undefined {
  if (at < 0 || at > scene.axes.length - 1) return undefined
  let found: ParallelLine | undefined
  let least = within
  for (const line of scene.lines) {
    const distance = Math.abs(heightAt(line, at) - share)
    if (!line.isWithin || distance >= least) continue
    least = distance
    found = line
  }
  return found
}

interface AxisFrameProps {
  readonly axis: ParallelAxis
  readonly scale: Scale
  readonly x: number
  readonly height: number
  readonly brush: React.ComponentProps<typeof AxisBrush>['brush']
  readonly hasAbsent: boolean
  readonly onBrush: React.ComponentProps<typeof AxisBrush>['onBrush']
}

/** What stands at an axis: its name, its ends or its categories, and its brush. */
function AxisFrame({ axis, scale, x, height, brush, hasAbsent, onBrush }: AxisFrameProps) {
  const name = axisWords(axis)
  const top = HEAD + PLANE_TOP
  const ticks = scale.is === 'category' ? scale.ticks(Math.floor(height / CATEGORY_HEIGHT)) : scale.ticks(4)
  return (
    <div className={css.axis} style={{ left: x, '--length': `${height}px`, '--top': `${top}px` } as CSSProperties}>
      <b className={`${css.name} cut`} title={name}>
        {name}
      </b>
      {scale.is !== 'category' && <span className={css.end}>{scale.textAt(scale.max)}</span>}
      {ticks.map(({ at, label }) => {
        const share = shareOf(scale, at)
        const isEnd = scale.is !== 'category' && Math.min(share, 1 - share) * height < CATEGORY_HEIGHT
        return isEnd ? null : (
          <span key={at} className={`${css.tick} cut`} style={{ top: top + (1 - share) * height }}>
            {label}
          </span>
        )
      })}
      {scale.is !== 'category' && (
        <span className={css.tick} style={{ top: top + height - 6 }}>
          {scale.textAt(scale.min)}
        </span>
      )}
      {hasAbsent && (
        <span className={css.tick} style={{ top: top + height * (1 - ABSENT) }}>
          {words.absent}
        </span>
      )}
      <AxisBrush axis={name} {...{ scale, brush, onBrush }} />
    </div>
  )
}

function LineTip({
  scene,
  line,
  x,
  y,
  width,
}: {
  scene: ParallelScene
  line: ParallelLine
  x: number
  y: number
  width: number
}) {
  const rows = scene.axes.slice(0, TIP_ROWS).map((axis, index) => ({
    key: axis.id,
    label: axis.name,
    value: scene.scales[index]!.text(line.item.values[index]),
  }))
  return <PlotTip x={x} y={y} width={width} head={line.item.label} rows={rows} />
}
