import type { Datatype, TensorSpec } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'

/* The engine host protocol, version 1: what a front end or the supervisor says to an engine host over a Unix socket.
 *
 * Both directions carry frames. All numbers are little-endian and unsigned; every frame begins at a multiple of 8
 * bytes of its stream, because every length is a multiple of 8.
 *
 *   0  u32  length of the whole frame, this header included; a multiple of 8
 *   4  u8   kind (KIND below)
 *   5  u8   priority of an infer (1 most urgent, 255 least, 0 the default); else 0
 *   6  u16  slot: which engine of the host
 *   8  u32  request: chosen by the asker, repeated in the reply; one that is outstanding is not used again
 *  12  u16  first count
 *  14  u16  second count
 *
 * Control frames (every kind below 20) continue with a JSON object in UTF-8, padded at its end by spaces.
 * Each ask gets one reply with its request number, or failed { message } instead:
 *   hello { protocol, role: 'control' | 'data' }                         welcome { protocol, pid, runtime }
 *   load { dir, files, signature?, batching, threads }, into the slot    loaded { signature, found, rss }
 *   warm { rows: [1, 8] }: zero-filled runs                              warmed {}
 *   unload                                                               unloaded {}
 *   stats                                                                counted { rss, engines: EngineStats[] }
 *   open: wants to infer in the slot                                     opened { credits, signature }
 * Positions of inputs and outputs count in the signature that loaded and opened tell. Credits are the requests a front
 * end may have in flight there.
 *
 * infer: first count = tensors, second count = outputs wanted (0: all of them), then
 *  16  u64  deadline in nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share; 0 for none
 *  24  u16 × second count: positions in the signature's outputs; padded to 8
 *      tensors
 * answer: first count = tensors, second count = requests that shared the run, then
 *  16  u64  nanoseconds the request waited for its run
 *  24  u64  nanoseconds of the run
 *  32  u32  rows of the run, 36 u32 zero
 *  40  tensors
 * refused: a JSON object { kind, message }, the kind being one of FAILURES (inference/failure.ts).
 *
 * A tensor, at a multiple of 8 bytes from its frame's start:
 *   0  u16  position in the signature's inputs (infer) or outputs (answer)
 *   2  u8   datatype: position in DATATYPES
 *   3  u8   rank
 *   4  u32  bytes of data
 *   8  u32 × rank: dimensions; padded to 8
 *      data as in Tensor; padded to 8. So a frame in a buffer of its own can be viewed as any type without a copy.
 *
 * The first frame of a connection is hello. The connection whose role is `control` is the supervisor: the host exits
 * when it closes. A `data` connection opens each slot it wants before it infers there. Every infer gets exactly one
 * answer or refused, in any order.
 */

export const PROTOCOL_VERSION = 1

export const KIND = {
  hello: 1,
  welcome: 2,
  load: 3,
  loaded: 4,
  failed: 5,
  unload: 6,
  unloaded: 7,
  warm: 8,
  warmed: 9,
  stats: 10,
  counted: 11,
  open: 12,
  opened: 13,
  infer: 20,
  answer: 21,
  refused: 22,
} as const

export const HEADER_BYTES = 16
export const INFER_HEAD_BYTES = 24
export const ANSWER_HEAD_BYTES = 40
/** A longer frame is a broken peer or a request that should have been refused at the door. */
export const MAX_FRAME_BYTES = 2 ** 30

export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const satisfies readonly Datatype[]

/** As DATATYPE_BYTES of the contracts, which hosts do not load: it would bring a schema library into each of them. */
export const ELEMENT_BYTES: Readonly<Record<Datatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: 0,
}

const CODE_OF = new Map<Datatype, number>(DATATYPES.map((datatype, code) => [datatype, code]))

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

export function codeOf(datatype: Datatype): number {
  return CODE_OF.get(datatype) as number
}

export function padded(bytes: number): number {
  // Not by a bit mask: lengths may pass 2^31.
  const over = bytes % 8
  return over === 0 ? bytes : bytes + 8 - over
}

/** Bytes a tensor takes in a frame. */
export function tensorBytes(rank: number, dataBytes: number): number {
  return 8 + padded(4 * rank) + padded(dataBytes)
}

export function readU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
}

export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true)
  view.setUint32(at + 4, value / 2 ** 32, true)
}

const decoder = new TextDecoder()

export function readJson(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(start + HEADER_BYTES, end)))
  } catch (cause) {
    throw new ProtocolError('A control frame holds no JSON', { cause })
  }
}

/** The tensors of a frame, placed by their position in `specs`, which name them. The data are views of `bytes`. */
export function readTensors(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  count: number,
  specs: readonly TensorSpec[],
): (Tensor | undefined)[] {
  const tensors: (Tensor | undefined)[] = []
  while (tensors.length < specs.length) tensors.push(undefined)
  let at = start
  for (let seen = 0; seen < count; seen++) {
    if (at + 8 > end) throw new ProtocolError('A frame ends before its tensors do')
    const position = view.getUint16(at, true)
    const datatype = DATATYPES[view.getUint8(at + 2)]
    const rank = view.getUint8(at + 3)
    const length = view.getUint32(at + 4, true)
    const data = at + 8 + padded(4 * rank)
    const spec = specs[position]
    if (datatype === undefined || spec === undefined) throw new ProtocolError('A tensor of no known type or position')
    if (data + length > end) throw new ProtocolError('A frame ends before its tensors do')
    const shape: number[] = []
    for (let dim = 0; dim < rank; dim++) shape.push(view.getUint32(at + 8 + 4 * dim, true))
    tensors[position] = {
      name: spec.name,
      datatype,
      shape,
      data: new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + data, length),
    }
    at = data + padded(length)
  }
  return tensors
}
