import { DATATYPE_BYTES, type Datatype } from '@stead/contracts'
import { invalid, shown } from '../request.ts'
import { placedAt, type Room, takeRoom } from '../room.ts'
import {
  createReader,
  FIXED32,
  FIXED64,
  LENGTH,
  malformed,
  type Reader,
  readTag,
  readVarint,
  readView,
  signedBigOf,
  skipField,
  unsignedBigOf,
  VARINT,
} from './wire.ts'

/** InferTensorContents: a field for each family of datatypes, of numbers that may be packed or not. */
const FIELDS = [
  { field: 1, name: 'bool_contents', type: VARINT },
  { field: 2, name: 'int_contents', type: VARINT },
  { field: 3, name: 'int64_contents', type: VARINT },
  { field: 4, name: 'uint_contents', type: VARINT },
  { field: 5, name: 'uint64_contents', type: VARINT },
  { field: 6, name: 'fp32_contents', type: FIXED32 },
  { field: 7, name: 'fp64_contents', type: FIXED64 },
  { field: 8, name: 'bytes_contents', type: LENGTH },
] as const

const FIELD_OF: Readonly<Partial<Record<Datatype, number>>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
}

/** A tensor's bytes from its typed contents. Packed floats are already the tensor's bytes, and stay a view. */
export function readContents(
  name: string,
  datatype: Datatype,
  count: number,
  parts: readonly Uint8Array[],
): Uint8Array {
  const expected = FIELD_OF[datatype]
  if (expected === undefined) throw invalid(`input ${shown(name)}: ${datatype} only travels in raw_input_contents`)
  const spans = parts.flatMap((part) => spansOf(part, name, datatype, expected))
  if (datatype === 'BYTES') return packBytes(name, count, spans)
  return expected >= 6 ? joinFixed(name, datatype, count, spans) : readVarints(name, datatype, count, spans)
}

/** The encoded elements, in stretches: a packed run is one, and so is each element that stands alone. */
function spansOf(part: Uint8Array, name: string, datatype: Datatype, expected: number): Uint8Array[] {
  const reader = createReader(part)
  const end = part.length
  const spans: Uint8Array[] = []
  while (reader.at < end) {
    const tag = readTag(reader, end)
    const known = FIELDS[(tag >>> 3) - 1]
    const span = known === undefined ? undefined : readSpan(reader, tag, end)
    if (known === undefined) skipField(reader, tag, end)
    else if (known.field !== expected) {
      if (span!.length > 0) throw wrongField(name, datatype, expected, known.name)
    } else if ((tag & 7) !== LENGTH && (tag & 7) !== known.type)
      throw malformed(`${known.name} has wire type ${tag & 7}`)
    else spans.push(span!)
  }
  return spans
}

function readSpan(reader: Reader, tag: number, end: number): Uint8Array {
  if ((tag & 7) === LENGTH) return readView(reader, end)
  const start = reader.at
  skipField(reader, tag, end)
  return reader.bytes.subarray(start, reader.at)
}

function wrongField(name: string, datatype: Datatype, expected: number, got: string): Error {
  return invalid(`input ${shown(name)}: ${datatype} belongs in ${FIELDS[expected - 1]!.name}, got ${got}`)
}

function wrongCount(name: string, datatype: Datatype, count: number, got: number | string): Error {
  return invalid(`input ${shown(name)}: expected ${count} elements of ${datatype} in its contents, got ${got}`)
}

function sizeOf(spans: readonly Uint8Array[]): number {
  return spans.reduce((size, span) => size + span.length, 0)
}

function joinFixed(name: string, datatype: Datatype, count: number, spans: readonly Uint8Array[]): Uint8Array {
  const width = DATATYPE_BYTES[datatype]
  const size = sizeOf(spans)
  if (size !== count * width) throw wrongCount(name, datatype, count, size / width)
  return spans.length === 1 ? spans[0]! : Buffer.concat(spans)
}

function packBytes(name: string, count: number, elements: readonly Uint8Array[]): Uint8Array {
  if (elements.length !== count) throw wrongCount(name, 'BYTES', count, elements.length)
  const packed = Buffer.allocUnsafe(sizeOf(elements) + 4 * count)
  let at = 0
  for (const element of elements) {
    at = packed.writeUInt32LE(element.length, at)
    packed.set(element, at)
    at += element.length
  }
  return packed
}

function readVarints(name: string, datatype: Datatype, count: number, spans: readonly Uint8Array[]): Uint8Array {
  // An element takes a byte at least: nothing is allocated beyond what was sent.
  if (count > sizeOf(spans)) throw wrongCount(name, datatype, count, 'fewer')
  const width = DATATYPE_BYTES[datatype]
  const room = takeRoom(count * width)
  const offset = placedAt()
  const first = offset / width
  let seen = 0
  for (const span of spans) {
    const reader = createReader(span)
    while (reader.at < span.length) {
      readVarint(reader, span.length)
      if (seen === count) throw wrongCount(name, datatype, count, 'more')
      if (!place(room, datatype, first + seen, reader)) {
        throw invalid(`input ${shown(name)}: element ${seen} is out of the range of ${datatype}`)
      }
      seen++
    }
  }
  if (seen !== count) throw wrongCount(name, datatype, count, seen)
  return new Uint8Array(room.UINT8.buffer, offset, count * width)
}

/** Stores the last varint. False if the datatype cannot hold it. */
function place(room: Room, datatype: Datatype, at: number, reader: Reader): boolean {
  if (datatype === 'BOOL') room.UINT8[at] = reader.low !== 0 || reader.high !== 0 ? 1 : 0
  else if (datatype === 'INT64') room.INT64[at] = signedBigOf(reader)
  else if (datatype === 'UINT64') room.UINT64[at] = unsignedBigOf(reader)
  else {
    const narrow = datatype as NarrowInteger
    const value = narrow.startsWith('U') ? reader.low : reader.low | 0
    room[narrow][at] = value
    return room[narrow][at] === value
  }
  return true
}

type NarrowInteger = 'UINT8' | 'UINT16' | 'UINT32' | 'INT8' | 'INT16' | 'INT32'

/** Some clients send contents that hold nothing beside raw tensors. */
export function isEmptyContents(parts: readonly Uint8Array[]): boolean {
  return parts.every((part) => part.length === 0)
}
