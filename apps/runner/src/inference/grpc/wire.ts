import { isUtf8 } from 'node:buffer'
import { invalid } from '../request.ts'

/** The protobuf wire format (https://protobuf.dev/programming-guides/encoding), as little of it as the inference
 *  messages need. Reading never goes past the given end and always moves on, so malformed bytes fail and never hang. */

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH = 2
export const FIXED32 = 5

export interface Reader {
  readonly bytes: Buffer
  at: number
  /** The halves of the last varint. */
  low: number
  high: number
}

export function createReader(bytes: Uint8Array): Reader {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { bytes: buffer, at: 0, low: 0, high: 0 }
}

/** Reads a varint of up to 64 bits into `low` and `high`, and returns `low` unsigned. */
export function readVarint(reader: Reader, end: number): number {
  const { bytes } = reader
  let at = reader.at
  if (at < end && bytes[at]! < 0x80) {
    reader.at = at + 1
    reader.high = 0
    return (reader.low = bytes[at]!)
  }
  let low = 0
  let high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw malformed('a number is cut off')
    const byte = bytes[at++]!
    const bits = byte & 0x7f
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high = bits >> 4
    } else high |= bits << (shift - 32)
    if (byte < 0x80) {
      reader.at = at
      reader.high = high >>> 0
      return (reader.low = low >>> 0)
    }
  }
  throw malformed('a number has more than ten bytes')
}

/** The last varint as a signed integer: exact as far as a double is. */
export function signedOf(reader: Reader): number {
  return (reader.high | 0) * 2 ** 32 + reader.low
}

/** The last varint as an unsigned integer: exact as far as a double is. */
export function unsignedOf(reader: Reader): number {
  return reader.high * 2 ** 32 + reader.low
}

export function signedBigOf(reader: Reader): bigint {
  return (BigInt(reader.high | 0) << 32n) | BigInt(reader.low)
}

export function unsignedBigOf(reader: Reader): bigint {
  return (BigInt(reader.high) << 32n) | BigInt(reader.low)
}

/** A field's number and wire type, as they stand: `number << 3 | type`. */
export function readTag(reader: Reader, end: number): number {
  const tag = readVarint(reader, end)
  if (reader.high !== 0 || tag < 8) throw malformed(`${tag} is not a field`)
  return tag
}

/** Where a field of a length ends. The reader then stands at its first byte. */
export function readEnd(reader: Reader, end: number): number {
  const length = readVarint(reader, end)
  if (reader.high !== 0 || length > end - reader.at) throw malformed(`a field claims ${length} bytes and is cut off`)
  return reader.at + length
}

export function readView(reader: Reader, end: number): Uint8Array {
  const { bytes } = reader
  const stop = readEnd(reader, end)
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset + reader.at, stop - reader.at)
  reader.at = stop
  return view
}

export function readDouble(reader: Reader, end: number): number {
  const { at } = reader
  if (at + 8 > end) throw malformed('a number is cut off')
  reader.at = at + 8
  return reader.bytes.readDoubleLE(at)
}

export function skipField(reader: Reader, tag: number, end: number): void {
  const type = tag & 7
  if (type === VARINT) readVarint(reader, end)
  else if (type === LENGTH) reader.at = readEnd(reader, end)
  else if (type === FIXED64 || type === FIXED32) {
    reader.at += type === FIXED64 ? 8 : 4
    if (reader.at > end) throw malformed('a number is cut off')
  } else throw malformed(`field ${tag >>> 3} has wire type ${type}`)
}

export function readText(reader: Reader, end: number): string {
  const stop = readEnd(reader, end)
  const text = reader.bytes.toString('utf8', reader.at, stop)
  // Decoding puts U+FFFD where bytes are no UTF-8; the text itself may also have one.
  if (text.includes('\ufffd') && !isUtf8(reader.bytes.subarray(reader.at, stop)))
    throw malformed('a string is not UTF-8')
  reader.at = stop
  return text
}

const NAMES_LIMIT = 4096
const names = new Map<number, string>()

/** Text that recurs from request to request, such as a tensor's name: known text is found by its bytes. */
export function readName(reader: Reader, end: number): string {
  const { bytes, at: before } = reader
  const stop = readEnd(reader, end)
  const start = reader.at
  let hash = 0
  for (let at = start; at < stop; at++) hash = Math.imul(hash ^ bytes[at]!, 16777619)
  const known = names.get(hash)
  if (known !== undefined && isText(known, bytes, start, stop)) {
    reader.at = stop
    return known
  }
  reader.at = before
  const text = readText(reader, end)
  if (names.size === NAMES_LIMIT) names.clear()
  if (text.length <= 512) names.set(hash, text)
  return text
}

function isText(text: string, bytes: Buffer, start: number, stop: number): boolean {
  if (text.length !== stop - start) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false
  return true
}

export function malformed(reason: string): Error {
  return invalid(`the message is not valid protobuf: ${reason}`)
}

export interface Writer {
  bytes: Buffer
  at: number
}

/** `size` is a guess: the writer grows where it was too small. */
export function createWriter(size: number): Writer {
  return { bytes: Buffer.allocUnsafe(size), at: 0 }
}

export function written(writer: Writer): Buffer {
  return writer.bytes.subarray(0, writer.at)
}

function reserve(writer: Writer, size: number): void {
  const needed = writer.at + size
  if (needed <= writer.bytes.length) return
  const grown = Buffer.allocUnsafe(Math.max(needed, writer.bytes.length * 2))
  writer.bytes.copy(grown, 0, 0, writer.at)
  writer.bytes = grown
}

/** An unsigned integer below 2^53. */
export function writeVarint(writer: Writer, value: number): void {
  reserve(writer, 10)
  const { bytes } = writer
  let rest = value
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) bytes[writer.at++] = (rest % 128) | 0x80
  let small = rest | 0
  for (; small > 0x7f; small >>>= 7) bytes[writer.at++] = (small & 0x7f) | 0x80
  bytes[writer.at++] = small
}

/** An integer of 64 bits; negative ones in two's complement. */
export function writeBigVarint(writer: Writer, value: bigint): void {
  reserve(writer, 10)
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) writer.bytes[writer.at++] = Number(rest & 0x7fn) | 0x80
  writer.bytes[writer.at++] = Number(rest)
}

export function writeInteger(writer: Writer, value: number): void {
  if (value >= 0) writeVarint(writer, value)
  else writeBigVarint(writer, BigInt(value))
}

export function writeDouble(writer: Writer, value: number): void {
  reserve(writer, 8)
  writer.at = writer.bytes.writeDoubleLE(value, writer.at)
}

/** A length-delimited field. Every field number of the inference messages fits one byte of tag. */
export function writeView(writer: Writer, field: number, view: Uint8Array): void {
  writeVarint(writer, (field << 3) | LENGTH)
  writeVarint(writer, view.length)
  reserve(writer, view.length)
  writer.bytes.set(view, writer.at)
  writer.at += view.length
}

/** A string field; left out when empty, as proto3 does. */
export function writeText(writer: Writer, field: number, text: string): void {
  if (text !== '') writeEvenEmptyText(writer, field, text)
}

export function writeEvenEmptyText(writer: Writer, field: number, text: string): void {
  const start = openMessage(writer, field)
  reserve(writer, text.length * 3)
  const { bytes, at } = writer
  // A short ASCII name is written faster than a call into the encoder takes.
  let i = 0
  if (text.length <= 32) {
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) break
      bytes[at + i] = code
    }
  }
  writer.at = at + (i === text.length ? i : bytes.write(text, at))
  closeMessage(writer, start)
}

/** Begins a length-delimited field whose length is not known yet: one byte is kept for it. */
export function openMessage(writer: Writer, field: number): number {
  writeVarint(writer, (field << 3) | LENGTH)
  reserve(writer, 1)
  return ++writer.at
}

/** Writes the length, moving the content where it takes more than the byte that was kept. */
export function closeMessage(writer: Writer, start: number): void {
  const length = writer.at - start
  if (length <= 0x7f) {
    writer.bytes[start - 1] = length
    return
  }
  const extra = length < 2 ** 14 ? 1 : length < 2 ** 21 ? 2 : length < 2 ** 28 ? 3 : 4
  reserve(writer, extra)
  writer.bytes.copyWithin(start + extra, start, writer.at)
  writer.at = start - 1
  writeVarint(writer, length)
  writer.at = start + extra + length
}
