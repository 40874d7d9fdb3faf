import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DATATYPE_BYTES, type TensorSpec } from '@stead/contracts'
import { anyTensor, floats, recordingSocket } from './testing/frames.ts'
import {
  ANSWER_HEAD_BYTES,
  DATATYPES,
  ELEMENT_BYTES,
  INFER_HEAD_BYTES,
  KIND,
  padded,
  ProtocolError,
  readJson,
  readTensors,
  readU64,
} from './protocol.ts'
import { FrameReader } from './protocol-reader.ts'
import { FrameWriter } from './protocol-writer.ts'

interface Seen {
  readonly kind: number
  readonly slot: number
  readonly request: number
  readonly frame: Buffer
}

function readAll(bytes: Buffer, cuts: readonly number[] = [], maxFrameBytes?: number): Seen[] {
  const seen: Seen[] = []
  const reader = new FrameReader((chunk, view, start, end) => {
    seen.push({
      kind: view.getUint8(start + 4),
      slot: view.getUint16(start + 6, true),
      request: view.getUint32(start + 8, true),
      frame: Buffer.from(chunk.subarray(start, end)),
    })
  }, maxFrameBytes)
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    reader.push(Buffer.from(bytes.subarray(from, end)))
    from = end
  }
  return seen
}

const specs: TensorSpec[] = [0, 1, 2].map((at) => ({ name: `t${at}`, datatype: 'FP32', shape: [-1] }))
const anyInputs = fc.tuple(...specs.map(({ name }) => fc.option(anyTensor(name), { nil: undefined })))
const anyInfer = fc.record({
  slot: fc.nat(0xffff),
  request: fc.nat(0xffffffff),
  priority: fc.nat(255),
  deadlineNs: fc.maxSafeNat(),
  inputs: anyInputs,
  wanted: fc.option(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 9 }), { nil: undefined }),
})

test('requests come out as they went in, however the stream is cut and however slow the socket takes them', () => {
  fc.assert(
    fc.property(
      fc.array(anyInfer, { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      (jobs, cuts, takes, flushEach) => {
        const socket = recordingSocket({ takes })
        const writer = new FrameWriter(socket)
        for (const job of jobs) {
          writer.infer(job)
          if (flushEach) writer.flush()
        }
        writer.flush()
        const read = readAll(socket.written(), cuts).map(({ slot, request, frame }) => {
          const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
          const wanted = view.getUint16(14, true)
          const tensors = INFER_HEAD_BYTES + padded(2 * wanted)
          return {
            slot,
            request,
            priority: view.getUint8(5),
            deadlineNs: readU64(view, 16),
            inputs: readTensors(frame, view, tensors, frame.length, view.getUint16(12, true), specs),
            wanted:
              wanted === 0 ? undefined : Array.from({ length: wanted }, (_, at) => view.getUint16(24 + 2 * at, true)),
          }
        })
        expect(read).toEqual(jobs.map((job) => ({ ...job, inputs: [...job.inputs] })))
      },
    ),
    { numRuns: 150 },
  )
})

test('an answer holds the rows of one caller and the figures of the run', () => {
  const socket = recordingSocket({ takes: true })
  const writer = new FrameWriter(socket)
  const tensor = floats('t1', [4, 2], [0, 1, 2, 3, 4, 5, 6, 7])
  const figures = { slot: 3, request: 9, queueNs: 2 ** 40 + 5, computeNs: 7, batchRows: 4, batchRequests: 3 }
  writer.answer(figures, [{ position: 1, tensor, rows: 2, from: 8, to: 24 }])
  writer.flush()
  const [{ frame, kind } = {} as Seen] = readAll(socket.written())
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  expect(kind).toBe(KIND.answer)
  expect([readU64(view, 16), readU64(view, 24), view.getUint32(32, true), view.getUint16(14, true)]).toEqual([
    figures.queueNs,
    7,
    4,
    3,
  ])
  expect(readTensors(frame, view, ANSWER_HEAD_BYTES, frame.length, 1, specs)).toEqual([
    undefined,
    floats('t1', [2, 2], [2, 3, 4, 5]),
    undefined,
  ])
})

test('a large tensor is neither copied on its way out nor misaligned on its way in', () => {
  const values = Array.from({ length: 50_000 }, (_, at) => at)
  const socket = recordingSocket({ takes: false })
  const writer = new FrameWriter(socket)
  const job = { slot: 0, request: 1, priority: 0, deadlineNs: 0, wanted: undefined }
  const input = floats('t0', [values.length], values)
  writer.infer({ ...job, inputs: [floats('t0', [1], [1])] })
  writer.infer({ ...job, inputs: [input] })
  writer.flush()
  const stream = socket.written()
  let offset: number | undefined
  const reader = new FrameReader((bytes, view, start, end) => {
    const [tensor] = readTensors(bytes, view, start + INFER_HEAD_BYTES, end, 1, specs)
    offset = tensor?.data.byteOffset
    if (end - start > 1000) expect(tensor).toEqual(input)
  })
  for (let at = 0; at < stream.length; at += 4099) reader.push(Buffer.from(stream.subarray(at, at + 4099)))
  expect((offset as number) % 8).toBe(0)
  input.data.fill(0)
  expect(socket.written().equals(stream)).toBe(false)
})

test('control frames carry any JSON', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.nat(), { maxLength: 5 }), (body, cuts) => {
      const socket = recordingSocket({ takes: true })
      const writer = new FrameWriter(socket)
      writer.json(KIND.load, 1, 2, body)
      writer.flush()
      const [{ frame } = {} as Seen] = readAll(socket.written(), cuts)
      expect(frame.length % 8).toBe(0)
      expect(readJson(frame, 0, frame.length)).toEqual(JSON.parse(JSON.stringify(body)))
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['shorter than a header', 8],
  ['no multiple of 8', 20],
  ['above the bound', 1032],
])('a frame length that is %s ends the stream, whole or cut', (_, length) => {
  const bytes = Buffer.alloc(2048)
  bytes.writeUInt32LE(length, 0)
  expect(() => readAll(bytes, [], 1024)).toThrow(ProtocolError)
  expect(() => readAll(bytes, [2], 1024)).toThrow(ProtocolError)
})

test('tensors that do not fit their frame are an error and not a view of the next one', () => {
  const socket = recordingSocket({ takes: true })
  const writer = new FrameWriter(socket)
  const job = { slot: 0, request: 0, priority: 0, deadlineNs: 0, wanted: undefined }
  writer.infer({ ...job, inputs: [floats('t0', [4], [1, 2, 3, 4])] })
  writer.flush()
  const bytes = socket.written()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setUint32(INFER_HEAD_BYTES + 4, 4000, true)
  expect(() => readTensors(bytes, view, INFER_HEAD_BYTES, bytes.length, 1, specs)).toThrow(ProtocolError)
})

test('a shape that the wire cannot carry is refused before anything is written', () => {
  const socket = recordingSocket({ takes: true })
  const writer = new FrameWriter(socket)
  const input = { name: 'x', datatype: 'FP32', shape: [2 ** 32, 0], data: new Uint8Array(0) } as const
  const job = { slot: 0, request: 0, priority: 0, deadlineNs: 0, wanted: undefined }
  expect(() => writer.infer({ ...job, inputs: [input] })).toThrow(/dimension of 4294967296/)
  writer.flush()
  expect(socket.written().length).toBe(0)
})

test('what is sent in one turn is one write', () => {
  const socket = recordingSocket({ takes: true })
  const writer = new FrameWriter(socket)
  for (let request = 0; request < 100; request++)
    writer.infer({
      slot: 0,
      request,
      priority: 0,
      deadlineNs: 0,
      inputs: [floats('t0', [1], [request])],
      wanted: undefined,
    })
  writer.flush()
  expect(socket.writes).toBe(1)
  expect(readAll(socket.written()).map(({ request }) => request)).toEqual([...Array(100).keys()])
})

test('hosts and contracts agree on what an element takes', () => {
  expect(ELEMENT_BYTES).toEqual(DATATYPE_BYTES)
  expect([...DATATYPES].toSorted()).toEqual(Object.keys(DATATYPE_BYTES).toSorted())
})
