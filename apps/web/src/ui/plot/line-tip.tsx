import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import type { LineCrosshair } from './line-pointing.ts'
import { valuesAt, wordsAlong } from './line-scene.ts'
import type { LineScene, LineValue } from './line-scene.ts'
import { measure } from './measure.ts'
import { PLANE_BOTTOM, PLANE_RIGHT, PLANE_TOP } from './plane.ts'
import { PlotTip } from './plot-figure.tsx'

/** More would be longer than the plot. */
const MOST = 8

export interface NearLine {
  readonly value: LineValue
  /** From the pointer to the line, in pixels; without a pointer, or a place of the value, it is infinite. */
  readonly distance: number
}

/** The lines in the order of their distance from the pointer, or in their own when the keyboard moves. */
export function nearestFirst(
  values: readonly LineValue[],
  pointer: number | undefined,
  { y }: LineScene,
  height: number,
): NearLine[] {
  if (pointer === undefined) return values.map((value) => ({ value, distance: Infinity }))
  const perPixel = (y.max - y.min) / (height - PLANE_TOP - PLANE_BOTTOM)
  const under = y.max - (pointer - PLANE_TOP) * perPixel
  const distanceOf = ({ at }: LineValue) => (Number.isNaN(at) ? Infinity : Math.abs(at - under) / perPixel)
  const near = values.map((value) => ({ value, distance: distanceOf(value) }))
  return near.sort((one, other) => (one.distance === other.distance ? 0 : one.distance - other.distance))
}

interface LineTipProps {
  readonly scene: LineScene
  readonly crosshair: LineCrosshair
  readonly nearest: readonly NearLine[]
  readonly strong: string | undefined
  readonly left: number
  readonly width: number
}

/** The place of the crosshair and the values there: the nearest lines, from the highest to the lowest. */
export function LineTip({ scene, crosshair, nearest, strong, left, width }: LineTipProps) {
  const share = (crosshair.x - scene.x.min) / (scene.x.max - scene.x.min)
  const shown = nearest.slice(0, MOST).map(({ value }) => value)
  const rows = shown.toSorted((one, other) => (other.at > one.at ? 1 : other.at < one.at ? -1 : 0))
  const more = nearest.length - shown.length
  return (
    <PlotTip
      x={left + share * (width - left - PLANE_RIGHT)}
      y={crosshair.y ?? PLANE_TOP + 12}
      width={width}
      head={wordsAlong(scene.along, crosshair.x)}
      more={more > 0 ? say(words.andMore, { count: more }) : undefined}
      rows={rows.map(({ series: { id, label, colour, dash }, value, logged }) => ({
        key: id,
        label,
        colour,
        dash,
        value: measure(value),
        note: scene.isSmoothed ? say(words.asLogged, { value: measure(logged) }) : undefined,
        strong: id === strong,
      }))}
    />
  )
}

/** The same for those who hear it. */
export function textAt(scene: LineScene, x: number): string {
  const values = valuesAt(scene, x)
  const told = values
    .slice(0, MOST)
    .map(({ series, value }) => say(words.oneValue, { label: series.label, value: measure(value) }))
  if (values.length > MOST) told.push(say(words.andMore, { count: values.length - MOST }))
  return say(words.valueText, { at: wordsAlong(scene.along, x), values: told.join(', ') || words.none })
}
