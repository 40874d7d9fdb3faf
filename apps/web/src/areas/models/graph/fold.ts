import type { GraphNode, GraphTensor, ModelGraph } from '@stead/contracts'
import { familyOf } from './families.ts'
import type { Family } from './families.ts'

type Weight = ModelGraph['weights'][number]

/** Where a tensor that a node takes comes from. */
export type Source =
  | { readonly is: 'node'; readonly name: string; readonly of: string }
  | { readonly is: 'weight'; readonly name: string; readonly weight: Weight }
  | { readonly is: 'constant'; readonly name: string; readonly value: string }
  | { readonly is: 'unknown'; readonly name: string }

/** One box of the picture. `id` is `n` and the node's place in the file, or `i` and `o` for the graph's own tensors. */
export interface Box {
  readonly id: string
  readonly kind: 'input' | 'node' | 'output'
  readonly title: string
  readonly subtitle: string
  readonly family: Family
  readonly node: GraphNode | undefined
  readonly tensor: GraphTensor | undefined
  readonly sources: readonly Source[]
  readonly width: number
  readonly height: number
}

export interface Line {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly tensor: string
}

/** The graph as it is drawn: weights and constants are parts of the nodes that take them. */
export interface Folded {
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
  readonly byId: ReadonlyMap<string, Box>
  /** By id, what comes before and after. */
  readonly before: ReadonlyMap<string, readonly string[]>
  readonly after: ReadonlyMap<string, readonly string[]>
}

const LINE_HEIGHT = 30
const TWO_LINES_HEIGHT = 44
const NARROWEST = 56
const WIDEST = 240

export function foldGraph(graph: ModelGraph): Folded {
  const weights = new Map(graph.weights.map((weight) => [weight.name, weight]))
  const constants = new Map(graph.nodes.filter(isConstant).map((node) => [node.outputs[0] ?? '', valueOf(node)]))
  const makers = new Map<string, string>()
  for (const [at, { name }] of graph.inputs.entries()) makers.set(name, `i${at}`)
  for (const [at, node] of graph.nodes.entries())
    if (!isConstant(node)) for (const name of node.outputs) if (name !== '') makers.set(name, `n${at}`)

  const sourceOf = (name: string): Source => {
    const weight = weights.get(name)
    if (weight) return { is: 'weight', name, weight }
    const constant = constants.get(name)
    if (constant !== undefined) return { is: 'constant', name, value: constant }
    const of = makers.get(name)
    return of === undefined ? { is: 'unknown', name } : { is: 'node', name, of }
  }

  const boxes: Box[] = [
    ...graph.inputs.map((tensor, at) => ioBox(`i${at}`, 'input', tensor, [])),
    ...graph.nodes.flatMap((node, at) =>
      isConstant(node) ? [] : [nodeBox(`n${at}`, node, node.inputs.map(sourceOf))],
    ),
    ...graph.outputs.map((tensor, at) => ioBox(`o${at}`, 'output', tensor, [sourceOf(tensor.name)])),
  ]
  const lines = boxes.flatMap(({ id, sources }) =>
    sources.flatMap((source, at) =>
      source.is === 'node' ? [{ id: `${source.of}>${id}.${at}`, from: source.of, to: id, tensor: source.name }] : [],
    ),
  )
  return {
    boxes,
    lines,
    byId: new Map(boxes.map((box) => [box.id, box])),
    before: neighbours(lines, 'to', 'from'),
    after: neighbours(lines, 'from', 'to'),
  }
}

function neighbours(lines: readonly Line[], key: 'from' | 'to', other: 'from' | 'to') {
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const list = found.get(line[key])
    if (!list) found.set(line[key], [line[other]])
    else if (!list.includes(line[other])) list.push(line[other])
  }
  return found
}

const isConstant = ({ operator, inputs, domain }: GraphNode) =>
  operator === 'Constant' && inputs.length === 0 && (domain === '' || domain === 'ai.onnx')

const valueOf = ({ attributes }: GraphNode) => attributes.find(({ name }) => name.startsWith('value'))?.value ?? ''

function nodeBox(id: string, node: GraphNode, sources: readonly Source[]): Box {
  const shapes = sources.flatMap((source) => (source.is === 'weight' ? [source.weight.shape.join('×') || '1'] : []))
  const shown = shapes.slice(0, 2).join(', ')
  const subtitle = shapes.length > 2 ? `${shown}, …` : shown
  return {
    id,
    kind: 'node',
    title: node.operator,
    subtitle,
    family: familyOf(node),
    node,
    tensor: undefined,
    sources,
    width: widthOf(node.operator, subtitle),
    height: subtitle === '' ? LINE_HEIGHT : TWO_LINES_HEIGHT,
  }
}

const ioBox = (id: string, kind: 'input' | 'output', tensor: GraphTensor, sources: readonly Source[]): Box => ({
  id,
  kind,
  title: tensor.name,
  subtitle: '',
  family: 'other',
  node: undefined,
  tensor,
  sources,
  width: widthOf(tensor.name, ''),
  height: LINE_HEIGHT,
})

/** An estimate is enough: what is longer is cut. */
const widthOf = (title: string, subtitle: string) =>
  Math.min(Math.max(title.length * 7.4 + 26, subtitle.length * 6.4 + 26, NARROWEST), WIDEST)
