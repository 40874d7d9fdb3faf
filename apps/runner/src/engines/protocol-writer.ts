import type { Socket } from 'node:net'
import { InferenceFailure, type FailureKind } from '../inference/failure.ts'
import type { Tensor } from '../inference/tensor.ts'
import {
  ANSWER_HEAD_BYTES,
  codeOf,
  HEADER_BYTES,
  INFER_HEAD_BYTES,
  KIND,
  MAX_FRAME_BYTES,
  padded,
  tensorBytes,
  writeU64,
} from './protocol.ts'

const POOL_BYTES = 64 * 1024
/** Data from this size on is handed to the socket as it lies; less is copied, which costs less than one more buffer. */
const COPY_BELOW_BYTES = 16 * 1024
const encoder = new TextEncoder()

/** What a writer needs of a socket. */
export type FrameSocket = Pick<Socket, 'write' | 'cork' | 'uncork' | 'destroyed' | 'writableLength'>

export interface InferFrame {
  readonly slot: number
  readonly request: number
  readonly priority: number
  /** 0 for none. */
  readonly deadlineNs: number
  /** By position in the signature; undefined where the request has no such input. */
  readonly inputs: readonly (Tensor | undefined)[]
  readonly wanted: readonly number[] | undefined
}

export interface AnswerFrame {
  readonly slot: number
  readonly request: number
  readonly queueNs: number
  readonly computeNs: number
  readonly batchRows: number
  readonly batchRequests: number
}

/** A part of a tensor: `rows` of its first dimension, which are the bytes from `from` to `to`. */
export interface TensorPart {
  readonly position: number
  readonly tensor: Tensor
  /** -1 for all of them. */
  readonly rows: number
  readonly from: number
  readonly to: number
}

/** Gathers frames for one socket and writes them together. Data of large tensors are not copied: they must not change
 *  until the socket has them. */
export class FrameWriter {
  readonly #socket: FrameSocket
  #pool = Buffer.allocUnsafeSlow(POOL_BYTES)
  #view = new DataView(this.#pool.buffer)
  /** Where the part of the pool that is not yet handed on begins, and where it ends. */
  #from = 0
  #at = 0
  #ready: Uint8Array[] = []

  constructor(socket: FrameSocket) {
    this.#socket = socket
  }

  json(kind: number, slot: number, request: number, body: object): void {
    const text = encoder.encode(JSON.stringify(body))
    const length = HEADER_BYTES + padded(text.length)
    checkLength(length)
    this.#head(length, kind, 0, slot, request, 0, 0, length)
    this.#pool.fill(0x20, this.#at, this.#at + padded(text.length))
    this.#pool.set(text, this.#at)
    this.#at += padded(text.length)
  }

  refused(slot: number, request: number, kind: FailureKind, message: string): void {
    this.json(KIND.refused, slot, request, { kind, message })
  }

  infer(frame: InferFrame): void {
    const { inputs, wanted } = frame
    const wantedCount = wanted === undefined ? 0 : wanted.length
    let length = INFER_HEAD_BYTES + padded(2 * wantedCount)
    let tensors = 0
    for (let position = 0; position < inputs.length; position++) {
      const input = inputs[position]
      if (input === undefined) continue
      checkShape(input)
      tensors++
      length += tensorBytes(input.shape.length, input.data.length)
    }
    checkLength(length)
    this.#head(length, KIND.infer, frame.priority, frame.slot, frame.request, tensors, wantedCount)
    writeU64(this.#view, this.#at, frame.deadlineNs)
    this.#at += 8
    if (wanted !== undefined) this.#positions(wanted)
    for (let position = 0; position < inputs.length; position++) {
      const input = inputs[position]
      if (input !== undefined) this.#tensor(position, input, -1, 0, input.data.length)
    }
  }

  answer(frame: AnswerFrame, parts: readonly TensorPart[]): void {
    let length = ANSWER_HEAD_BYTES
    for (const part of parts) length += tensorBytes(part.tensor.shape.length, part.to - part.from)
    checkLength(length)
    const shared = Math.min(frame.batchRequests, 0xffff)
    this.#head(length, KIND.answer, 0, frame.slot, frame.request, parts.length, shared)
    const view = this.#view
    writeU64(view, this.#at, frame.queueNs)
    writeU64(view, this.#at + 8, frame.computeNs)
    view.setUint32(this.#at + 16, frame.batchRows, true)
    view.setUint32(this.#at + 20, 0, true)
    this.#at += ANSWER_HEAD_BYTES - HEADER_BYTES
    for (const { position, tensor, rows, from, to } of parts) this.#tensor(position, tensor, rows, from, to)
  }

  /** Hands everything gathered to the socket, as one write where nothing large is in it. */
  flush(): void {
    const socket = this.#socket
    if (socket.destroyed) return this.#forget()
    if (this.#ready.length === 0) {
      if (this.#at === this.#from) return
      socket.write(this.#pool.subarray(this.#from, this.#at))
    } else {
      this.#seal()
      socket.cork()
      for (const piece of this.#ready) socket.write(piece)
      socket.uncork()
      this.#ready = []
    }
    // The kernel mostly takes everything at once. If not, the socket still reads from the pool: go on behind that.
    if (socket.writableLength === 0) this.#at = 0
    this.#from = this.#at
  }

  #forget(): void {
    this.#ready = []
    this.#from = this.#at = 0
  }

  #head(
    length: number,
    kind: number,
    priority: number,
    slot: number,
    request: number,
    first: number,
    second: number,
    room = INFER_HEAD_BYTES + ANSWER_HEAD_BYTES,
  ): void {
    this.#ensure(room)
    const view = this.#view
    const at = this.#at
    view.setUint32(at, length, true)
    view.setUint8(at + 4, kind)
    view.setUint8(at + 5, priority)
    view.setUint16(at + 6, slot, true)
    view.setUint32(at + 8, request, true)
    view.setUint16(at + 12, first, true)
    view.setUint16(at + 14, second, true)
    this.#at = at + HEADER_BYTES
  }

  #positions(wanted: readonly number[]): void {
    this.#ensure(2 * wanted.length + 8)
    for (const position of wanted) {
      this.#view.setUint16(this.#at, position, true)
      this.#at += 2
    }
    this.#pad(2 * wanted.length)
  }

  #tensor(position: number, tensor: Tensor, rows: number, from: number, to: number): void {
    const { shape, data } = tensor
    const rank = shape.length
    const bytes = to - from
    const copied = bytes < COPY_BELOW_BYTES
    this.#ensure(24 + 4 * rank + (copied ? bytes : 0))
    const view = this.#view
    const at = this.#at
    view.setUint16(at, position, true)
    view.setUint8(at + 2, codeOf(tensor.datatype))
    view.setUint8(at + 3, rank)
    view.setUint32(at + 4, bytes, true)
    for (let dim = 0; dim < rank; dim++)
      view.setUint32(at + 8 + 4 * dim, dim === 0 && rows >= 0 ? rows : (shape[dim] as number), true)
    this.#at = at + 8 + 4 * rank
    this.#pad(4 * rank)
    if (copied) this.#copy(data, from, to)
    else {
      this.#seal()
      this.#ready.push(data.subarray(from, to))
    }
    this.#pad(bytes)
  }

  #copy(data: Uint8Array, from: number, to: number): void {
    const pool = this.#pool
    let at = this.#at
    // Below some dozens of bytes a loop beats the call and the view it needs.
    if (to - from <= 64) for (let byte = from; byte < to; byte++) pool[at++] = data[byte] as number
    else pool.set(from === 0 && to === data.length ? data : data.subarray(from, to), at)
    this.#at += to - from
  }

  #pad(bytes: number): void {
    for (let over = bytes; over % 8 !== 0; over++) this.#pool[this.#at++] = 0
  }

  #seal(): void {
    if (this.#at > this.#from) this.#ready.push(this.#pool.subarray(this.#from, this.#at))
    this.#from = this.#at
  }

  #ensure(bytes: number): void {
    if (this.#at + bytes <= this.#pool.length) return
    this.#seal()
    this.#pool = Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, padded(bytes)))
    this.#view = new DataView(this.#pool.buffer)
    this.#from = this.#at = 0
  }
}

function checkLength(length: number): void {
  if (length > MAX_FRAME_BYTES)
    throw new InferenceFailure(
      'too_large',
      `${length} bytes are more than the ${MAX_FRAME_BYTES} an engine takes at once`,
    )
}

function checkShape({ name, shape }: Tensor): void {
  if (shape.length > 255) throw new InferenceFailure('invalid', `'${name}' has ${shape.length} dimensions`)
  for (let dim = 0; dim < shape.length; dim++) {
    const size = shape[dim] as number
    if (!(size >= 0 && size < 2 ** 32)) throw new InferenceFailure('invalid', `'${name}' has a dimension of ${size}`)
  }
}
