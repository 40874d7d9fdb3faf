/** The wire format of Protocol Buffers, as far as messages are read: https://protobuf.dev/programming-guides/encoding/.
 *  A message is described by a table of its fields and read into what its JSON form would be: 64-bit integers are texts,
 *  enums numbers, bytes as the table says. Fields that the table does not know are passed over. */

export type Scalar =
  | 'string'
  | 'hex'
  | 'base64'
  | 'uint32'
  | 'int64'
  | 'bool'
  | 'enum'
  | 'double'
  | 'fixed64'
  | 'fixed32'

export interface FieldShape {
  readonly name: string
  /** A function where messages hold themselves. */
  readonly kind: Scalar | (() => MessageShape)
  readonly many?: true
}
export type MessageShape = Readonly<Record<number, FieldShape>>

/** What was read is no message of this shape. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProtobufError'
  }
}

/** Messages within messages, as deep as any are read. */
const DEEPEST = 64
const VARINT = 0
const EIGHT_BYTES = 1
const LENGTH = 2
const FOUR_BYTES = 5

export const readProtobuf = (shape: MessageShape, bytes: Uint8Array): Record<string, unknown> =>
  readMessage(shape, createCursor(bytes), 0)

function readMessage(shape: MessageShape, cursor: Cursor, depth: number): Record<string, unknown> {
  if (depth > DEEPEST) throw new ProtobufError(`it is nested more than ${DEEPEST} deep`)
  const message: Record<string, unknown> = {}
  while (!cursor.isAtEnd()) {
    const tag = Number(cursor.varint() & 0xffff_ffffn)
    const wire = tag & 7
    const field = shape[tag >>> 3]
    if (tag >>> 3 === 0) throw new ProtobufError('a field has the number 0')
    if (field === undefined || wire !== wireOf(field)) {
      cursor.skip(wire)
      continue
    }
    const value = readValue(field, cursor, depth)
    if (!field.many) message[field.name] = value
    else if (Array.isArray(message[field.name])) (message[field.name] as unknown[]).push(value)
    else message[field.name] = [value]
  }
  return message
}

function wireOf({ kind }: FieldShape): number {
  if (kind === 'uint32' || kind === 'int64' || kind === 'bool' || kind === 'enum') return VARINT
  if (kind === 'double' || kind === 'fixed64') return EIGHT_BYTES
  return kind === 'fixed32' ? FOUR_BYTES : LENGTH
}

function readValue({ kind }: FieldShape, cursor: Cursor, depth: number): unknown {
  if (typeof kind === 'function') return readMessage(kind(), createCursor(cursor.bytes()), depth + 1)
  switch (kind) {
    case 'string':
      return textOf(cursor.bytes())
    case 'hex':
      return Buffer.from(cursor.bytes()).toString('hex')
    case 'base64':
      return Buffer.from(cursor.bytes()).toString('base64')
    case 'bool':
      return cursor.varint() !== 0n
    case 'uint32':
      return Number(BigInt.asUintN(32, cursor.varint()))
    case 'enum':
      return Number(BigInt.asIntN(32, cursor.varint()))
    case 'int64':
      return String(BigInt.asIntN(64, cursor.varint()))
    case 'double':
      return cursor.eight((view, at) => numberOf(view.getFloat64(at, true)))
    case 'fixed64':
      return cursor.eight((view, at) => String(view.getBigUint64(at, true)))
    case 'fixed32':
      return cursor.four()
  }
}

/** JSON has no words for these. */
const numberOf = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ProtobufError('a text is no UTF-8')
  }
}

interface Cursor {
  isAtEnd(): boolean
  varint(): bigint
  bytes(): Uint8Array
  eight<T>(read: (view: DataView, at: number) => T): T
  four(): number
  skip(wire: number): void
}

function createCursor(bytes: Uint8Array): Cursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number): number => {
    if (count > bytes.byteLength - at) throw new ProtobufError('it ends too early')
    const from = at
    at += count
    return from
  }
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(take(1))
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new ProtobufError('a number has more than ten bytes')
  }
  const some = (): Uint8Array => {
    const length = varint()
    if (length > BigInt(bytes.byteLength)) throw new ProtobufError('it ends too early')
    const from = take(Number(length))
    return bytes.subarray(from, at)
  }
  return {
    isAtEnd: () => at >= bytes.byteLength,
    varint,
    bytes: some,
    eight: (read) => read(view, take(8)),
    four: () => view.getUint32(take(4), true),
    skip(wire) {
      if (wire === VARINT) varint()
      else if (wire === EIGHT_BYTES) take(8)
      else if (wire === LENGTH) some()
      else if (wire === FOUR_BYTES) take(4)
      else throw new ProtobufError(`a field has the wire type ${wire}`)
    },
  }
}
