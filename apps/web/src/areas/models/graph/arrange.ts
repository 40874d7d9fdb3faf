import { Graph, layout } from '@dagrejs/dagre'
import type { Layout, LayoutTask, Point } from './layout.ts'
import { inLayers } from './layers.ts'

/** dagre's layouts are the nicer ones; it takes long, and goes deeper than the stack, for large graphs. */
const DAGRE_UP_TO = 700
const GAPS = { nodesep: 22, ranksep: 34, edgesep: 10 }

export function arrange(task: LayoutTask): Layout {
  if (task.boxes.length > DAGRE_UP_TO) return inLayers(task)
  try {
    return byDagre(task)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return inLayers(task)
  }
}

function byDagre({ boxes, lines, direction }: LayoutTask): Layout {
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: direction === 'down' ? 'TB' : 'LR', ...GAPS })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height })
  for (const { id, from, to } of lines) graph.setEdge(from, to, {}, id)
  layout(graph)
  const places: Record<string, Point> = {}
  for (const { id, width, height } of boxes) {
    const { x, y } = graph.node(id) as Point
    places[id] = { x: x - width / 2, y: y - height / 2 }
  }
  const routes: Record<string, readonly Point[]> = {}
  for (const { id, from, to } of lines)
    routes[id] = (graph.edge(from, to, id) as { points: Point[] }).points.map(({ x, y }) => ({ x, y }))
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return { places, routes, width, height }
}
