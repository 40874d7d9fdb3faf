import { colourNow } from '../chart/colours.ts'
import { DENSE, drawBand, runsOf, strokeOf } from '../chart/path.ts'
import type { LineScene, LineSeries, LineValue, Range } from './line-scene.ts'
import type { Pen } from './plane.ts'
import { rowFrom, rowNear } from './trace.ts'
import type { Trace } from './trace.ts'

const LINE = 1.5
const FAINT = 0.22
/** So many lines hide what lies beneath them, and take a canvas long: they are thin, and nothing is drawn beneath. */
const CROWD = 40
/** Beside a line that is highlighted the others step back. */
const BACK = 0.25

/** All lines, the first on top; what was logged lies faint beneath what is smoothed. */
export function paintLines(pen: Pen, scene: LineScene, highlighted: string | undefined): void {
  const { context } = pen
  const lines = scene.lines.toReversed()
  const strengthOf = ({ id }: LineSeries) => (highlighted === undefined || id === highlighted ? 1 : BACK)
  const isCrowd = lines.length > CROWD
  if (scene.isSmoothed && !isCrowd)
    for (const { series, trace } of lines) {
      context.globalAlpha = FAINT * strengthOf(series)
      paintRows(pen, trace, trace.raw, series, 1)
    }
  for (const { series, trace } of lines) {
    context.globalAlpha = strengthOf(series)
    paintRows(pen, trace, trace.line, series, isCrowd ? 1 : LINE)
    paintInfinities(pen, trace, series)
    if (series.live) paintEnd(pen, trace, series)
  }
  context.globalAlpha = 1
}

/** One line once more, above the others and cut out from them. */
export function paintStrong(pen: Pen, scene: LineScene, id: string): void {
  const line = scene.lines.find(({ series }) => series.id === id)
  if (!line) return
  const { series, trace } = line
  paintRows(pen, trace, trace.line, { ...series, colour: 'var(--surface)', dash: [] }, LINE + 4)
  paintRows(pen, trace, trace.line, series, LINE + 1)
}

/** The crosshair with a dot on each line, and the stretch that is being selected. */
export function paintCrosshair(
  pen: Pen,
  x: number | undefined,
  values: readonly LineValue[],
  selection: Range | undefined,
): void {
  const { context, ratio, window, xOf, yOf } = pen
  const { top, height } = window.box
  if (selection) {
    const [from, to] = [xOf(selection.from), xOf(selection.to)]
    context.fillStyle = colourNow('var(--accent)')
    context.globalAlpha = 0.14
    context.fillRect(from, top, to - from, height)
    context.globalAlpha = 1
    context.strokeStyle = colourNow('var(--accent)')
    context.lineWidth = ratio
    context.strokeRect(from, top, to - from, height)
  }
  if (x === undefined) return
  const at = Math.round(xOf(x)) + (ratio % 2) / 2
  context.strokeStyle = colourNow('var(--text)')
  context.lineWidth = ratio
  context.beginPath()
  context.moveTo(at, top)
  context.lineTo(at, top + height)
  context.stroke()
  for (const { series, at: value } of values) {
    if (Number.isNaN(value)) continue
    paintDot(pen, at, yOf(value), 4, series.colour, true)
  }
}

function paintRows(
  { context, window, ratio }: Pen,
  { xs }: Trace,
  values: Float64Array,
  { colour, dash = [] }: Pick<LineSeries, 'colour' | 'dash'>,
  width: number,
): void {
  // One row beyond each edge, for the line goes on there.
  const first = Math.max(rowFrom(xs, window.x.min) - 1, 0)
  const last = Math.min(rowNear(xs, window.x.max) + 1, xs.length - 1)
  if (last < first) return
  const runs = runsOf(xs, values, first, last, window)
  const now = colourNow(colour)
  // Lines that go up and down within each pixel take a canvas long to stroke; upright boxes do not.
  if (dash.length === 0 && (last - first) / window.box.width > DENSE) {
    drawBand({ ctx: context }, runs, now, width * ratio)
    return
  }
  context.strokeStyle = context.fillStyle = now
  context.lineWidth = width * ratio
  context.lineJoin = 'bevel'
  context.setLineDash(dash.map((length) => length * ratio))
  context.stroke(strokeOf(runs))
  context.setLineDash([])
  for (const run of runs) {
    if (run.length > 1) continue
    context.beginPath()
    context.arc(run[0]!.x, run[0]!.last, (width + 0.5) * ratio, 0, Math.PI * 2)
    context.fill()
  }
}

/** A triangle at the edge where the value went. */
function paintInfinities(pen: Pen, trace: Trace, { colour }: LineSeries): void {
  const { context, ratio, window, xOf } = pen
  const { left, top, width, height } = window.box
  const size = 5 * ratio
  context.fillStyle = colourNow(colour)
  for (const row of trace.infinite) {
    const x = xOf(trace.xs[row]!)
    if (x < left || x > left + width) continue
    const isUp = trace.values[row]! > 0
    const tip = isUp ? top + ratio : top + height - ratio
    const base = isUp ? tip + size * 1.6 : tip - size * 1.6
    context.beginPath()
    context.moveTo(x, tip)
    context.lineTo(x + size, base)
    context.lineTo(x - size, base)
    context.closePath()
    context.fill()
  }
}

/** A dot at the end: there it goes on. */
function paintEnd(pen: Pen, { xs, line }: Trace, { colour }: LineSeries): void {
  let row = xs.length - 1
  while (row >= 0 && Number.isNaN(line[row])) row -= 1
  if (row >= 0 && xs[row]! <= pen.window.x.max) paintDot(pen, pen.xOf(xs[row]!), pen.yOf(line[row]!), 3, colour, false)
}

/** `size` is the radius in pixels of the page. */
export function paintDot(
  { context, ratio }: Pen,
  x: number,
  y: number,
  size: number,
  colour: string,
  hasRim: boolean,
): void {
  context.beginPath()
  context.arc(x, y, size * ratio, 0, Math.PI * 2)
  context.fillStyle = colourNow(colour)
  context.fill()
  if (!hasRim) return
  context.strokeStyle = colourNow('var(--surface)')
  context.lineWidth = (size > 3 ? 2 : 1) * ratio
  context.stroke()
}
