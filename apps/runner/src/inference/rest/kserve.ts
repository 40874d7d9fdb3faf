import type { Signature, TensorSpec } from '@stead/contracts'
import { chooseOutputs } from '../classify.ts'
import {
  indexOf,
  type InferAnswer,
  type InferRequest,
  invalid,
  NO_PARAMETERS,
  placeInput,
  requireEveryInput,
  shown,
} from '../request.ts'
import { checkShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { writeCells } from './cells.ts'
import type { EncodedAnswer } from './encode.ts'
import { isObject, parseJson } from './json.ts'
import { jsonValues } from './values.ts'

const AXES = 16

/** Decodes KServe v1's `:predict`. `{"instances": […]}` has a row each: the value of the only input, or an object
 *  with a value for every input. `{"inputs": …}` has columns: the only input's tensor, or an object of tensors. */
export function decodePredict(body: Buffer, signature: Signature): InferRequest {
  const document = parseJson(body, body.length, indexOf(signature).hasWideIntegers)
  const { instances, inputs } = document
  if ((instances === undefined) === (inputs === undefined)) {
    throw invalid('a predict request has either instances or inputs')
  }
  const columns = inputs === undefined ? columnsOfRows(instances, signature) : columnsByName(inputs, signature)
  return {
    id: undefined,
    inputs: signature.inputs.map((spec, position) => readColumn(spec, columns[position], body.length)),
    outputs: undefined,
    binaryOutput: false,
    priority: 0,
    timeoutMicros: undefined,
    parameters: NO_PARAMETERS,
  }
}

function columnsOfRows(instances: unknown, signature: Signature): unknown[] {
  if (!Array.isArray(instances)) throw invalid(`instances must be an array, got ${shown(instances)}`)
  if (signature.inputs.length === 1 && !isObject(instances[0])) return [instances]
  const columns: unknown[][] = signature.inputs.map(() => [])
  for (const [row, instance] of (instances as readonly unknown[]).entries()) {
    if (!isObject(instance)) throw invalid(`instances[${row}] must be an object of inputs, got ${shown(instance)}`)
    for (const [position, value] of placeByName(instance, signature).entries()) columns[position]!.push(value)
  }
  return columns
}

function columnsByName(inputs: unknown, signature: Signature): unknown[] {
  if (isObject(inputs)) return placeByName(inputs, signature)
  if (signature.inputs.length === 1) return [inputs]
  throw invalid(`inputs must be an object of ${signature.inputs.length} tensors, got ${shown(inputs)}`)
}

function placeByName(named: Readonly<Record<string, unknown>>, signature: Signature): unknown[] {
  const placed: unknown[] = []
  for (const [name, value] of Object.entries(named)) {
    placed[placeInput(indexOf(signature), signature, name, placed)] = value
  }
  requireEveryInput(signature, placed)
  return placed
}

function readColumn(spec: TensorSpec, data: unknown, limit: number): Tensor {
  const shape = shapeOf(data)
  // A row's single value is often written bare where the graph has a column of width one.
  if (shape.length === spec.shape.length - 1 && spec.shape.at(-1) === 1) shape.push(1)
  // An empty column shows no inner sizes; the signature knows them.
  if (shape[0] === 0) shape.push(...spec.shape.slice(shape.length).map((size) => Math.max(size, 0)))
  const count = checkShape(spec, shape)
  const cells = shape.at(-1) === 1 ? wrapped(data, shape.length) : data
  return {
    name: spec.name,
    datatype: spec.datatype,
    shape,
    data: writeCells(spec.name, spec.datatype, shape, count, cells, limit),
  }
}

/** Bare values in the place of rows of one, wrapped so that the nesting is the shape's. */
function wrapped(data: unknown, axes: number): unknown {
  if (axes === 1 || !Array.isArray(data)) return axes === 1 && !Array.isArray(data) ? [data] : data
  return data.map((inner) => wrapped(inner, axes - 1))
}

function shapeOf(data: unknown): number[] {
  const shape: number[] = []
  for (let level = data; Array.isArray(level) && shape.length <= AXES; level = level[0]) shape.push(level.length)
  return shape
}

/** Encodes the answer of `:predict`: a row per prediction, which is the only output's value or an object of them.
 *  Outputs that share no first axis come as one object of tensors. NaN and infinities are printed as null. */
export function encodePredict(answer: InferAnswer): EncodedAnswer {
  const outputs = chooseOutputs(answer).map(({ tensor }) => ({
    name: tensor.name,
    rows: nest(jsonValues(tensor).values, tensor.shape),
  }))
  return { body: JSON.stringify({ predictions: predictionsOf(outputs) }), headers: PREDICT_HEADERS }
}

const PREDICT_HEADERS = Object.freeze({ 'content-type': 'application/json' })

function predictionsOf(outputs: readonly { name: string; rows: unknown }[]): unknown {
  const [first] = outputs
  if (outputs.length === 1) return first!.rows
  const length = Array.isArray(first?.rows) ? first.rows.length : -1
  const isRowwise = outputs.every(({ rows }) => Array.isArray(rows) && rows.length === length)
  if (!isRowwise) return Object.fromEntries(outputs.map(({ name, rows }) => [name, rows]))
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(outputs.map(({ name, rows }) => [name, (rows as unknown[])[row]])),
  )
}

function nest(values: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0]
  if (shape.length === 1) return values
  const [rows, ...inner] = shape
  const width = rows === 0 ? 0 : values.length / rows!
  return Array.from({ length: rows! }, (_, row) => nest(values.slice(row * width, (row + 1) * width), inner))
}
