import { HEADER_BYTES, MAX_FRAME_BYTES, ProtocolError } from './protocol.ts'

/** Gets one whole frame, from `start` to `end` of `bytes`; `view` covers the same bytes. It may keep views of them. */
export type FrameSink = (bytes: Uint8Array, view: DataView, start: number, end: number) => void

/** Cuts a stream into frames. Frames that lie whole in a chunk are handed out in place, without a copy; one that
 *  spans chunks is gathered once, in a buffer of its own. Throws ProtocolError on a length that cannot be: the
 *  stream is lost then, and the connection must be closed. */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #maxFrameBytes: number
  /** The beginning of a frame whose header is not complete. */
  readonly #head = Buffer.alloc(HEADER_BYTES)
  #headFilled = 0
  /** A frame whose header is complete and whose body is not. */
  #frame: Buffer | undefined
  #frameFilled = 0

  constructor(sink: FrameSink, maxFrameBytes = MAX_FRAME_BYTES) {
    this.#sink = sink
    this.#maxFrameBytes = maxFrameBytes
  }

  push(chunk: Uint8Array): void {
    let at = this.#resume(chunk)
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + this.#checked(view.getUint32(at, true))
      if (end > chunk.length) break
      this.#sink(chunk, view, at, end)
      at = end
    }
    if (at < chunk.length) this.#keep(chunk, at)
  }

  /** Completes what the chunks before left open. Returns how much of this one that took. */
  #resume(chunk: Uint8Array): number {
    let at = 0
    if (this.#headFilled > 0) {
      at = Math.min(HEADER_BYTES - this.#headFilled, chunk.length)
      this.#head.set(chunk.subarray(0, at), this.#headFilled)
      this.#headFilled += at
      if (this.#headFilled < HEADER_BYTES) return at
      this.#headFilled = 0
      this.#begin(this.#head)
    }
    const frame = this.#frame
    if (frame === undefined) return at
    const taken = Math.min(frame.length - this.#frameFilled, chunk.length - at)
    frame.set(chunk.subarray(at, at + taken), this.#frameFilled)
    this.#frameFilled += taken
    if (this.#frameFilled === frame.length) {
      this.#frame = undefined
      this.#sink(frame, new DataView(frame.buffer, frame.byteOffset, frame.byteLength), 0, frame.length)
    }
    return at + taken
  }

  #keep(chunk: Uint8Array, at: number): void {
    const rest = chunk.subarray(at)
    if (rest.length < HEADER_BYTES) {
      this.#head.set(rest)
      this.#headFilled = rest.length
    } else this.#begin(rest)
  }

  #begin(beginning: Uint8Array): void {
    const length = new DataView(beginning.buffer, beginning.byteOffset).getUint32(0, true)
    // Not from Node's pool, so that the frame's start is aligned and its memory is freed with it.
    this.#frame = Buffer.allocUnsafeSlow(this.#checked(length))
    this.#frame.set(beginning)
    this.#frameFilled = beginning.length
  }

  #checked(length: number): number {
    if (length < HEADER_BYTES || length % 8 !== 0 || length > this.#maxFrameBytes)
      throw new ProtocolError(`A frame of ${length} bytes cannot be`)
    return length
  }
}
