import { DATATYPE_BYTES, type Datatype, SteadError, type Signature, type TensorSpec } from '@stead/contracts'

/** The type of a graph's input or output, as far as telling what cannot be served needs it. */
export type ValueType =
  | { readonly is: 'tensor'; readonly element: number; readonly shape: readonly DimensionRead[] | undefined }
  | { readonly is: 'sequence'; readonly ofMaps: boolean }
  | { readonly is: 'map' | 'optional' | 'sparse tensor' | 'opaque value' | 'value without a type' }

export type DimensionRead = { readonly size: number; readonly name: string | null }
export type ValueRead = { readonly name: string; readonly type: ValueType }
type Side = 'input' | 'output'

// The bounds of Signature and TensorSpec in the contracts.
export const MOST_TENSORS = 1024
const LONGEST_NAME = 512
const HIGHEST_RANK = 16
const LARGEST_DIMENSION = 2 ** 40

/** TensorProto.DataType by number; what has no datatype is known but not carried by the Open Inference Protocol, and has
 *  the bits of an element instead. */
const ELEMENT_TYPES: readonly (readonly [name: string, datatype: Datatype | null, bits?: number])[] = [
  ['undefined', null],
  ['float', 'FP32'],
  ['uint8', 'UINT8'],
  ['int8', 'INT8'],
  ['uint16', 'UINT16'],
  ['int16', 'INT16'],
  ['int32', 'INT32'],
  ['int64', 'INT64'],
  ['string', 'BYTES'],
  ['bool', 'BOOL'],
  ['float16', 'FP16'],
  ['double', 'FP64'],
  ['uint32', 'UINT32'],
  ['uint64', 'UINT64'],
  ['complex64', null, 64],
  ['complex128', null, 128],
  ['bfloat16', 'BF16'],
  ['float8e4m3fn', null, 8],
  ['float8e4m3fnuz', null, 8],
  ['float8e5m2', null, 8],
  ['float8e5m2fnuz', null, 8],
  ['uint4', null, 4],
  ['int4', null, 4],
  ['float4e2m1', null, 4],
  ['float8e8m0', null, 8],
  ['uint2', null, 2],
  ['int2', null, 2],
]

/** What a type of elements is called, by its datatype where protocols carry it, and how many bits an element takes; 0
 *  where that differs from one to the next or is not known. */
export function elementOf(element: number): { readonly name: string; readonly bits: number } {
  const [name, datatype, bits = 0] = ELEMENT_TYPES[element] ?? [`number ${element}`, null]
  return { name: datatype ?? name, bits: datatype ? DATATYPE_BYTES[datatype] * 8 : bits }
}

/** Inputs and outputs in the order of the graph; `constants` names the initializers, which are no inputs even
 *  where the graph lists them among its inputs, as it had to before IR version 4. */
export function signatureOf(
  inputs: readonly ValueRead[],
  outputs: readonly ValueRead[],
  constants: ReadonlySet<string>,
): Signature {
  return {
    inputs: specsOf(
      'input',
      inputs.filter((input) => !constants.has(input.name)),
    ),
    outputs: specsOf('output', outputs),
  }
}

function specsOf(side: Side, values: readonly ValueRead[]): TensorSpec[] {
  if (values.length === 0) throw unsupported(`The ONNX model has no ${side}: there is nothing to call.`)
  if (values.length > MOST_TENSORS) {
    throw unsupported(`The ONNX model has ${values.length} ${side}s; at most ${MOST_TENSORS} can be served.`)
  }
  const names = new Set<string>()
  return values.map((value) => {
    if (names.has(value.name)) throw unreadable(`The ONNX model names two ${side}s ${quoted(value.name)}.`)
    names.add(value.name)
    return specOf(side, value)
  })
}

function specOf(side: Side, { name, type }: ValueRead): TensorSpec {
  if (name === '') throw unreadable(`An ${side} of the ONNX model has no name.`)
  const value = `The ${side} ${quoted(name)}`
  if (name.length > LONGEST_NAME) throw unsupported(`${value} has a name of more than ${LONGEST_NAME} characters.`)
  if (type.is !== 'tensor')
    throw unsupported(`${value} is ${withArticle(type)}; only dense tensors can be served. ${remedy(side, type)}`)
  if (type.shape === undefined) {
    throw unsupported(`${value} has no shape. Export the model with a shape for it: -1 or a name for what varies.`)
  }
  return { name, datatype: datatypeOf(value, type.element), ...dimensionsOf(value, type.shape) }
}

function datatypeOf(value: string, element: number): Datatype {
  const [name, datatype] = ELEMENT_TYPES[element] ?? [`number ${element}`, null]
  if (datatype === null)
    throw unsupported(
      `${value} has elements of type ${name}, which inference protocols do not carry. Cast it in the graph.`,
    )
  return datatype
}

function dimensionsOf(
  value: string,
  dimensions: readonly DimensionRead[],
): Pick<TensorSpec, 'shape' | 'dimensionNames'> {
  if (dimensions.length > HIGHEST_RANK) {
    throw unsupported(`${value} has ${dimensions.length} dimensions; at most ${HIGHEST_RANK} can be served.`)
  }
  const shape = dimensions.map((dimension) => dimension.size)
  if (shape.some((size) => size > LARGEST_DIMENSION)) {
    throw unsupported(`${value} has a dimension of more than ${LARGEST_DIMENSION}.`)
  }
  const dimensionNames = dimensions.map((dimension) => dimension.name)
  return dimensionNames.some((name) => name !== null) ? { shape, dimensionNames } : { shape }
}

function remedy(side: Side, type: ValueType): string {
  if (side === 'output' && (type.is === 'map' || (type.is === 'sequence' && type.ofMaps))) {
    return 'Convert the model with zipmap=False, so that it gives the probabilities as one tensor.'
  }
  return `Export the model with a tensor as this ${side}.`
}

function withArticle(type: ValueType): string {
  if (type.is === 'sequence') return type.ofMaps ? 'a sequence of maps' : 'a sequence'
  return type.is.startsWith('o') ? `an ${type.is}` : `a ${type.is}`
}

// A hostile name shall not fill a log.
function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}

function unsupported(message: string): SteadError {
  return new SteadError('model_unsupported', message)
}

function unreadable(message: string): SteadError {
  return new SteadError('model_unreadable', message)
}
