import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { colourNow } from '../chart/colours.ts'
import type { Window } from '../chart/path.ts'
import type { Tick } from './ticks.ts'

export interface PlaneAxis {
  readonly min: number
  readonly max: number
  readonly ticks: readonly Tick[]
  /** Lines across the plane at each tick. */
  readonly lines?: boolean
}

/** A canvas with its two axes. Whatever changes makes a new one. */
export interface PlaneLook {
  readonly x: PlaneAxis
  readonly y: PlaneAxis
  /** Room for the labels of y, in pixels. */
  readonly left: number
  /** Everything but what follows the pointer. */
  readonly paint: (pen: Pen) => void
}

/** Draws in pixels of the device; the plane is its clip. */
export interface Pen {
  readonly context: CanvasRenderingContext2D
  readonly window: Window
  /** Pixels of the device for one of the page. */
  readonly ratio: number
  readonly xOf: (value: number) => number
  readonly yOf: (value: number) => number
}

export interface Plane {
  draw(): void
  drawOver(): void
  resize(width: number, height: number): void
  remove(): void
}

export const PLANE_TOP = 8
export const PLANE_RIGHT = 14
export const PLANE_BOTTOM = 22

/** uPlot wants a series; the lines are painted by whoever knows them. */
const NOTHING: uPlot.AlignedData = [
  [0, 1],
  [0, 1],
]

/** Room for the longest of the labels, in pixels. */
export const roomFor = (ticks: readonly Tick[], most = 96): number =>
  Math.min(Math.max(...ticks.map(({ label }) => label.length), 4) * 6.4 + 14, most)

/** Draws a plane into `place`, and above it what `over` paints, which changes without drawing the plane again. */
export function createPlane(
  place: HTMLElement,
  size: { readonly width: number; readonly height: number },
  look: () => PlaneLook,
  over: () => ((pen: Pen) => void) | undefined,
): Plane {
  const sheet = document.createElement('canvas')
  let isRemoved = false
  const drawOver = () => {
    if (!isRemoved) paintOver(plot, sheet, look(), over())
  }
  const plot = new uPlot(optionsOf(size, look, drawOver), NOTHING, place)
  plot.root.style.position = 'relative'
  sheet.style.cssText = 'position:absolute;inset:0;pointer-events:none'
  plot.root.append(sheet)
  return {
    draw() {
      const { x, y } = look()
      plot.batch(() => {
        plot.setScale('x', { min: x.min, max: x.max })
        plot.setScale('y', { min: y.min, max: y.max })
        plot.redraw(false, true)
      })
    },
    drawOver,
    resize: (width, height) => plot.setSize({ width, height }),
    remove() {
      isRemoved = true
      plot.destroy()
    },
  }
}

function optionsOf(
  { width, height }: { readonly width: number; readonly height: number },
  look: () => PlaneLook,
  onDrawn: () => void,
): uPlot.Options {
  const axis = (which: 'x' | 'y'): uPlot.Axis => ({
    scale: which,
    gap: 6,
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    stroke: () => colourNow('var(--axis)'),
    grid: {
      show: true,
      stroke: () => (look()[which].lines === false ? 'transparent' : colourNow('var(--grid)')),
      width: 1,
    },
    ticks: { show: false },
    splits: () => look()[which].ticks.map(({ at }) => at),
    values: () => look()[which].ticks.map(({ label }) => label),
    size: () => (which === 'x' ? PLANE_BOTTOM : look().left),
  })
  return {
    width,
    height,
    padding: [PLANE_TOP, PLANE_RIGHT, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [look().x.min, look().x.max] },
      y: { range: () => [look().y.min, look().y.max] },
    },
    axes: [axis('x'), axis('y')],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: {
      draw: [
        (plot) => {
          clipped(plot.ctx, plot, look(), look().paint)
          onDrawn()
        },
      ],
    },
  }
}

function paintOver(
  plot: uPlot,
  sheet: HTMLCanvasElement,
  look: PlaneLook,
  paint: ((pen: Pen) => void) | undefined,
): void {
  const { width, height } = plot.ctx.canvas
  // Setting a size clears the canvas, too.
  sheet.width = width
  sheet.height = height
  sheet.style.width = `${plot.width}px`
  sheet.style.height = `${plot.height}px`
  const context = sheet.getContext('2d')
  if (context && paint) clipped(context, plot, look, paint)
}

function clipped(
  context: CanvasRenderingContext2D,
  { bbox }: uPlot,
  { x, y }: PlaneLook,
  paint: (pen: Pen) => void,
): void {
  const { left, top, width, height } = bbox
  context.save()
  context.beginPath()
  context.rect(left, top, width, height)
  context.clip()
  paint({
    context,
    window: { box: bbox, x, y },
    ratio: uPlot.pxRatio,
    xOf: (value) => left + ((value - x.min) / (x.max - x.min)) * width,
    yOf: (value) => top + height - ((value - y.min) / (y.max - y.min)) * height,
  })
  context.restore()
}
