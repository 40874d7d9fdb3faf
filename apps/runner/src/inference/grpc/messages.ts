import { printJson } from '../rest/json.ts'
import { NO_PARAMETERS, type RequestParameters } from '../request.ts'
import {
  closeMessage,
  createReader,
  createWriter,
  FIXED64,
  LENGTH,
  openMessage,
  type Reader,
  readDouble,
  readEnd,
  readName,
  readTag,
  readText,
  readVarint,
  readView,
  signedBigOf,
  signedOf,
  skipField,
  unsignedBigOf,
  unsignedOf,
  VARINT,
  writeBigVarint,
  writeDouble,
  writeEvenEmptyText,
  writeInteger,
  type Writer,
  writeText,
  writeVarint,
  writeView,
  written,
} from './wire.ts'

/** ModelInferRequest and ModelInferResponse by hand: raw tensors stay views of the message, and names are not
 *  decoded anew for every request. The field numbers are those of inference.proto. */

export interface WireTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: number[]
  readonly parameters: RequestParameters
  /** InferTensorContents as encoded, in as many parts as the message had. */
  readonly contents: readonly Uint8Array[]
}

export interface WireOutput {
  readonly name: string
  readonly parameters: RequestParameters
}

export interface WireRequest {
  readonly modelName: string
  readonly modelVersion: string
  /** Empty when the caller gave none. */
  readonly id: string
  readonly parameters: RequestParameters
  readonly inputs: readonly WireTensor[]
  readonly outputs: readonly WireOutput[]
  readonly raw: readonly Uint8Array[]
}

export type WireResponse = Omit<WireRequest, 'inputs' | 'outputs'> & { readonly outputs: readonly WireTensor[] }

interface Parts {
  modelName: string
  modelVersion: string
  id: string
  parameters: RequestParameters
  tensors: WireTensor[]
  outputs: WireOutput[]
  raw: Uint8Array[]
}

/** Tags of the fields by number, as constants: they are compared for every field of every message. */
const LENGTH_1 = (1 << 3) | LENGTH
const LENGTH_2 = (2 << 3) | LENGTH
const LENGTH_3 = (3 << 3) | LENGTH
const LENGTH_4 = (4 << 3) | LENGTH
const LENGTH_5 = (5 << 3) | LENGTH
const LENGTH_6 = (6 << 3) | LENGTH
const LENGTH_7 = (7 << 3) | LENGTH
const VARINT_1 = (1 << 3) | VARINT
const VARINT_2 = (2 << 3) | VARINT
const VARINT_3 = (3 << 3) | VARINT
const VARINT_5 = (5 << 3) | VARINT
const DOUBLE_4 = (4 << 3) | FIXED64

/** Views of `bytes` are kept in the result. Throws `invalid` for bytes that are no such message. */
export function readRequest(bytes: Uint8Array): WireRequest {
  const { tensors, ...rest } = readParts(bytes, true)
  return { ...rest, inputs: tensors }
}

export function readResponse(bytes: Uint8Array): WireResponse {
  const { tensors, ...rest } = readParts(bytes, false)
  return { ...rest, outputs: tensors }
}

/** Both messages begin alike; then a request has its outputs and raw tensors, and a response its raw tensors. */
function readParts(bytes: Uint8Array, isRequest: boolean): Parts {
  const reader = createReader(bytes)
  const end = bytes.length
  const parts: Parts = {
    modelName: '',
    modelVersion: '',
    id: '',
    parameters: NO_PARAMETERS,
    tensors: [],
    outputs: [],
    raw: [],
  }
  const rawTag = isRequest ? LENGTH_7 : LENGTH_6
  while (reader.at < end) {
    const tag = readTag(reader, end)
    if (tag === rawTag) parts.raw.push(readView(reader, end))
    else if (tag === LENGTH_1) parts.modelName = readName(reader, end)
    else if (tag === LENGTH_2) parts.modelVersion = readName(reader, end)
    else if (tag === LENGTH_3) parts.id = readText(reader, end)
    else if (tag === LENGTH_4) parts.parameters = readParameter(reader, end, parts.parameters)
    else if (tag === LENGTH_5) parts.tensors.push(readTensor(reader, end))
    else if (tag === LENGTH_6) parts.outputs.push(readOutput(reader, end))
    else skipField(reader, tag, end)
  }
  return parts
}

function readTensor(reader: Reader, outer: number): WireTensor {
  const end = readEnd(reader, outer)
  let name = ''
  let datatype = ''
  let parameters = NO_PARAMETERS
  let contents: Uint8Array[] = NOTHING
  const shape: number[] = []
  while (reader.at < end) {
    const tag = readTag(reader, end)
    if (tag === LENGTH_1) name = readName(reader, end)
    else if (tag === LENGTH_2) datatype = readName(reader, end)
    else if (tag === LENGTH_3) readShape(reader, end, shape)
    else if (tag === VARINT_3) readSize(reader, end, shape)
    else if (tag === LENGTH_4) parameters = readParameter(reader, end, parameters)
    else if (tag === LENGTH_5) contents = [...contents, readView(reader, end)]
    else skipField(reader, tag, end)
  }
  return { name, datatype, shape, parameters, contents }
}

const NOTHING: Uint8Array[] = []

function readShape(reader: Reader, outer: number, shape: number[]): void {
  const end = readEnd(reader, outer)
  while (reader.at < end) readSize(reader, end, shape)
}

function readSize(reader: Reader, end: number, shape: number[]): void {
  readVarint(reader, end)
  shape.push(signedOf(reader))
}

function readOutput(reader: Reader, outer: number): WireOutput {
  const end = readEnd(reader, outer)
  let name = ''
  let parameters = NO_PARAMETERS
  while (reader.at < end) {
    const tag = readTag(reader, end)
    if (tag === LENGTH_1) name = readName(reader, end)
    else if (tag === LENGTH_2) parameters = readParameter(reader, end, parameters)
    else skipField(reader, tag, end)
  }
  return { name, parameters }
}

/** One entry of a map of parameters, added to those before it. A parameter without a value is left out. */
function readParameter(reader: Reader, outer: number, before: RequestParameters): RequestParameters {
  const end = readEnd(reader, outer)
  let key = ''
  let value: unknown
  while (reader.at < end) {
    const tag = readTag(reader, end)
    if (tag === LENGTH_1) key = readName(reader, end)
    else if (tag === LENGTH_2) value = readChoice(reader, end, value)
    else skipField(reader, tag, end)
  }
  // Without a prototype, no key of the caller's means anything.
  const known: Record<string, unknown> =
    before === NO_PARAMETERS ? (Object.create(null) as Record<string, unknown>) : before
  if (value === undefined) delete known[key]
  else known[key] = value
  return known
}

function readChoice(reader: Reader, outer: number, before: unknown): unknown {
  const end = readEnd(reader, outer)
  let value = before
  while (reader.at < end) {
    const tag = readTag(reader, end)
    if (tag === VARINT_1) value = readVarint(reader, end) !== 0 || reader.high !== 0
    else if (tag === VARINT_2) {
      readVarint(reader, end)
      value = signedOf(reader)
      if (!Number.isSafeInteger(value)) value = signedBigOf(reader)
    } else if (tag === LENGTH_3) value = readText(reader, end)
    else if (tag === DOUBLE_4) value = readDouble(reader, end)
    else if (tag === VARINT_5) {
      readVarint(reader, end)
      value = unsignedOf(reader)
      if (!Number.isSafeInteger(value)) value = unsignedBigOf(reader)
    } else skipField(reader, tag, end)
  }
  return value
}

const ROOM_FOR_NAMES = 512

function roomFor(raw: readonly Uint8Array[]): number {
  let size = ROOM_FOR_NAMES
  for (const view of raw) size += view.length + 16
  return size
}

export function writeRequest(request: WireRequest): Buffer {
  const writer = createWriter(roomFor(request.raw))
  writeHead(writer, request)
  for (const input of request.inputs) writeTensor(writer, input)
  for (const output of request.outputs) {
    const start = openMessage(writer, 6)
    writeText(writer, 1, output.name)
    writeParameters(writer, 2, output.parameters)
    closeMessage(writer, start)
  }
  for (const view of request.raw) writeView(writer, 7, view)
  return written(writer)
}

export function writeResponse(response: WireResponse): Buffer {
  const writer = createWriter(roomFor(response.raw))
  writeHead(writer, response)
  for (const output of response.outputs) writeTensor(writer, output)
  for (const view of response.raw) writeView(writer, 6, view)
  return written(writer)
}

function writeHead(writer: Writer, message: WireRequest | WireResponse): void {
  writeText(writer, 1, message.modelName)
  writeText(writer, 2, message.modelVersion)
  writeText(writer, 3, message.id)
  writeParameters(writer, 4, message.parameters)
}

function writeTensor(writer: Writer, tensor: WireTensor): void {
  const start = openMessage(writer, 5)
  writeText(writer, 1, tensor.name)
  writeText(writer, 2, tensor.datatype)
  if (tensor.shape.length > 0) {
    const shapeStart = openMessage(writer, 3)
    for (const size of tensor.shape) writeInteger(writer, size)
    closeMessage(writer, shapeStart)
  }
  writeParameters(writer, 4, tensor.parameters)
  for (const part of tensor.contents) writeView(writer, 5, part)
  closeMessage(writer, start)
}

function writeParameters(writer: Writer, number: number, parameters: RequestParameters): void {
  if (parameters === NO_PARAMETERS) return
  for (const key of Object.keys(parameters)) {
    const value = parameters[key]
    if (value === undefined || value === null) continue
    const start = openMessage(writer, number)
    writeText(writer, 1, key)
    const choiceStart = openMessage(writer, 2)
    writeChoice(writer, value)
    closeMessage(writer, choiceStart)
    closeMessage(writer, start)
  }
}

/** A choice is written even where it is a default: that it was made is what tells it from none.
 *  Objects have no form of their own and travel as JSON text. */
function writeChoice(writer: Writer, value: unknown): void {
  if (typeof value === 'boolean') {
    writeVarint(writer, VARINT_1)
    writeVarint(writer, value ? 1 : 0)
  } else if (typeof value === 'bigint') {
    writeVarint(writer, value < 2n ** 63n ? VARINT_2 : VARINT_5)
    writeBigVarint(writer, value)
  } else if (typeof value !== 'number') {
    writeEvenEmptyText(writer, 3, typeof value === 'string' ? value : printJson(value))
  } else if (Number.isSafeInteger(value)) {
    writeVarint(writer, VARINT_2)
    writeInteger(writer, value)
  } else {
    writeVarint(writer, DOUBLE_4)
    writeDouble(writer, value)
  }
}
