/** A stretch of an axis, in the units that are drawn. */
export interface Brush {
  readonly from: number
  readonly to: number
}

/** The brushes that are set, by the id of their axis. */
export type Brushes = ReadonlyMap<string, Brush>

/** Whether an item lies within all brushes; `placeOf` tells where it lies on an axis, NaN for nowhere. */
export const isWithin = (brushes: Brushes, placeOf: (axis: string) => number): boolean =>
  [...brushes].every(([axis, { from, to }]) => {
    const place = placeOf(axis)
    return place >= from && place <= to
  })

/** The brushes with one set, whichever end comes first, or taken away. */
export function withBrush(brushes: Brushes, axis: string, ends: readonly [number, number] | undefined): Brushes {
  const next = new Map(brushes)
  if (ends === undefined) next.delete(axis)
  else next.set(axis, { from: Math.min(...ends), to: Math.max(...ends) })
  return next
}
