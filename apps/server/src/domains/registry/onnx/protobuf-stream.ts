import { SteadError } from '@stead/contracts'

/** A read in progress: it yields whenever the next chunk is needed, and returns what it read. */
export type Reading<T> = Generator<undefined, T, undefined>

/** A part of the file, from the present position to `end` (Infinity for the file itself). */
export type Span = { readonly end: number }

/** One field of a message: its number and how it is encoded. Its value is still unread. */
export type Field = { readonly number: number; readonly wire: Wire; readonly at: number }

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
export type Wire = keyof typeof WIRE
const WIRES: readonly (Wire | undefined)[] = ['varint', 'fixed64', 'bytes', undefined, undefined, 'fixed32']

/** What a file may make its reader do. Fields bound the time, text and held bytes the memory. */
export type ReadingLimits = {
  /** Fields looked at; what is skipped inside a skipped field does not count. */
  readonly fields: number
  /** Bytes of one text. */
  readonly textBytes: number
  /** Bytes of everything kept from the file together, each kept thing counted with 64 bytes of its own. */
  readonly heldBytes: number
}

// Every kept thing costs an object besides its text; a million empty names must be bounded too.
const HELD_OVERHEAD = 64

/** Reads protobuf's wire format (https://protobuf.dev/programming-guides/encoding/) front to back from chunks,
 *  holding one chunk and never more of a field than its limit. Every number in the file is taken for hostile:
 *  whatever does not fit its enclosing message is refused with its byte offset. */
export class ProtobufStream {
  readonly #limits: ReadingLimits
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #chunk: Uint8Array = new Uint8Array(0)
  #next = 0
  #before = 0
  #ended = false
  #fields = 0
  #held = 0
  // Of the last number read: its low 49 bits and those above them.
  #low = 0
  #high = 0

  constructor(limits: ReadingLimits) {
    this.#limits = limits
  }

  /** Offset in the file of the next unread byte. */
  get position(): number {
    return this.#before + this.#next
  }

  /** Runs `reading` over the bytes to its end. The source is closed when the reading stops early. */
  async run<T>(reading: Reading<T>, bytes: AsyncIterable<Uint8Array>): Promise<T> {
    for await (const chunk of bytes) {
      if (chunk.length === 0) continue
      this.#before += this.#chunk.length
      this.#chunk = chunk
      this.#next = 0
      const step = reading.next()
      if (step.done === true) return step.value
    }
    this.#ended = true
    const last = reading.next()
    if (last.done !== true) throw new Error('a reading went on after the end of its bytes')
    return last.value
  }

  /** The fields of a message, one after the other; the caller reads or skips each before asking for the next. */
  *nextField(message: Span): Reading<Field | undefined> {
    if (this.position > message.end) throw this.malformed('a field runs past the end of its message', message.end)
    if (this.position === message.end) return undefined
    if (this.#next === this.#chunk.length && !(yield* this.#refill())) {
      if (message.end === Infinity) return undefined
      throw this.#truncated()
    }
    if (++this.#fields > this.#limits.fields) throw this.beyond(`more than ${this.#limits.fields} fields`)
    const at = this.position
    const tag = yield* this.#varint()
    const number = Math.floor(tag / 8)
    const wire = WIRES[tag % 8]
    if (!(number >= 1 && number < 2 ** 29) || wire === undefined) throw this.malformed(`${tag} is no field tag`, at)
    return { number, wire, at }
  }

  /** An int64, as far as a model needs it: any negative is -1, anything from 2^53 up is Infinity. */
  *number(field: Field): Reading<number> {
    this.#expect(field, 'varint')
    return yield* this.#varint()
  }

  /** An int64 exactly, as text. */
  *integer(field: Field): Reading<string> {
    this.#expect(field, 'varint')
    yield* this.#varint()
    return exactly(this.#low, this.#high)
  }

  *float(field: Field): Reading<number> {
    this.#expect(field, 'fixed32')
    return floatOf(yield* this.#take(4))
  }

  /** The first `most` integers of a packed list as texts, and how many there are in all. */
  *packedIntegers(list: Span, most: number): Reading<{ first: string[]; count: number }> {
    const first: string[] = []
    while (first.length < most && this.position < list.end) {
      yield* this.#varint()
      first.push(exactly(this.#low, this.#high))
    }
    if (this.position > list.end) throw this.malformed('a number runs past the end of its list', list.end)
    return { first, count: first.length + (yield* this.#countVarints(list)) }
  }

  /** The first `most` floats of a packed list, and how many there are in all. */
  *packedFloats(list: Span, most: number): Reading<{ first: number[]; count: number }> {
    const count = (list.end - this.position) / 4
    if (!Number.isInteger(count)) throw this.malformed('a list of floats is cut off', list.end)
    const first: number[] = []
    while (first.length < Math.min(most, count)) first.push(floatOf(yield* this.#take(4)))
    yield* this.leave(list)
    return { first, count }
  }

  /** Steps into a message: what it claims as its length must lie inside `parent`. */
  *message(field: Field, parent: Span): Reading<Span> {
    this.#expect(field, 'bytes')
    const length = yield* this.#length(parent)
    return { end: this.position + length }
  }

  /** A text of at most the limit. Whoever keeps it says so with `hold`. */
  *text(field: Field, parent: Span): Reading<string> {
    const length = yield* this.#openText(field, parent)
    if (length > this.#limits.textBytes) {
      throw this.beyond(`a text of ${length} bytes (at most ${this.#limits.textBytes})`, field.at)
    }
    return yield* this.#decode(length, field.at)
  }

  /** The same, but a text beyond the limit is skipped and undefined returned: for what is nice to have. */
  *textIfShort(field: Field, parent: Span): Reading<string | undefined> {
    const length = yield* this.#openText(field, parent)
    if (length <= this.#limits.textBytes) return yield* this.#decode(length, field.at)
    yield* this.#discard(length)
    return undefined
  }

  /** The first `most` bytes of a field, and how many it has; undefined where they are no text. A character that is cut
   *  off is left out. */
  *opening(field: Field, parent: Span, most: number): Reading<{ text: string | undefined; bytes: number }> {
    const bytes = yield* this.#openText(field, parent)
    const start = yield* this.#take(Math.min(bytes, most))
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    let text: string | undefined
    try {
      text = utf8.decode(start, { stream: bytes > most })
    } catch {
      text = undefined
    }
    yield* this.#discard(bytes - start.length)
    return { text, bytes }
  }

  *skip(field: Field, parent: Span): Reading<void> {
    switch (field.wire) {
      case 'varint':
        yield* this.#varint()
        return
      case 'fixed32':
        return yield* this.#discard(4)
      case 'fixed64':
        return yield* this.#discard(8)
      case 'bytes':
        return yield* this.#discard(yield* this.#length(parent))
    }
  }

  /** Passes over what is left of a message. */
  *leave(message: Span): Reading<void> {
    yield* this.#discard(message.end - this.position)
  }

  /** Counts something kept from the file, by its size in bytes or characters. */
  hold(size: number): void {
    this.#held += size + HELD_OVERHEAD
    if (this.#held > this.#limits.heldBytes) throw this.beyond('more names, shapes and metadata than can be kept')
  }

  malformed(what: string, at = this.position): SteadError {
    const message = `This is not a readable ONNX model: ${what}, at byte ${at}.`
    return new SteadError('model_unreadable', message, { details: { byte: at } })
  }

  /** A refusal of something well formed but larger than is read. */
  beyond(what: string, at = this.position): SteadError {
    const message = `The ONNX model holds ${what}, at byte ${at}.`
    return new SteadError('model_unsupported', message, { details: { byte: at } })
  }

  #truncated(): SteadError {
    return this.malformed('the file ends in the middle of a field')
  }

  #expect(field: Field, wire: Wire): void {
    if (field.wire !== wire) throw this.malformed(`field ${field.number} is encoded as ${field.wire}`, field.at)
  }

  *#openText(field: Field, parent: Span): Reading<number> {
    this.#expect(field, 'bytes')
    return yield* this.#length(parent)
  }

  *#length(parent: Span): Reading<number> {
    const at = this.position
    const length = yield* this.#varint()
    if (length < 0 || length === Infinity) throw this.malformed('a length is out of range', at)
    if (this.position + length > parent.end) {
      throw this.malformed(`a field claims ${length} bytes, more than its message has left`, at)
    }
    return length
  }

  /** Little-endian groups of seven bits, at most ten. The low 49 bits are exact in a double, and so are the 53 a caller sees. */
  *#varint(): Reading<number> {
    const at = this.position
    let low = 0
    let high = 0
    for (let group = 0; group < 10; group++) {
      if (this.#next === this.#chunk.length && !(yield* this.#refill())) throw this.#truncated()
      const byte = this.#chunk[this.#next++] ?? 0
      if (group < 7) low += (byte & 0x7f) * 2 ** (7 * group)
      else high += (byte & 0x7f) * 2 ** (7 * (group - 7))
      if (byte < 0x80) {
        this.#low = low
        this.#high = high
        return signed(low, high) ?? this.#overflow(at)
      }
    }
    return this.#overflow(at)
  }

  /** Every number has one byte without the high bit, its last. */
  *#countVarints(list: Span): Reading<number> {
    let count = 0
    let last = 0
    for (let left = list.end - this.position; left > 0;) {
      if (this.#next === this.#chunk.length && !(yield* this.#refill())) throw this.#truncated()
      const end = this.#next + Math.min(left, this.#chunk.length - this.#next)
      left -= end - this.#next
      while (this.#next < end) {
        last = this.#chunk[this.#next++] ?? 0
        if (last < 0x80) count++
      }
    }
    if (last >= 0x80) throw this.malformed('a number runs past the end of its list', list.end)
    return count
  }

  #overflow(at: number): never {
    throw this.malformed('a number has more than 64 bits', at)
  }

  *#decode(length: number, at: number): Reading<string> {
    const bytes = yield* this.#take(length)
    try {
      return this.#utf8.decode(bytes)
    } catch {
      throw this.malformed('a text is not UTF-8', at)
    }
  }

  *#take(length: number): Reading<Uint8Array> {
    const here = this.#chunk.subarray(this.#next, this.#next + length)
    if (here.length === length) {
      this.#next += length
      return here
    }
    const gathered = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      if (this.#next === this.#chunk.length && !(yield* this.#refill())) throw this.#truncated()
      const part = this.#chunk.subarray(this.#next, this.#next + length - filled)
      gathered.set(part, filled)
      filled += part.length
      this.#next += part.length
    }
    return gathered
  }

  *#discard(length: number): Reading<void> {
    for (let left = length; left > 0;) {
      if (this.#next === this.#chunk.length && !(yield* this.#refill())) throw this.#truncated()
      const part = Math.min(left, this.#chunk.length - this.#next)
      left -= part
      this.#next += part
    }
  }

  /** Asks for the next chunk; false where the file has ended. */
  *#refill(): Reading<boolean> {
    if (!this.#ended) yield undefined
    return !this.#ended
  }
}

/** The number of 49 low and 21 high bits: a negative becomes -1, one too large for a double Infinity; undefined beyond 64 bits. */
function signed(low: number, high: number): number | undefined {
  if (high >= 2 ** 15) return undefined
  if (high >= 2 ** 14) return -1
  return high >= 2 ** 4 ? Infinity : low + high * 2 ** 49
}

/** The same bits as an int64 in decimal. */
function exactly(low: number, high: number): string {
  if (high < 2 ** 4) return String(low + high * 2 ** 49)
  return BigInt.asIntN(64, BigInt(low) + (BigInt(high) << 49n)).toString()
}

function floatOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
}
