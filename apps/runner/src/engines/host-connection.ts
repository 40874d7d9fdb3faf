import type { Socket } from 'node:net'
import type { Asker, Engine } from './host-engine.ts'
import {
  HEADER_BYTES,
  INFER_HEAD_BYTES,
  KIND,
  padded,
  ProtocolError,
  readJson,
  readTensors,
  readU64,
} from './protocol.ts'
import { monotonicNs } from './protocol-clock.ts'
import { FrameReader } from './protocol-reader.ts'
import { FrameWriter } from './protocol-writer.ts'

export interface Hello {
  readonly protocol: number
  readonly role: 'control' | 'data'
}

/** The most that Node reads from a socket at once. */
const READ_BYTES = 64 * 1024
/** All that a front end may ask for; the rest is the supervisor's. */
const FOR_FRONT_ENDS: readonly number[] = [KIND.open, KIND.stats]

/** What the host does with control frames. The value answered, or the error thrown, is the reply. */
export interface ControlDesk {
  readonly engines: ReadonlyMap<number, Engine>
  /** How many front ends are connected. */
  frontEnds: number
  hello(hello: Hello, closed: Promise<void>): object
  ask(kind: number, slot: number, body: unknown): Promise<{ readonly kind: number; readonly body: object }>
}

export function acceptConnection(socket: Socket, desk: ControlDesk): void {
  const writer = new FrameWriter(socket)
  const asker: { writer: FrameWriter; closed: boolean } = { writer, closed: false }
  let asked: Engine | undefined
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  let role: Hello['role'] | undefined
  let arrivedNs = 0
  const reader = new FrameReader((bytes, view, start, end) => {
    const kind = view.getUint8(start + 4)
    if (kind === KIND.infer && role !== undefined) {
      asked = askEngine(desk, asker, bytes, view, start, end, arrivedNs)
      return
    }
    const slot = view.getUint16(start + 6, true)
    const request = view.getUint32(start + 8, true)
    const body = readJson(bytes, start, end)
    if (role === undefined) {
      if (kind !== KIND.hello) throw new ProtocolError('The first frame must be hello')
      const hello = body as Hello
      writer.json(KIND.welcome, slot, request, desk.hello(hello, closed))
      role = hello.role
      if (role === 'data') desk.frontEnds++
    } else if (role === 'control' || FOR_FRONT_ENDS.includes(kind)) void reply(desk, writer, kind, slot, request, body)
    else throw new ProtocolError(`A front end may not send frames of kind ${kind}`)
  })
  socket.on('data', (chunk: Buffer) => {
    arrivedNs = monotonicNs()
    try {
      reader.push(chunk)
      // A chunk that left room in Node's buffer was all there is of the only front end: nobody else can join.
      if (asked !== undefined && desk.frontEnds === 1 && chunk.length < READ_BYTES) asked.begin()
      asked = undefined
      writer.flush()
    } catch (error) {
      process.stderr.write(`connection closed: ${error instanceof Error ? error.message : String(error)}\n`)
      socket.destroy()
    }
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    asker.closed = true
    if (role === 'data') desk.frontEnds--
    close()
  })
}

function askEngine(
  desk: ControlDesk,
  asker: Asker,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  arrivedNs: number,
): Engine | undefined {
  const slot = view.getUint16(start + 6, true)
  const id = view.getUint32(start + 8, true)
  const engine = desk.engines.get(slot)
  if (engine === undefined) {
    asker.writer.refused(slot, id, 'not_ready', 'No engine is loaded in this slot')
    return undefined
  }
  const tensors = view.getUint16(start + 12, true)
  const wantedCount = view.getUint16(start + 14, true)
  const deadlineNs = readU64(view, start + HEADER_BYTES)
  const at = start + INFER_HEAD_BYTES
  engine.ask({
    asker,
    id,
    inputs: readTensors(bytes, view, at + padded(2 * wantedCount), end, tensors, engine.signature.inputs),
    wanted: wantedCount === 0 ? undefined : readPositions(view, at, end, wantedCount),
    priority: view.getUint8(start + 5),
    arrivedNs,
    deadlineNs: deadlineNs === 0 ? Infinity : deadlineNs,
  })
  return engine
}

function readPositions(view: DataView, at: number, end: number, count: number): number[] {
  if (at + 2 * count > end) throw new ProtocolError('A frame ends before its list of outputs does')
  return Array.from({ length: count }, (_, position) => view.getUint16(at + 2 * position, true))
}

async function reply(
  desk: ControlDesk,
  writer: FrameWriter,
  kind: number,
  slot: number,
  request: number,
  body: unknown,
): Promise<void> {
  try {
    const answer = await desk.ask(kind, slot, body)
    writer.json(answer.kind, slot, request, answer.body)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    writer.json(KIND.failed, slot, request, { message: message.slice(0, 2000) })
  }
  writer.flush()
}
