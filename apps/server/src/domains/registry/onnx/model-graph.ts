import { SteadError } from '@stead/contracts'
import type { GraphNode, GraphTensor, ModelGraph } from '@stead/contracts'
import { readNodeAttribute } from './node-attributes.ts'
import { readValue, type Walk } from './onnx-graph.ts'
import { ONNX_LIMITS, type OnnxLimits, readOpset } from './onnx-signature.ts'
import { ProtobufStream, type Reading, type Span } from './protobuf-stream.ts'
import { readSparseHead, readTensorHead, type TensorHead } from './tensor-heads.ts'
import { elementOf, MOST_TENSORS, type ValueRead } from './tensor-specs.ts'

type GraphLimits = OnnxLimits & {
  /** Nodes told, and weights told; the others are counted. */
  readonly told: number
  /** Characters kept of nodes, and of weights: beyond them, what comes is counted as well. */
  readonly characters: number
}

const GRAPH_LIMITS: GraphLimits = { ...ONNX_LIMITS, told: 5000, characters: 4 * 1024 * 1024 }
const MOST_OPSETS = 256

/** What a part of the graph may still keep. Every kept thing costs something besides its text. */
interface Room {
  take(characters: number): boolean
}
const OVERHEAD = 16

type GraphParts = Pick<ModelGraph, 'nodes' | 'weights' | 'totalNodes' | 'totalWeights'> & {
  readonly inputs: ValueRead[]
  readonly outputs: ValueRead[]
  readonly constants: Set<string>
}

/** Reads the graph of an ONNX file in one pass and without loading it: values of weights are passed over, so memory is
 *  bounded by the limits and the size of a chunk. Rejects with `model_unreadable`, also for what is well formed but
 *  beyond the limits. Field numbers: onnx/onnx.proto of the ONNX project. */
export async function readModelGraph(
  bytes: AsyncIterable<Uint8Array>,
  limits: Partial<GraphLimits> = {},
): Promise<ModelGraph> {
  const bounds = { ...GRAPH_LIMITS, ...limits }
  const file = new ProtobufStream(bounds)
  const walk: Walk = { file, depth: bounds.depth, externalData: new Set() }
  try {
    return await file.run(readModel(walk, bounds), bytes)
  } catch (error) {
    if (!(error instanceof SteadError) || error.code !== 'model_unsupported') throw error
    throw new SteadError('model_unreadable', error.message, { details: error.details, cause: error })
  }
}

function* readModel(walk: Walk, limits: GraphLimits): Reading<ModelGraph> {
  const { file } = walk
  const whole: Span = { end: Infinity }
  const producer = { name: '', version: '' }
  const opsets: ModelGraph['opsets'] = []
  let graph: GraphParts | undefined
  for (let field = yield* file.nextField(whole); field; field = yield* file.nextField(whole)) {
    if (field.number === 2) producer.name = yield* file.text(field, whole)
    else if (field.number === 3) producer.version = yield* file.text(field, whole)
    else if (field.number === 7) {
      if (graph) throw file.malformed('it has a second graph', field.at)
      graph = yield* readParts(walk, yield* file.message(field, whole), limits)
    } else if (field.number === 8) {
      opsets.push(yield* readOpset(walk, yield* file.message(field, whole)))
      if (opsets.length > MOST_OPSETS) throw file.beyond(`more than ${MOST_OPSETS} operator sets`)
    } else yield* file.skip(field, whole)
  }
  if (graph === undefined) throw file.malformed('it has no graph')
  const { inputs, outputs, constants, ...parts } = graph
  return {
    producer: `${producer.name} ${producer.version}`.trim(),
    opsets,
    inputs: tensorsOf(
      walk,
      inputs.filter(({ name }) => !constants.has(name)),
    ),
    outputs: tensorsOf(walk, outputs),
    ...parts,
  }
}

function* readParts(walk: Walk, graph: Span, { told, characters }: GraphLimits): Reading<GraphParts> {
  const { file } = walk
  const parts: GraphParts = {
    nodes: [],
    weights: [],
    totalNodes: 0,
    totalWeights: 0,
    inputs: [],
    outputs: [],
    constants: new Set(),
  }
  const room = { nodes: createRoom(characters), weights: createRoom(characters) }
  const keepWeight = (weight: TensorHead) => {
    parts.totalWeights += 1
    if (!parts.constants.has(weight.name)) file.hold(weight.name.length)
    parts.constants.add(weight.name)
    const isTold = parts.weights.length < told && room.weights.take(weight.name.length + OVERHEAD * weight.shape.length)
    if (isTold) parts.weights.push(weight)
  }
  for (let field = yield* file.nextField(graph); field; field = yield* file.nextField(graph)) {
    switch (field.number) {
      case 1: {
        parts.totalNodes += 1
        const node = yield* file.message(field, graph)
        const read = parts.nodes.length < told ? yield* readNode(walk, node, room.nodes) : undefined
        if (read) parts.nodes.push(read)
        else yield* file.leave(node)
        break
      }
      case 5:
        keepWeight(yield* readTensorHead(walk, yield* file.message(field, graph)))
        break
      case 11:
        parts.inputs.push(yield* readValue(walk, yield* file.message(field, graph)))
        break
      case 12:
        parts.outputs.push(yield* readValue(walk, yield* file.message(field, graph)))
        break
      case 15:
        keepWeight(yield* readSparseHead(walk, yield* file.message(field, graph)))
        break
      default:
        yield* file.skip(field, graph)
    }
  }
  return parts
}

/** Undefined, somewhere within the node, once there is no room for it. */
function* readNode(walk: Walk, node: Span, room: Room): Reading<GraphNode | undefined> {
  const { file } = walk
  const read: GraphNode = { name: '', operator: '', domain: '', inputs: [], outputs: [], attributes: [] }
  for (let field = yield* file.nextField(node); field; field = yield* file.nextField(node)) {
    if (field.number === 5) {
      const attribute = yield* readNodeAttribute(walk, yield* file.message(field, node))
      if (!room.take(attribute.name.length + attribute.value.length)) return undefined
      read.attributes.push(attribute)
      continue
    }
    if (![1, 2, 3, 4, 7].includes(field.number)) {
      yield* file.skip(field, node)
      continue
    }
    const text = yield* file.text(field, node)
    if (!room.take(text.length)) return undefined
    if (field.number === 1) read.inputs.push(text)
    else if (field.number === 2) read.outputs.push(text)
    else if (field.number === 3) read.name = text
    else if (field.number === 4) read.operator = text
    else read.domain = text
  }
  return read
}

function createRoom(characters: number): Room {
  let left = characters
  return {
    take(asked) {
      // What did not fit leaves no room for smaller things behind it: what is told has no gaps.
      left = left < asked + OVERHEAD ? 0 : left - asked - OVERHEAD
      return left > 0
    },
  }
}

function tensorsOf({ file }: Walk, values: readonly ValueRead[]): GraphTensor[] {
  if (values.length > MOST_TENSORS) throw file.beyond(`more than ${MOST_TENSORS} inputs or outputs`)
  return values.map(({ name, type }) => {
    if (type.is !== 'tensor') return { name, datatype: type.is, shape: [] }
    const shape = (type.shape ?? []).map((dimension) =>
      dimension.name !== null || dimension.size < 0 ? dimension.name : dimension.size,
    )
    return { name, datatype: elementOf(type.element).name, shape }
  })
}
