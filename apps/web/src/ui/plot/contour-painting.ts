import { valueOn } from './interpolation.ts'
import type { Grid } from './interpolation.ts'
import { rampColour } from './palette.ts'
import type { Pen } from './plane.ts'

/** Bands between low and high. */
export const BANDS = 9
/** Of the page's pixels, each way, one square has one colour. */
const FINE = 1

/** Fills the plane with bands of equal height: each row of pixels in stretches of one colour. `plane` is what of the
 *  axes the grid covers. */
export function paintBands(
  { context, window, ratio, xOf, yOf }: Pen,
  grid: Grid,
  plane: { readonly x: Span; readonly y: Span },
  height: Span,
): void {
  const left = xOf(plane.x.min)
  const right = xOf(plane.x.max)
  const bottom = yOf(plane.y.min)
  const top = yOf(plane.y.max)
  const step = Math.max(Math.round(FINE * ratio), 1)
  const bandAt = (x: number, y: number): number => {
    const value = valueOn(grid, (x - left) / (right - left), (bottom - y) / (bottom - top))
    if (Number.isNaN(value)) return -1
    const share = (value - height.min) / (height.max - height.min || 1)
    return Math.min(Math.max(Math.floor(share * BANDS), 0), BANDS - 1)
  }
  const lastRow = Math.min(bottom, window.box.top + window.box.height)
  for (let y = Math.round(top); y < lastRow; y += step) {
    let begin = Math.round(left)
    let band = bandAt(begin, y)
    for (let x = begin + step; x <= right; x += step) {
      const here = bandAt(x, y)
      if (here === band) continue
      fill(context, band, begin, y, x - begin, step)
      begin = x
      band = here
    }
    fill(context, band, begin, y, Math.round(right) - begin, step)
  }
}

interface Span {
  readonly min: number
  readonly max: number
}

function fill(
  context: CanvasRenderingContext2D,
  band: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (band < 0) return
  context.fillStyle = rampColour(band / (BANDS - 1))
  context.fillRect(x, y, width, height)
}
