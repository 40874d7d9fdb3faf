import type { GraphTensor } from '@stead/contracts'
import type { Walk } from './onnx-graph.ts'
import type { Field, Reading, Span } from './protobuf-stream.ts'
import { elementOf } from './tensor-specs.ts'

/** What a tensor in the file says of itself; its elements are passed over. */
export type TensorHead = GraphTensor & { readonly bytes: number }

// No format has more; a list of millions would be the only part of a tensor's head without an end.
const HIGHEST_RANK = 64

interface HeadRead {
  name: string
  element: number
  dims: number[]
  /** Bytes of the elements where they lie in the file as they are. */
  raw: number
  /** Bytes of the elements that are texts. */
  texts: number
}

export function* readTensorHead(walk: Walk, tensor: Span): Reading<TensorHead> {
  const { file } = walk
  const read: HeadRead = { name: '', element: 0, dims: [], raw: 0, texts: 0 }
  for (let field = yield* file.nextField(tensor); field; field = yield* file.nextField(tensor)) {
    if (field.number === 1) yield* readDims(walk, field, tensor, read.dims)
    else if (field.number === 2) read.element = yield* file.number(field)
    else if (field.number === 6) read.texts += yield* lengthOf(walk, field, tensor)
    else if (field.number === 8) read.name = yield* file.text(field, tensor)
    else if (field.number === 9) read.raw = yield* lengthOf(walk, field, tensor)
    else yield* file.skip(field, tensor)
  }
  return headOf(read)
}

/** A sparse tensor goes by the name and the type of its values, but has dimensions of its own. */
export function* readSparseHead(walk: Walk, sparse: Span): Reading<TensorHead> {
  const { file } = walk
  let values: TensorHead | undefined
  const dims: number[] = []
  for (let field = yield* file.nextField(sparse); field; field = yield* file.nextField(sparse)) {
    if (field.number === 1) values = yield* readTensorHead(walk, yield* file.message(field, sparse))
    else if (field.number === 3) yield* readDims(walk, field, sparse, dims)
    else yield* file.skip(field, sparse)
  }
  return { ...(values ?? headOf({ name: '', element: 0, dims, raw: 0, texts: 0 })), shape: dims }
}

/** `FP32 [3, 4]`; `FP32 []` has one element. */
export const tensorText = ({ datatype, shape }: GraphTensor): string => `${datatype} [${shape.join(', ')}]`

/** Packed into one field or in a field each, as the exporter liked. */
function* readDims(walk: Walk, field: Field, parent: Span, into: number[]): Reading<void> {
  const { file } = walk
  if (field.wire === 'varint') into.push(yield* file.number(field))
  else {
    const { first, count } = yield* file.packedIntegers(yield* file.message(field, parent), HIGHEST_RANK + 1)
    into.push(...first.map(Number))
    if (count > first.length) into.length = HIGHEST_RANK + 1
  }
  if (into.length > HIGHEST_RANK) throw file.malformed(`a tensor has more than ${HIGHEST_RANK} dimensions`, field.at)
}

function* lengthOf(walk: Walk, field: Field, parent: Span): Reading<number> {
  const { file } = walk
  const content = yield* file.message(field, parent)
  const length = content.end - file.position
  yield* file.leave(content)
  return length
}

function headOf({ name, element, dims, raw, texts }: HeadRead): TensorHead {
  const { name: datatype, bits } = elementOf(element)
  const elements = dims.reduce((product, size) => product * Math.max(0, size), 1)
  const bytes = bits > 0 ? Math.ceil((elements * bits) / 8) : raw + texts
  return {
    name,
    datatype,
    shape: dims.map(countable),
    // Sizes that no number holds are no sizes of anything.
    bytes: countable(bytes),
  }
}

const countable = (size: number) => (Number.isSafeInteger(size) ? size : Number.MAX_SAFE_INTEGER)
