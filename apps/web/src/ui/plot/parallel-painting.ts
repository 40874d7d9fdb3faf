import { colourNow } from '../chart/colours.ts'
import { orAbsent } from './parallel-scene.ts'
import type { ParallelLine, ParallelScene } from './parallel-scene.ts'
import type { Pen } from './plane.ts'

/** The lines outside of the brushes faint, the others above them, and the axes on top. */
export function paintParallel(pen: Pen, scene: ParallelScene): void {
  const { context, ratio } = pen
  context.lineJoin = 'round'
  context.lineWidth = ratio
  const outside = scene.lines.filter((line) => !line.isWithin)
  if (outside.length > 0) {
    context.strokeStyle = colourNow('var(--line-strong)')
    context.globalAlpha = outside.length > 200 ? 0.35 : 0.6
    context.beginPath()
    for (const line of outside) trace(pen, line)
    context.stroke()
  }
  // The more lines, the more of each other they let through.
  context.globalAlpha = Math.min(Math.max(24 / Math.sqrt(Math.max(scene.within, 1)), 0.3), 0.9)
  context.lineWidth = (scene.within > 400 ? 1 : 1.5) * ratio
  for (const [colour, lines] of byColour(scene.lines.filter((line) => line.isWithin))) {
    context.strokeStyle = colourNow(colour)
    // One stroke would let no line shine through another of its colour.
    for (const line of lines) {
      context.beginPath()
      trace(pen, line)
      context.stroke()
    }
  }
  context.globalAlpha = 1
  paintAxes(pen, scene)
}

/** One line above all others, cut out from them. */
export function paintParallelStrong(pen: Pen, line: ParallelLine): void {
  const { context, ratio } = pen
  context.lineJoin = 'round'
  for (const [colour, width] of [
    ['var(--surface)', 6],
    [line.colour(), 3],
  ] as const) {
    context.strokeStyle = colourNow(colour)
    context.lineWidth = width * ratio
    context.beginPath()
    trace(pen, line)
    context.stroke()
  }
}

function trace({ context, xOf, yOf }: Pen, { shares }: ParallelLine): void {
  for (let axis = 0; axis < shares.length; axis++) {
    const x = xOf(axis)
    const y = yOf(orAbsent(shares[axis]!))
    if (axis === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  }
}

function byColour(lines: readonly ParallelLine[]): Map<string, ParallelLine[]> {
  const groups = new Map<string, ParallelLine[]>()
  for (const line of lines) {
    const colour = line.colour()
    const group = groups.get(colour)
    if (group) group.push(line)
    else groups.set(colour, [line])
  }
  return groups
}

function paintAxes({ context, ratio, xOf, yOf }: Pen, { axes }: ParallelScene): void {
  context.strokeStyle = colourNow('var(--axis)')
  context.lineWidth = ratio
  context.beginPath()
  for (const axis of axes.keys()) {
    const x = Math.round(xOf(axis)) + (ratio % 2) / 2
    context.moveTo(x, yOf(0))
    context.lineTo(x, yOf(1))
  }
  context.stroke()
}
