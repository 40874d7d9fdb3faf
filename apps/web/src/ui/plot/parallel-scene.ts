import { isWithin } from './brushes.ts'
import type { Brushes } from './brushes.ts'
import { colourAt, rampColour, REST } from './palette.ts'
import { scaleOf } from './scale.ts'
import type { Axis, Scale, Value } from './scale.ts'

export interface ParallelAxis extends Axis {
  readonly id: string
}

export interface ParallelItem {
  readonly id: string
  readonly label: string
  /** One for each axis, in the order of the axes. */
  readonly values: readonly Value[]
  /** Where no axis gives the colours. */
  readonly colour?: string
}

/** A line through all axes. */
export interface ParallelLine {
  readonly item: ParallelItem
  /** Of each axis, from 0 at its lower end to 1; NaN for no value. */
  readonly shares: Float64Array
  readonly isWithin: boolean
  /** Made when it is drawn, for colours change with the theme. */
  readonly colour: () => string
}

export interface ParallelScene {
  readonly axes: readonly ParallelAxis[]
  readonly scales: readonly Scale[]
  readonly lines: readonly ParallelLine[]
  readonly within: number
  /** Some items lack a value: there is a place for them below the axes. */
  readonly hasAbsent: boolean
}

/** Below the axes, in shares of their length. */
export const ABSENT = -0.14

export function parallelScalesOf(
  axes: readonly ParallelAxis[],
  items: readonly ParallelItem[],
  absent: string,
): Scale[] {
  return axes.map(({ scale }, index) =>
    scaleOf(
      items.map(({ values }) => values[index]),
      { scale },
      absent,
    ),
  )
}

export function parallelSceneOf(
  axes: readonly ParallelAxis[],
  items: readonly ParallelItem[],
  scales: readonly Scale[],
  brushes: Brushes,
  colourBy: string | undefined,
): ParallelScene {
  const byAxis = new Map(axes.map(({ id }, index) => [id, index]))
  const colourIndex = colourBy === undefined ? undefined : byAxis.get(colourBy)
  let hasAbsent = false
  const lines = items.map((item): ParallelLine => {
    const shares = Float64Array.from(scales, (scale, index) => shareOf(scale, scale.place(item.values[index])))
    hasAbsent ||= shares.some(Number.isNaN)
    return {
      item,
      shares,
      isWithin: isWithin(brushes, (axis) => {
        const index = byAxis.get(axis)
        return index === undefined ? NaN : scales[index]!.place(item.values[index])
      }),
      colour: colourOf(item, colourIndex === undefined ? undefined : scales[colourIndex], colourIndex),
    }
  })
  return { axes, scales, lines, within: lines.filter((line) => line.isWithin).length, hasAbsent }
}

export const shareOf = ({ min, max }: Scale, place: number): number => (place - min) / (max - min)

function colourOf(item: ParallelItem, scale: Scale | undefined, index: number | undefined): () => string {
  if (scale === undefined || index === undefined) return () => item.colour ?? REST
  const place = scale.place(item.values[index])
  if (Number.isNaN(place)) return () => REST
  return scale.is === 'category' ? () => colourAt(place) : () => rampColour(shareOf(scale, place))
}

/** The height of a line at a place between the axes, as a share; `at` counts axes. */
export function heightAt({ shares }: ParallelLine, at: number): number {
  const before = Math.min(Math.max(Math.floor(at), 0), Math.max(shares.length - 2, 0))
  const from = orAbsent(shares[before]!)
  const to = orAbsent(shares[Math.min(before + 1, shares.length - 1)]!)
  return from + (to - from) * (at - before)
}

export const orAbsent = (share: number): number => (Number.isNaN(share) ? ABSENT : share)
