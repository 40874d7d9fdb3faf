import type uPlot from 'uplot'
import { colourNow, faded } from './colours.ts'
import type { Series } from './chart.ts'

/** What the rows of one pixel say, in pixels of the canvas: y grows downwards. */
export interface Column {
  readonly x: number
  readonly first: number
  readonly highest: number
  readonly lowest: number
  readonly last: number
}

/** Where values come to lie: a box of the canvas in its pixels, and what its edges stand for. */
export interface Window {
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  readonly x: { readonly min: number; readonly max: number }
  readonly y: { readonly min: number; readonly max: number }
}

/** Beyond so many rows on a pixel a line is the band between its lowest and highest values. */
export const DENSE = 2

/** Draws a line that breaks where there is no value, and its area down to zero. Rows that fall on one pixel are drawn
 *  as one, so that the cost follows the width of the screen and not the number of rows. */
export function linePath({ colour, area, dash, width = 1.5 }: Series): uPlot.Series.PathBuilder {
  return (plot, seriesIndex, first, last) => {
    const times = plot.data[0] as unknown as Float64Array
    const values = plot.data[seriesIndex] as unknown as Float64Array
    const window = { box: plot.bbox, x: rangeOf(plot.scales.x!), y: rangeOf(plot.scales.y!) }
    const runs = runsOf(times, values, first, last, window)
    const bottom = plot.bbox.top + plot.bbox.height
    const fill = new Map<string, Path2D>()
    if (area !== undefined) fill.set(faded(colour, area), areaOf(runs, bottom))
    // Lines that go up and down within each pixel take a canvas long to stroke; upright boxes do not.
    const isDense = !dash && (last - first) / plot.bbox.width > DENSE
    if (isDense) drawBand(plot, runs, colourNow(colour), width * devicePixelRatio)
    return {
      stroke: isDense ? null : strokeOf(runs),
      fill: fill.size > 0 ? fill : null,
      clip: null,
      band: null,
      gaps: null,
      flags: 0,
    } as unknown as uPlot.Series.Paths
  }
}

const rangeOf = ({ min, max }: uPlot.Scale) => ({ min: min!, max: max! })

/** Stretches of a line without a gap, from row `first` to row `last`; rows lie in the order of their times. */
export function runsOf(
  times: Float64Array,
  values: Float64Array,
  first: number,
  last: number,
  { box: { left, top, width, height }, x, y }: Window,
): Column[][] {
  const perSecond = width / (x.max - x.min)
  const perValue = height / (y.max - y.min)
  const runs: Column[][] = []
  let run: Column[] | undefined
  let [pixel, entry, highest, lowest, exit] = [0, 0, 0, 0, 0]
  const finish = () => run?.push({ x: pixel, first: entry, highest, lowest, last: exit })
  for (let index = first; index <= last; index++) {
    const value = values[index]!
    // Only NaN is not itself.
    if (value !== value) {
      finish()
      run = undefined
      continue
    }
    const nextPixel = Math.round(left + (times[index]! - x.min) * perSecond)
    const at = top + height - (value - y.min) * perValue
    if (run && nextPixel === pixel) {
      if (at < highest) highest = at
      if (at > lowest) lowest = at
      exit = at
      continue
    }
    if (run) finish()
    else runs.push((run = []))
    pixel = nextPixel
    entry = highest = lowest = exit = at
  }
  finish()
  return runs
}

export function strokeOf(runs: readonly Column[][]): Path2D {
  const path = new Path2D()
  for (const run of runs) {
    path.moveTo(run[0]!.x, run[0]!.first)
    for (const { x, first, highest, lowest, last } of run) {
      path.lineTo(x, first)
      if (highest !== lowest) {
        path.lineTo(x, highest)
        path.lineTo(x, lowest)
        path.lineTo(x, last)
      }
    }
    // A row that stands alone would be no line at all.
    if (run.length === 1) path.lineTo(run[0]!.x + 1, run[0]!.last)
  }
  return path
}

function areaOf(runs: readonly Column[][], bottom: number): Path2D {
  const path = new Path2D()
  for (const run of runs) {
    path.moveTo(run[0]!.x, bottom)
    for (const { x, highest } of run) path.lineTo(x, highest)
    path.lineTo(run.at(-1)!.x, bottom)
    path.closePath()
  }
  return path
}

/** A column for each pixel, at least as high as the line is wide, and reaching to the one before it. */
export function drawBand({ ctx }: Pick<uPlot, 'ctx'>, runs: readonly Column[][], colour: string, width: number): void {
  ctx.fillStyle = colour
  for (const run of runs) {
    let before = run[0]!
    for (const column of run) {
      const top = Math.round(Math.min(column.highest, before.lowest) - width / 2)
      const bottom = Math.round(Math.max(column.lowest, before.highest) + width / 2)
      ctx.fillRect(before.x, top, Math.max(column.x - before.x, 1), bottom - top)
      before = column
    }
  }
}
