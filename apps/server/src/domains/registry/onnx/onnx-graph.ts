import type { SteadError } from '@stead/contracts'
import type { DimensionRead, ValueRead, ValueType } from './tensor-specs.ts'
import type { Field, ProtobufStream, Reading, Span } from './protobuf-stream.ts'

/** One pass over a file: where it stands, how deep graphs may nest, and the external files it has come across. */
export type Walk = { readonly file: ProtobufStream; readonly depth: number; readonly externalData: Set<string> }

export type GraphRead = {
  readonly inputs: ValueRead[]
  readonly outputs: ValueRead[]
  /** Names of the initializers. */
  readonly constants: Set<string>
}

// TensorProto.DataLocation
const EXTERNAL = 1

/** What a TypeProto may be, by field number. */
const ALTERNATIVES: Readonly<Record<number, ValueType['is']>> = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  7: 'opaque value',
  8: 'sparse tensor',
  9: 'optional',
}

/** Reads a model's own graph: its values, the names of its constants, and on the way the external files of all tensors in it. */
export function* readGraph(walk: Walk, graph: Span, depth: number): Reading<GraphRead> {
  const { file } = walk
  const read: GraphRead = { inputs: [], outputs: [], constants: new Set() }
  for (let field = yield* file.nextField(graph); field; field = yield* file.nextField(graph)) {
    switch (field.number) {
      case 1:
        yield* readNode(walk, yield* file.message(field, graph), depth)
        break
      case 5:
        keepName(walk, read.constants, yield* readTensor(walk, yield* file.message(field, graph)))
        break
      case 11:
        read.inputs.push(yield* readValue(walk, yield* file.message(field, graph)))
        break
      case 12:
        read.outputs.push(yield* readValue(walk, yield* file.message(field, graph)))
        break
      case 15:
        keepName(walk, read.constants, yield* readSparseTensor(walk, yield* file.message(field, graph)))
        break
      default:
        yield* file.skip(field, graph)
    }
  }
  return read
}

function keepName({ file }: Walk, among: Set<string>, name: string): void {
  if (among.has(name)) return
  file.hold(name.length)
  among.add(name)
}

/** Passes over a node, looking only for tensors in its attributes and in the graphs among them. */
export function* readNode(walk: Walk, node: Span, depth: number): Reading<void> {
  const { file } = walk
  for (let field = yield* file.nextField(node); field; field = yield* file.nextField(node)) {
    if (field.number === 5) yield* readAttribute(walk, yield* file.message(field, node), depth)
    else yield* file.skip(field, node)
  }
}

function* readAttribute(walk: Walk, attribute: Span, depth: number): Reading<void> {
  const { file } = walk
  for (let field = yield* file.nextField(attribute); field; field = yield* file.nextField(attribute)) {
    switch (field.number) {
      case 5: // t
      case 10: // tensors
        yield* readTensor(walk, yield* file.message(field, attribute))
        break
      case 6: // g
      case 11: // graphs
        yield* readSubgraph(walk, yield* file.message(field, attribute), depth + 1)
        break
      case 22: // sparse_tensor
      case 23: // sparse_tensors
        yield* readSparseTensor(walk, yield* file.message(field, attribute))
        break
      default:
        yield* file.skip(field, attribute)
    }
  }
}

/** A graph inside a node, such as the body of a loop: its inputs and outputs are none of the caller's. */
function* readSubgraph(walk: Walk, graph: Span, depth: number): Reading<void> {
  const { file } = walk
  if (depth > walk.depth) throw file.beyond(`graphs nested more than ${walk.depth} deep`)
  for (let field = yield* file.nextField(graph); field; field = yield* file.nextField(graph)) {
    if (field.number === 1) yield* readNode(walk, yield* file.message(field, graph), depth)
    else if (field.number === 5) yield* readTensor(walk, yield* file.message(field, graph))
    else if (field.number === 15) yield* readSparseTensor(walk, yield* file.message(field, graph))
    else yield* file.skip(field, graph)
  }
}

/** Returns the tensor's name; its elements are passed over. */
function* readTensor(walk: Walk, tensor: Span): Reading<string> {
  const { file } = walk
  let name = ''
  let location: string | undefined
  let external = false
  for (let field = yield* file.nextField(tensor); field; field = yield* file.nextField(tensor)) {
    if (field.number === 8) name = yield* file.text(field, tensor)
    else if (field.number === 13) location = (yield* readLocation(walk, yield* file.message(field, tensor))) ?? location
    else if (field.number === 14) external = (yield* file.number(field)) === EXTERNAL
    else yield* file.skip(field, tensor)
  }
  if (external && location === undefined) throw file.malformed('a tensor lies in an external file that is not named')
  if (external && location !== undefined) keepName(walk, walk.externalData, location)
  return name
}

/** One entry of a tensor's external_data: only the entry `location` names a file. */
function* readLocation({ file }: Walk, entry: Span): Reading<string | undefined> {
  let key = ''
  let value = ''
  for (let field = yield* file.nextField(entry); field; field = yield* file.nextField(entry)) {
    if (field.number === 1) key = yield* file.text(field, entry)
    else if (field.number === 2) value = yield* file.text(field, entry)
    else yield* file.skip(field, entry)
  }
  return key === 'location' ? value : undefined
}

/** A sparse tensor goes by the name of its values. */
function* readSparseTensor(walk: Walk, sparse: Span): Reading<string> {
  const { file } = walk
  let name = ''
  for (let field = yield* file.nextField(sparse); field; field = yield* file.nextField(sparse)) {
    if (field.number === 1) name = yield* readTensor(walk, yield* file.message(field, sparse))
    else if (field.number === 2) yield* readTensor(walk, yield* file.message(field, sparse))
    else yield* file.skip(field, sparse)
  }
  return name
}

/** An input or output of a graph. */
export function* readValue(walk: Walk, value: Span): Reading<ValueRead> {
  const { file } = walk
  let name = ''
  let type: ValueType | undefined
  for (let field = yield* file.nextField(value); field; field = yield* file.nextField(value)) {
    if (field.number === 1) name = yield* file.text(field, value)
    else if (field.number === 2) {
      if (type) throw saidTwice(walk, 'type', field)
      type = yield* readType(walk, yield* file.message(field, value))
    } else yield* file.skip(field, value)
  }
  file.hold(name.length)
  return { name, type: type ?? { is: 'value without a type' } }
}

// Protobuf would merge the two; no exporter writes them, and what is read here must be what a runtime reads.
function saidTwice({ file }: Walk, what: string, field: Field): SteadError {
  return file.malformed(`an input or output has a second ${what}`, field.at)
}

/** A TypeProto is one of several; only a dense tensor and a sequence are looked into. */
function* readType(walk: Walk, type: Span): Reading<ValueType> {
  const { file } = walk
  let read: ValueType | undefined
  for (let field = yield* file.nextField(type); field; field = yield* file.nextField(type)) {
    const alternative = ALTERNATIVES[field.number]
    if (alternative && read) throw saidTwice(walk, 'type', field)
    if (alternative === 'tensor') read = yield* readTensorType(walk, yield* file.message(field, type))
    else if (alternative === 'sequence') read = yield* readSequenceType(walk, yield* file.message(field, type))
    else {
      if (alternative) read = { is: alternative }
      yield* file.skip(field, type)
    }
  }
  return read ?? { is: 'value without a type' }
}

/** Whether the elements of a sequence are maps, which is what classifiers are exported with by default. */
function* readSequenceType({ file }: Walk, sequence: Span): Reading<ValueType> {
  let ofMaps = false
  for (let field = yield* file.nextField(sequence); field; field = yield* file.nextField(sequence)) {
    if (field.number !== 1) {
      yield* file.skip(field, sequence)
      continue
    }
    const element = yield* file.message(field, sequence)
    for (let inner = yield* file.nextField(element); inner; inner = yield* file.nextField(element)) {
      if (inner.number === 5) ofMaps = true
      yield* file.skip(inner, element)
    }
  }
  return { is: 'sequence', ofMaps }
}

function* readTensorType(walk: Walk, tensor: Span): Reading<ValueType> {
  const { file } = walk
  let element = 0
  let shape: DimensionRead[] | undefined
  for (let field = yield* file.nextField(tensor); field; field = yield* file.nextField(tensor)) {
    if (field.number === 1) element = yield* file.number(field)
    else if (field.number === 2) {
      if (shape) throw saidTwice(walk, 'shape', field)
      shape = yield* readShape(walk, yield* file.message(field, tensor))
    } else yield* file.skip(field, tensor)
  }
  return { is: 'tensor', element, shape }
}

function* readShape(walk: Walk, shape: Span): Reading<DimensionRead[]> {
  const { file } = walk
  const dimensions: DimensionRead[] = []
  for (let field = yield* file.nextField(shape); field; field = yield* file.nextField(shape)) {
    if (field.number === 1) dimensions.push(yield* readDimension(walk, yield* file.message(field, shape)))
    else yield* file.skip(field, shape)
  }
  return dimensions
}

/** A dimension is a size, a name, or neither; the last one written counts. A size below 0 is how some exporters say unknown. */
function* readDimension({ file }: Walk, dimension: Span): Reading<DimensionRead> {
  let read: DimensionRead = { size: -1, name: null }
  for (let field = yield* file.nextField(dimension); field; field = yield* file.nextField(dimension)) {
    if (field.number === 1) read = { size: yield* file.number(field), name: null }
    else if (field.number === 2) read = { size: -1, name: (yield* file.text(field, dimension)) || null }
    else yield* file.skip(field, dimension)
  }
  file.hold(read.name?.length ?? 0)
  return read
}
