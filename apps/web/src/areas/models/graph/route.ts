import type { Point } from './layout.ts'

/** A line through its bends as an SVG path, bent softly. */
export function pathOf(points: readonly Point[], direction: 'down' | 'right'): string {
  const [first, ...rest] = points
  const last = rest.at(-1)
  if (!first || !last) return ''
  const text = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`
  if (rest.length <= 2) {
    // From box to box in one curve that leaves and arrives in the direction of the graph.
    const half = direction === 'down' ? (last.y - first.y) / 2 : (last.x - first.x) / 2
    const lean = ({ x, y }: Point, by: number) => text(direction === 'down' ? { x, y: y + by } : { x: x + by, y })
    return `M${text(first)}C${lean(first, half)} ${lean(last, -half)} ${text(last)}`
  }
  let path = `M${text(first)}`
  for (let index = 0; index < rest.length - 1; index++) {
    const here = rest[index]!
    const next = rest[index + 1]!
    const end = index === rest.length - 2 ? next : { x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 }
    path += `Q${text(here)} ${text(end)}`
  }
  return path
}
