import uPlot from 'uplot'
import type { Board } from './board.ts'
import { PLOT_LEFT, PLOT_RIGHT, PLOT_TOP } from './chart.ts'
import type { Chart, Gap, Marker } from './chart.ts'
import { colourNow } from './colours.ts'
import { linePath } from './path.ts'
import { valueTicks } from './ticks.ts'

/** What a plot shows besides its lines. Read at each drawing, so it may change between them. */
export interface Surroundings {
  readonly chart: Chart
  readonly markers: readonly Marker[]
  readonly gaps: readonly Gap[]
  /** The newest row is of this moment: its end is marked. */
  readonly live: boolean
}

export interface Drawing {
  draw(): void
  resize(width: number): void
  remove(): void
  /** Pixels from the top of the plot, for a value. */
  yOf(value: number): number
}

const MARKER_COLOURS: Record<Marker['kind'], string> = {
  change: 'var(--text)',
  rollback: 'var(--draining)',
  alert: 'var(--paused)',
  refused: 'var(--failed)',
}
const DASHED = new Set<Marker['kind']>(['alert', 'refused'])
const HATCH = 7
/** Plots below this height have room for two gridlines only. */
const LOW = 100

/** Draws one chart of a board into `place`. Its series are fixed; a chart of other series is another drawing. */
export function createDrawing(place: HTMLElement, board: Board, width: number, around: () => Surroundings): Drawing {
  const { chart } = around()
  const plot = new uPlot(optionsOf(chart, board, width, around), dataOf(chart, board), place)
  return {
    draw() {
      const { from, to } = board.span()
      plot.batch(() => {
        plot.setData(dataOf(chart, board), false)
        plot.setScale('x', { min: from, max: to })
      })
    },
    resize: (next) => plot.setSize({ width: next, height: chart.height }),
    remove: () => plot.destroy(),
    yOf: (value) => plot.valToPos(value, 'y') + PLOT_TOP,
  }
}

/** uPlot takes typed arrays as they are; its types only know those with nulls for gaps. */
function dataOf(chart: Chart, board: Board): uPlot.AlignedData {
  const rows = board.rows()
  return [rows.times, ...chart.series.map(({ id }) => rows.column(id))] as unknown as uPlot.AlignedData
}

function optionsOf(chart: Chart, board: Board, width: number, around: () => Surroundings): uPlot.Options {
  const ticks = (plot: uPlot) => valueTicks(highestOf(plot, board, chart), chart.height < LOW ? 2 : 4)
  return {
    width,
    height: chart.height,
    padding: [PLOT_TOP, PLOT_RIGHT, 6, 0],
    legend: { show: false },
    // The crosshair is one for all charts and belongs to the stack.
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => [board.span().from, board.span().to] },
      y: { range: (plot) => [0, ticks(plot).at(-1) ?? 1] },
    },
    axes: [
      { show: false },
      {
        size: PLOT_LEFT,
        gap: 6,
        font: `11px ${getComputedStyle(document.body).fontFamily}`,
        stroke: () => colourNow('var(--axis)'),
        grid: { stroke: () => colourNow('var(--grid)'), width: 1 },
        ticks: { show: false },
        splits: (plot) => ticks(plot),
        values: (_, splits) => splits.map((value) => chart.format(value)),
      },
    ],
    series: [
      {},
      ...chart.series.map((series) => ({
        // The scale is computed from what is in sight by `highestOf`.
        auto: false,
        stroke: () => colourNow(series.colour),
        width: series.width ?? 1.5,
        ...(series.dash ? { dash: [...series.dash] } : {}),
        paths: linePath(series),
        points: { show: false },
      })),
    ],
    hooks: {
      drawAxes: [(plot) => drawGaps(plot, around().gaps)],
      draw: [
        (plot) => {
          const { markers, live } = around()
          drawBound(plot, around().chart)
          drawMarkers(plot, markers)
          if (live) drawEnds(plot, chart)
        },
      ],
    },
  }
}

/** Rows are evenly spaced, so those in sight are found without a search. */
function highestOf(plot: uPlot, board: Board, chart: Chart): number {
  const { times, step } = board.rows()
  const { from, to } = board.span()
  const start = times[0] ?? 0
  const first = Math.max(Math.floor((from - start) / step), 0)
  const last = Math.min(Math.ceil((to - start) / step), times.length - 1)
  let highest = 0
  for (const index of chart.series.keys()) {
    const values = plot.data[index + 1] as unknown as Float64Array | undefined
    if (!values) continue
    for (let row = first; row <= last; row++) if (values[row]! > highest) highest = values[row]!
  }
  return highest
}

/** Runs with the plot as clip and pixels of the device as unit. */
function within(plot: uPlot, paint: (context: CanvasRenderingContext2D, ratio: number) => void): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  paint(ctx, uPlot.pxRatio)
  ctx.restore()
}

function drawGaps(plot: uPlot, gaps: readonly Gap[]): void {
  const { left, top, width, height } = plot.bbox
  for (const gap of gaps) {
    const from = Math.max(plot.valToPos(gap.from, 'x', true), left)
    const to = Math.min(plot.valToPos(gap.to, 'x', true), left + width)
    if (to - from < 1) continue
    within(plot, (context, ratio) => {
      context.beginPath()
      context.rect(from, top, to - from, height)
      context.clip()
      context.strokeStyle = colourNow('var(--line-strong)')
      context.lineWidth = ratio
      context.beginPath()
      for (let x = from - height - (from % (HATCH * ratio)); x < to; x += HATCH * ratio) {
        context.moveTo(x, top + height)
        context.lineTo(x + height, top)
      }
      context.stroke()
    })
  }
}

function drawMarkers(plot: uPlot, markers: readonly Marker[]): void {
  const { top, height } = plot.bbox
  within(plot, (context, ratio) => {
    for (const { at, kind } of markers) {
      const x = Math.round(plot.valToPos(at, 'x', true)) + (ratio % 2) / 2
      context.strokeStyle = colourNow(MARKER_COLOURS[kind])
      context.lineWidth = ratio
      context.globalAlpha = kind === 'change' ? 0.55 : 1
      context.setLineDash(DASHED.has(kind) ? [3 * ratio, 3 * ratio] : [])
      context.beginPath()
      context.moveTo(x, top)
      context.lineTo(x, top + height)
      context.stroke()
    }
  })
}

function drawBound(plot: uPlot, { bound }: Chart): void {
  if (!bound || bound.at > (plot.scales.y?.max ?? 0)) return
  const { left, width } = plot.bbox
  const y = Math.round(plot.valToPos(bound.at, 'y', true))
  within(plot, (context, ratio) => {
    context.strokeStyle = colourNow('var(--text-3)')
    context.lineWidth = ratio
    context.beginPath()
    context.moveTo(left, y)
    context.lineTo(left + width, y)
    context.stroke()
  })
}

/** A dot at the end of each line: there it goes on. */
function drawEnds(plot: uPlot, chart: Chart): void {
  const times = plot.data[0] as unknown as Float64Array
  const last = times.length - 1
  const { ctx } = plot
  for (const [index, { colour }] of chart.series.entries()) {
    const value = (plot.data[index + 1] as unknown as Float64Array | undefined)?.[last] ?? NaN
    if (Number.isNaN(value) || times[last]! > (plot.scales.x?.max ?? 0)) continue
    ctx.beginPath()
    ctx.arc(plot.valToPos(times[last]!, 'x', true), plot.valToPos(value, 'y', true), 3 * uPlot.pxRatio, 0, Math.PI * 2)
    ctx.fillStyle = colourNow(colour)
    ctx.fill()
  }
}
