import type { Signature } from '@stead/contracts'
import { readGraph, readNode, type GraphRead, type Walk } from './onnx-graph.ts'
import { signatureOf } from './tensor-specs.ts'
import { type Field, ProtobufStream, type Reading, type ReadingLimits, type Span } from './protobuf-stream.ts'

/** What a model file tells about itself without being loaded. */
export type OnnxFacts = {
  readonly signature: Signature
  readonly irVersion: number
  /** The operator sets it is written in; the domain '' is ONNX's own. */
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  readonly producer: { readonly name: string; readonly version: string }
  /** The files beside the model that its tensors lie in, as the model spells them: judge them before opening any. */
  readonly externalData: readonly string[]
  /** The model's own notes. Those too long or too many to keep are left out. */
  readonly metadata: Readonly<Record<string, string>>
}

export type OnnxLimits = ReadingLimits & {
  /** Graphs inside graphs. */
  readonly depth: number
  readonly metadataEntries: number
}

/** The largest exports known have some 10^5 nodes of about 20 fields each. */
export const ONNX_LIMITS: OnnxLimits = {
  fields: 10_000_000,
  textBytes: 65_536,
  heldBytes: 32 * 1024 * 1024,
  depth: 24,
  metadataEntries: 128,
}

// Before this version a model needed not say which operator sets it is written in.
const IR_WITH_OPSETS = 3
const MOST_OPSETS = 256

type ModelRead = {
  irVersion: number | undefined
  graph: GraphRead | undefined
  opsets: { domain: string; version: number }[]
  producer: { name: string; version: string }
  metadata: Map<string, string>
}

/** Reads the signature and what else the head of an ONNX file tells, in one pass and without loading the model:
 *  weights are passed over, so memory is bounded by `limits` and the size of a chunk, whatever the file's.
 *  Rejects with `model_unreadable` (malformed or cut off, with the byte offset) or `model_unsupported`
 *  (well formed, but nothing that can be served). Field numbers: onnx/onnx.proto of the ONNX project. */
export async function readOnnx(bytes: AsyncIterable<Uint8Array>, limits: Partial<OnnxLimits> = {}): Promise<OnnxFacts> {
  const bounds = { ...ONNX_LIMITS, ...limits }
  const file = new ProtobufStream(bounds)
  const walk: Walk = { file, depth: bounds.depth, externalData: new Set() }
  const model = await file.run(readModel(walk, bounds.metadataEntries), bytes)
  return factsOf(walk, model)
}

function factsOf({ file, externalData }: Walk, model: ModelRead): OnnxFacts {
  if (model.irVersion === undefined) throw file.malformed('it states no IR version')
  if (model.graph === undefined) throw file.malformed('it has no graph')
  if (model.opsets.length === 0 && model.irVersion >= IR_WITH_OPSETS) throw file.malformed('it names no operator set')
  return {
    signature: signatureOf(model.graph.inputs, model.graph.outputs, model.graph.constants),
    irVersion: model.irVersion,
    opsets: model.opsets,
    producer: model.producer,
    externalData: [...externalData],
    metadata: Object.fromEntries(model.metadata),
  }
}

function* readModel(walk: Walk, metadataEntries: number): Reading<ModelRead> {
  const { file } = walk
  const whole: Span = { end: Infinity }
  const model: ModelRead = {
    irVersion: undefined,
    graph: undefined,
    opsets: [],
    producer: { name: '', version: '' },
    metadata: new Map(),
  }
  for (let field = yield* file.nextField(whole); field; field = yield* file.nextField(whole)) {
    switch (field.number) {
      case 1:
        model.irVersion = yield* readVersion(walk, field)
        break
      case 2:
        model.producer.name = yield* file.text(field, whole)
        break
      case 3:
        model.producer.version = yield* file.text(field, whole)
        break
      case 7:
        // Protobuf would merge the two; no exporter writes them, and a merged graph is a way to hide a half.
        if (model.graph) throw file.malformed('it has a second graph', field.at)
        model.graph = yield* readGraph(walk, yield* file.message(field, whole), 0)
        break
      case 8:
        model.opsets.push(yield* readOpset(walk, yield* file.message(field, whole)))
        if (model.opsets.length > MOST_OPSETS) throw file.beyond(`more than ${MOST_OPSETS} operator sets`)
        break
      case 14:
        yield* readMetadata(walk, yield* file.message(field, whole), model.metadata, metadataEntries)
        break
      case 25:
        yield* readFunction(walk, yield* file.message(field, whole))
        break
      default:
        yield* file.skip(field, whole)
    }
  }
  return model
}

export function* readOpset(walk: Walk, opset: Span): Reading<{ domain: string; version: number }> {
  const { file } = walk
  const read = { domain: '', version: 0 }
  for (let field = yield* file.nextField(opset); field; field = yield* file.nextField(opset)) {
    if (field.number === 1) read.domain = yield* file.text(field, opset)
    else if (field.number === 2) read.version = yield* readVersion(walk, field)
    else yield* file.skip(field, opset)
  }
  file.hold(read.domain.length)
  return read
}

function* readVersion({ file }: Walk, field: Field): Reading<number> {
  const version = yield* file.number(field)
  if (version < 0 || version === Infinity) throw file.malformed('a version number is out of range', field.at)
  return version
}

function* readMetadata({ file }: Walk, entry: Span, into: Map<string, string>, most: number): Reading<void> {
  if (into.size >= most) return yield* file.leave(entry)
  let key: string | undefined = ''
  let value: string | undefined = ''
  for (let field = yield* file.nextField(entry); field; field = yield* file.nextField(entry)) {
    if (field.number === 1) key = yield* file.textIfShort(field, entry)
    else if (field.number === 2) value = yield* file.textIfShort(field, entry)
    else yield* file.skip(field, entry)
  }
  if (key === undefined || value === undefined) return
  file.hold(key.length + value.length)
  into.set(key, value)
}

/** A function of the model: a graph without types, whose nodes may carry tensors of their own. */
function* readFunction(walk: Walk, definition: Span): Reading<void> {
  const { file } = walk
  for (let field = yield* file.nextField(definition); field; field = yield* file.nextField(definition)) {
    if (field.number === 7) yield* readNode(walk, yield* file.message(field, definition), 0)
    else yield* file.skip(field, definition)
  }
}
