import { DATATYPE_BYTES, type Datatype } from '@stead/contracts'
import { invalid, shown } from '../request.ts'
import { placedAt, type Room, takeRoom } from '../room.ts'

/** Writes one row of JSON values from an element's index on. */
type RowWriter = (cells: readonly unknown[], room: Room, at: number, name: string) => void

interface Walk {
  readonly name: string
  readonly shape: readonly number[]
  readonly room: Room
  readonly write: RowWriter
}

/** A tensor's bytes from JSON values, nested as the shape says or flat in row-major order.
 *  `count` is the shape's product, and `limit` no less than the values the text can hold: the shape is the
 *  caller's claim, so nothing is allocated beyond what the text could fill. */
export function writeCells(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  data: unknown,
  limit: number,
): Uint8Array {
  if (!Array.isArray(data)) throw invalid(`input ${shown(name)}: data must be an array, got ${shown(data)}`)
  const nested = Array.isArray(data[0])
  if (nested ? count > limit : data.length !== count)
    throw wrongCount(name, shape, count, nested ? 'fewer' : data.length)
  if (datatype === 'BYTES') return writeStrings(name, nested ? flatten(name, shape, data) : data)
  const write = WRITERS[datatype]
  if (write === undefined) {
    throw invalid(`input ${shown(name)}: ${datatype} has no JSON form; send it as binary data`)
  }
  const width = DATATYPE_BYTES[datatype]
  const room = takeRoom(count * width)
  const offset = placedAt()
  if (nested) walk({ name, shape, room, write }, data, 0, offset / width)
  else write(data, room, offset / width, name)
  return new Uint8Array(room.UINT8.buffer, offset, count * width)
}

/** The depth is bounded by the shape, however deep the caller nests. Returns the next element's index. */
function walk(over: Walk, values: readonly unknown[], axis: number, start: number): number {
  checkLength(over.name, over.shape, values, axis)
  if (axis === over.shape.length - 1) {
    over.write(values, over.room, start, over.name)
    return start + values.length
  }
  let at = start
  for (const inner of values) at = walk(over, rowOf(over.name, inner, axis), axis + 1, at)
  return at
}

function flatten(name: string, shape: readonly number[], data: readonly unknown[]): unknown[] {
  const cells: unknown[] = []
  const visit = (values: readonly unknown[], axis: number): void => {
    checkLength(name, shape, values, axis)
    for (const value of values) {
      if (axis === shape.length - 1) cells.push(value)
      else visit(rowOf(name, value, axis), axis + 1)
    }
  }
  visit(data, 0)
  return cells
}

function rowOf(name: string, value: unknown, axis: number): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw invalid(
      `input ${shown(name)}: data is nested unevenly: expected an array in axis ${axis}, got ${shown(value)}`,
    )
  }
  return value
}

function checkLength(name: string, shape: readonly number[], values: readonly unknown[], axis: number): void {
  if (values.length !== shape[axis]) {
    const expected = axis < shape.length ? `${shape[axis]} values in axis ${axis}` : 'no such nesting'
    throw invalid(
      `input ${shown(name)}: data does not match shape [${shape.join(', ')}]: expected ${expected}, got ${values.length}`,
    )
  }
}

function wrongCount(name: string, shape: readonly number[], count: number, got: number | string): Error {
  return invalid(`input ${shown(name)}: shape [${shape.join(', ')}] holds ${count} elements, data has ${got}`)
}

function wrongCell(name: string, datatype: Datatype, position: number, expected: string, value: unknown): Error {
  return invalid(`input ${shown(name)}: element ${position} of ${datatype} must be ${expected}, got ${shown(value)}`)
}

const writeSingles: RowWriter = (cells, room, at, name) => {
  const into = room.FP32
  for (let i = 0; i < cells.length; i++) {
    let cell = cells[i]
    // An integer that was kept exact for the sake of a 64-bit input beside this one.
    if (typeof cell === 'bigint') cell = Number(cell)
    if (typeof cell !== 'number') throw wrongCell(name, 'FP32', i, 'a number', cell)
    into[at + i] = cell
    const kept = into[at + i]!
    // Infinity is not a JSON number: it comes of an overflow, here or in the parser.
    if (kept - kept !== 0) throw wrongCell(name, 'FP32', i, 'within the range of float32', cell)
  }
}

const writeDoubles: RowWriter = (cells, room, at, name) => {
  const into = room.FP64
  for (let i = 0; i < cells.length; i++) {
    const cell = typeof cells[i] === 'bigint' ? Number(cells[i]) : cells[i]
    if (typeof cell !== 'number') throw wrongCell(name, 'FP64', i, 'a number', cell)
    if (cell - cell !== 0) throw wrongCell(name, 'FP64', i, 'within the range of float64', cell)
    into[at + i] = cell
  }
}

const writeBools: RowWriter = (cells, room, at, name) => {
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]
    if (typeof cell !== 'boolean') throw wrongCell(name, 'BOOL', i, 'true or false', cell)
    room.UINT8[at + i] = cell ? 1 : 0
  }
}

type NarrowInteger = 'UINT8' | 'UINT16' | 'UINT32' | 'INT8' | 'INT16' | 'INT32'

function narrowWriter(datatype: NarrowInteger, least: number, most: number): RowWriter {
  const expected = `a whole number from ${least} to ${most}`
  return (cells, room, at, name) => {
    const into = room[datatype]
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]
      if (typeof cell !== 'number' || !(cell >= least && cell <= most) || Math.floor(cell) !== cell) {
        throw wrongCell(name, datatype, i, expected, cell)
      }
      into[at + i] = cell
    }
  }
}

function wideWriter(datatype: 'UINT64' | 'INT64', least: bigint, most: bigint): RowWriter {
  const expected = `a whole number from ${least} to ${most}, written in digits`
  return (cells, room, at, name) => {
    const into = room[datatype]
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]
      // Beyond 2^53 only a bigint is exact: a number there was written as a float.
      const exact = typeof cell === 'bigint' ? cell : Number.isSafeInteger(cell) ? BigInt(cell as number) : undefined
      if (exact === undefined || exact < least || exact > most) throw wrongCell(name, datatype, i, expected, cell)
      into[at + i] = exact
    }
  }
}

const WRITERS: Readonly<Partial<Record<Datatype, RowWriter>>> = {
  BOOL: writeBools,
  UINT8: narrowWriter('UINT8', 0, 0xff),
  UINT16: narrowWriter('UINT16', 0, 0xffff),
  UINT32: narrowWriter('UINT32', 0, 0xffffffff),
  UINT64: wideWriter('UINT64', 0n, 2n ** 64n - 1n),
  INT8: narrowWriter('INT8', -0x80, 0x7f),
  INT16: narrowWriter('INT16', -0x8000, 0x7fff),
  INT32: narrowWriter('INT32', -0x80000000, 0x7fffffff),
  INT64: wideWriter('INT64', -(2n ** 63n), 2n ** 63n - 1n),
  FP32: writeSingles,
  FP64: writeDoubles,
}

function writeStrings(name: string, cells: readonly unknown[]): Uint8Array {
  let size = 0
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]
    if (typeof cell !== 'string') throw wrongCell(name, 'BYTES', i, 'a string', cell)
    if (!cell.isWellFormed()) throw wrongCell(name, 'BYTES', i, 'valid Unicode (it has half a surrogate pair)', cell)
    size += 4 + Buffer.byteLength(cell)
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const cell of cells as readonly string[]) {
    const length = bytes.write(cell, at + 4)
    bytes.writeUInt32LE(length, at)
    at += 4 + length
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, size)
}
