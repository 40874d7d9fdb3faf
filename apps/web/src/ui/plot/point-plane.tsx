import { useCallback, useMemo, useState } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { colourNow } from '../chart/colours.ts'
import { useWidth } from '../chart/width.ts'
import { paintDot } from './line-painting.ts'
import { REST } from './palette.ts'
import { PLANE_BOTTOM, PLANE_RIGHT, PLANE_TOP, roomFor } from './plane.ts'
import type { Pen, PlaneLook } from './plane.ts'
import { EmptyPlane, PlotTip } from './plot-figure.tsx'
import type { TipRow } from './plot-figure.tsx'
import css from './plot.module.css'
import type { Scale } from './scale.ts'
import { usePlane } from './use-plane.ts'

/** An item that has a place, in the units that are drawn. */
export interface PlacedPoint {
  readonly id: string
  readonly label: string
  readonly x: number
  readonly y: number
  readonly colour: string
}

interface PointPlaneProps {
  readonly label: string
  readonly points: readonly PlacedPoint[]
  readonly x: Scale
  readonly y: Scale
  /** Stands below the right end of the axis. */
  readonly xName: string
  readonly height: number
  /** Beneath the points. Must be stable. */
  readonly paint?: ((pen: Pen) => void) | undefined
  /** What a point is in figures. */
  readonly rowsOf: (id: string) => readonly TipRow[]
  readonly highlighted?: string | undefined
  readonly onHighlight?: ((id: string | undefined) => void) | undefined
  readonly empty: string
}

/** So near a point, in pixels, the pointer is on it. */
const NEAR = 20
/** Many points are small and let those beneath shine through. */
const MANY = 800
const LABEL = 80

/** Points on two axes. Hears like a slider over the points, from left to right. */
export function PointPlane(props: PointPlaneProps) {
  const { label, points, xName, height, rowsOf, highlighted, onHighlight, empty } = props
  const [frame, setFrame] = useState<HTMLDivElement | null>(null)
  const width = useWidth(frame)
  const look = useLook(props, width)
  const { left } = look
  const order = useMemo(() => points.toSorted((one, other) => one.x - other.x || one.y - other.y), [points])
  const [at, setAt] = useState<string>()
  const active = points.find(({ id }) => id === at)
  const shown = active ?? points.find(({ id }) => id === highlighted)
  const over = useMemo(() => shown && ((pen: Pen) => paintRing(pen, shown)), [shown])
  const place = usePlane(look, over, width, height)
  const pixelOf = useCallback(
    (point: PlacedPoint) => ({
      x: left + ((point.x - look.x.min) / (look.x.max - look.x.min)) * (width - left - PLANE_RIGHT),
      y: PLANE_TOP + ((look.y.max - point.y) / (look.y.max - look.y.min)) * (height - PLANE_TOP - PLANE_BOTTOM),
    }),
    [look, left, width, height],
  )
  const handlers = usePointPointing({ order, at, setAt, pixelOf, choose })
  function choose(id: string) {
    onHighlight?.(id === highlighted ? undefined : id)
  }
  const sheet = <div ref={place} style={{ height }} />
  const rows = active && rowsOf(active.id)
  return (
    <div ref={setFrame} className={css.area}>
      {points.length === 0 ? (
        <div role="img" aria-label={`${label}. ${empty}`} className={css.area}>
          {sheet}
          <EmptyPlane left={left}>{empty}</EmptyPlane>
        </div>
      ) : (
        <div
          {...handlers}
          className={`${css.area} ${active && onHighlight ? css.opens : css.crosshair}`}
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-valuemin={1}
          aria-valuemax={points.length}
          aria-valuenow={shown ? order.indexOf(shown) + 1 : 1}
          aria-valuetext={textOf(shown ?? order[0]!, order, rowsOf)}
        >
          {sheet}
          {active && rows && <PlotTip {...pixelOf(active)} width={width} head={active.label} rows={rows} />}
        </div>
      )}
      <div className={css.below} aria-hidden>
        {xName}
      </div>
    </div>
  )
}

/** The axes with as many labels as there is room for, and the points. */
function useLook({ points, x, y, height, paint }: PointPlaneProps, width: number): PlaneLook {
  const yTicks = useMemo(
    () => y.ticks(y.is === 'category' ? Math.floor(height / 22) : Math.floor(height / 46)),
    [y, height],
  )
  const xTicks = useMemo(() => x.ticks(Math.max(Math.floor(width / LABEL), 2)), [x, width])
  const left = roomFor(yTicks, Math.min(96, Math.max(width * 0.28, 48)))
  return useMemo(
    (): PlaneLook => ({
      x: { ...padded(x), ticks: fitting(xTicks, width / Math.max(xTicks.length, 1)) },
      y: { ...padded(y), ticks: fitting(yTicks, left) },
      left,
      paint(pen) {
        paint?.(pen)
        paintPoints(pen, points, paint !== undefined)
      },
    }),
    [x, y, xTicks, yTicks, left, width, points, paint],
  )
}

/** Points on the edge of an axis are seen whole. */
function padded({ min, max }: Scale): { min: number; max: number } {
  const room = (max - min) * 0.04
  return { min: min - room, max: max + room }
}

/** Labels cut to the room in pixels that each has. */
const fitting = <T extends { readonly label: string }>(ticks: readonly T[], room: number): T[] =>
  ticks.map((tick) => {
    const most = Math.max(Math.floor((room - 14) / 6.2), 3)
    return tick.label.length <= most ? tick : { ...tick, label: `${tick.label.slice(0, most - 1)}…` }
  })

function paintPoints(pen: Pen, points: readonly PlacedPoint[], hasRim: boolean): void {
  const isMany = points.length > MANY
  const size = hasRim ? (isMany ? 1.5 : 2.5) : isMany ? 2.5 : 4
  pen.context.globalAlpha = isMany ? 0.6 : 0.9
  // What has a colour lies above what has none.
  for (const isRest of [true, false])
    for (const { x, y, colour } of points)
      if ((colour === REST) === isRest) paintDot(pen, pen.xOf(x), pen.yOf(y), size, colour, hasRim && !isMany)
  pen.context.globalAlpha = 1
}

function paintRing(pen: Pen, { x, y, colour }: PlacedPoint): void {
  const { context, ratio, xOf, yOf } = pen
  paintDot(pen, xOf(x), yOf(y), 5, colour, true)
  context.beginPath()
  context.arc(xOf(x), yOf(y), 7.5 * ratio, 0, Math.PI * 2)
  context.strokeStyle = colourNow('var(--text)')
  context.lineWidth = 1.5 * ratio
  context.stroke()
}

function textOf(point: PlacedPoint, order: readonly PlacedPoint[], rowsOf: PointPlaneProps['rowsOf']): string {
  const figures = rowsOf(point.id).map(({ label, value }) => say(words.pair, { name: label, value }))
  return say(words.onePoint, {
    n: order.indexOf(point) + 1,
    count: order.length,
    values: [point.label, ...figures].join(', '),
  })
}

interface PointPointing {
  readonly order: readonly PlacedPoint[]
  readonly at: string | undefined
  readonly setAt: (id: string | undefined) => void
  readonly pixelOf: (point: PlacedPoint) => { readonly x: number; readonly y: number }
  readonly choose: (id: string) => void
}

function usePointPointing({ order, at, setAt, pixelOf, choose }: PointPointing) {
  const nearest = (event: PointerEvent<HTMLElement>): string | undefined => {
    const box = event.currentTarget.getBoundingClientRect()
    let found: string | undefined
    let least = NEAR
    for (const point of order) {
      const { x, y } = pixelOf(point)
      const distance = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top)
      if (distance >= least) continue
      least = distance
      found = point.id
    }
    return found
  }
  return {
    onPointerMove: (event: PointerEvent<HTMLElement>) => setAt(nearest(event)),
    onPointerLeave: () => setAt(undefined),
    onBlur: () => setAt(undefined),
    onClick: () => at !== undefined && choose(at),
    onKeyDown(event: KeyboardEvent) {
      const index = order.findIndex(({ id }) => id === at)
      const stride = event.shiftKey ? 10 : 1
      const go = (next: number) => setAt(order[Math.min(Math.max(next, 0), order.length - 1)]?.id)
      if (event.key === 'ArrowRight' || event.key === 'ArrowUp') go(index + stride)
      else if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') go(index < 0 ? order.length - 1 : index - stride)
      else if (event.key === 'Home') go(0)
      else if (event.key === 'End') go(order.length - 1)
      else if (event.key === 'Escape') setAt(undefined)
      else if (event.key === 'Enter' && at !== undefined) choose(at)
      else return
      event.preventDefault()
    },
  }
}
