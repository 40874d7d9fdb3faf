import type { Layout, LayoutTask, Point } from './layout.ts'

/** Places a large graph in layers, after Sugiyama, Tagawa and Toda (1981): ranks by the longest way from a source, few
 *  crossings by the mean place of neighbours, straight lines where they fit. Takes time in proportion to nodes and
 *  ranks crossed, and no stack. Boxes must come in an order of execution. */
export function inLayers({ boxes, lines, direction }: LayoutTask): Layout {
  const cells = rank(boxes, lines, direction)
  const layers = Object.values(Object.groupBy(cells.all, ({ rank: at }) => at)) as Cell[][]
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    for (const layer of isDown ? layers : layers.toReversed()) order(layer, isDown ? 'before' : 'after')
  }
  for (const layer of layers) pack(layer)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    for (const layer of isDown ? layers : layers.toReversed()) straighten(layer, isDown ? 'before' : 'after')
  }
  return drawn(cells, layers, boxes, lines, direction)
}

interface Cell {
  readonly id: string
  readonly rank: number
  /** Across the layer and along the ranks. */
  readonly breadth: number
  readonly depth: number
  readonly before: Cell[]
  readonly after: Cell[]
  place: number
  middle: number
}

const SWEEPS = 6
const GAP = 22
const RANK_GAP = 34
/** A line that crosses more ranks than this is drawn straight. */
const LONGEST = 60
const THREAD = 6

interface Cells {
  readonly all: Cell[]
  readonly byId: ReadonlyMap<string, Cell>
  /** The bends of lines that cross ranks. */
  readonly bends: ReadonlyMap<string, readonly Cell[]>
}

function rank(boxes: LayoutTask['boxes'], lines: LayoutTask['lines'], direction: LayoutTask['direction']): Cells {
  const ranks = new Map(boxes.map(({ id }) => [id, 0]))
  const into = Map.groupBy(lines, ({ to }) => to)
  for (const { id } of boxes)
    for (const { from } of into.get(id) ?? []) ranks.set(id, Math.max(ranks.get(id)!, (ranks.get(from) ?? 0) + 1))
  const isDown = direction === 'down'
  const cellOf = (id: string, at: number, width: number, height: number): Cell => ({
    id,
    rank: at,
    breadth: isDown ? width : height,
    depth: isDown ? height : width,
    before: [],
    after: [],
    place: 0,
    middle: 0,
  })
  const byId = new Map(boxes.map(({ id, width, height }) => [id, cellOf(id, ranks.get(id)!, width, height)]))
  const all = [...byId.values()]
  const bends = new Map<string, readonly Cell[]>()
  for (const line of lines) {
    const from = byId.get(line.from)
    const to = byId.get(line.to)
    if (!from || !to) continue
    const between: Cell[] = []
    if (to.rank - from.rank <= LONGEST)
      for (let at = from.rank + 1; at < to.rank; at++) between.push(cellOf(line.id, at, THREAD, THREAD))
    bends.set(line.id, between)
    all.push(...between)
    let last = from
    for (const cell of [...between, to]) {
      last.after.push(cell)
      cell.before.push(last)
      last = cell
    }
  }
  return { all, byId, bends }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function order(layer: Cell[], side: 'before' | 'after'): void {
  const wanted = new Map(
    layer.map((cell) => [cell, cell[side].length === 0 ? cell.place : mean(cell[side].map(({ place }) => place))]),
  )
  layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!)
  for (const [place, cell] of layer.entries()) cell.place = place
}

/** Side by side, around the middle. */
function pack(layer: readonly Cell[]): void {
  const whole = layer.reduce((sum, { breadth }) => sum + breadth + GAP, -GAP)
  let at = -whole / 2
  for (const cell of layer) {
    cell.middle = at + cell.breadth / 2
    at += cell.breadth + GAP
  }
}

/** As near to the neighbours as the order leaves room for: the mean of packing from the left and from the right. */
function straighten(layer: readonly Cell[], side: 'before' | 'after'): void {
  const wanted = layer.map((cell) =>
    cell[side].length === 0 ? cell.middle : mean(cell[side].map(({ middle }) => middle)),
  )
  const apart = (index: number) => (layer[index]!.breadth + layer[index - 1]!.breadth) / 2 + GAP
  const fromLeft = [...wanted]
  for (let index = 1; index < layer.length; index++)
    fromLeft[index] = Math.max(wanted[index]!, fromLeft[index - 1]! + apart(index))
  const fromRight = [...wanted]
  for (let index = layer.length - 2; index >= 0; index--)
    fromRight[index] = Math.min(wanted[index]!, fromRight[index + 1]! - apart(index + 1))
  for (const [index, cell] of layer.entries()) cell.middle = (fromLeft[index]! + fromRight[index]!) / 2
}

function drawn(
  { all, byId, bends }: Cells,
  layers: readonly (readonly Cell[])[],
  boxes: LayoutTask['boxes'],
  lines: LayoutTask['lines'],
  direction: LayoutTask['direction'],
): Layout {
  const least = all.reduce((low, { middle, breadth }) => Math.min(low, middle - breadth / 2), Infinity)
  const most = all.reduce((high, { middle, breadth }) => Math.max(high, middle + breadth / 2), -Infinity)
  const middles: number[] = []
  let along = 0
  for (const layer of layers) {
    const depth = layer.reduce((deepest, cell) => Math.max(deepest, cell.depth), 0)
    middles.push(along + depth / 2)
    along += depth + RANK_GAP
  }
  const point = (across: number, down: number): Point =>
    direction === 'down' ? { x: across - least, y: down } : { x: down, y: across - least }
  const centre = (cell: Cell) => point(cell.middle, middles[cell.rank]!)
  const edge = (cell: Cell, way: 1 | -1) => point(cell.middle, middles[cell.rank]! + (way * cell.depth) / 2)
  const places = Object.fromEntries(
    boxes.map(({ id, width, height }) => {
      const { x, y } = centre(byId.get(id)!)
      return [id, { x: x - width / 2, y: y - height / 2 }]
    }),
  )
  const routes = Object.fromEntries(
    lines.map(({ id, from, to }) => [
      id,
      [edge(byId.get(from)!, 1), ...(bends.get(id) ?? []).map(centre), edge(byId.get(to)!, -1)],
    ]),
  )
  const end = point(most, Math.max(along - RANK_GAP, 0))
  return { places, routes, width: end.x, height: end.y }
}
