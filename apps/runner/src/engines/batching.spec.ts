import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batching } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'
import { BatchQueue, DEFAULT_PRIORITY, type QueuedRequest } from './batching.ts'
import { alike, isBatchable, joinRows, rowOffsets, rowsOf } from './batching-rows.ts'
import { dataOf, floats } from './testing/frames.ts'

interface Request extends QueuedRequest {
  readonly id: number
  readonly family: string
}

const OPEN: Batching = { maxRows: 8, maxDelayMs: 0, preferredRows: [], maxQueue: 100 }

function queueOf(batching: Partial<Batching> = {}): BatchQueue<Request> {
  return new BatchQueue<Request>({ ...OPEN, ...batching }, (a, b) => a.family === b.family)
}

let nextId = 0
function request(given: Partial<Request> = {}): Request {
  return { id: nextId++, rows: 1, priority: 0, arrivedNs: 0, deadlineNs: Infinity, family: 'a', ...given }
}

function offerAll(queue: BatchQueue<Request>, requests: readonly Request[]): Request[] {
  return requests.filter((each) => queue.offer(each, each.arrivedNs))
}

describe('a batch', () => {
  test('is everything that waits and is alike, up to maxRows', () => {
    const queue = queueOf()
    const [a1, b1, a2, b2, a3] = ['a', 'b', 'a', 'b', 'a'].map((family) => request({ family, rows: 3 })) as Request[]
    offerAll(queue, [a1, b1, a2, b2, a3] as Request[])
    expect(queue.take(0).batch).toEqual([a1, a2])
    // The longest waiting request decides, so b goes before the a that did not fit.
    expect(queue.take(0).batch).toEqual([b1, b2])
    expect(queue.take(0).batch).toEqual([a3])
    expect(queue.size).toBe(0)
  })

  test('of a request that cannot share a run is that request alone', () => {
    const queue = queueOf()
    const [a, alone, b] = [request(), request({ rows: 0 }), request()]
    offerAll(queue, [a, alone, b] as Request[])
    expect([queue.take(0).batch, queue.take(0).batch]).toEqual([[a, b], [alone]])
  })

  test('may exceed maxRows only as a single request', () => {
    const queue = queueOf()
    const [large, small] = [request({ rows: 50 }), request()]
    offerAll(queue, [large, small] as Request[])
    expect([queue.take(0).batch, queue.take(0).batch]).toEqual([[large], [small]])
  })

  test('begins with the most urgent, 0 being the default level', () => {
    const queue = queueOf({ maxRows: 1 })
    const requests = [0, 255, DEFAULT_PRIORITY, 1].map((priority) => request({ priority })) as Request[]
    offerAll(queue, requests)
    expect(requests.map(() => queue.take(0).batch[0]?.priority)).toEqual([1, 0, DEFAULT_PRIORITY, 255])
  })
})

describe('waiting for a fuller batch', () => {
  test('ends with the delay of the oldest', () => {
    const queue = queueOf({ maxDelayMs: 1 })
    offerAll(queue, [request({ arrivedNs: 10 }), request({ arrivedNs: 20 })])
    expect(queue.take(500)).toEqual({ batch: [], expired: [], wakeNs: 1_000_010 })
    expect(queue.take(1_000_010).batch).toHaveLength(2)
  })

  test('ends when the batch is full', () => {
    const queue = queueOf({ maxDelayMs: 1, maxRows: 2 })
    offerAll(queue, [request(), request(), request()])
    expect(queue.take(0).batch).toHaveLength(2)
    expect(queue.take(0).batch).toHaveLength(0)
  })

  test('ends at a preferred size, and leaves the rest to wait', () => {
    const queue = queueOf({ maxDelayMs: 1, preferredRows: [2, 4] })
    offerAll(queue, [request()])
    expect(queue.take(0).batch).toHaveLength(0)
    offerAll(queue, [request(), request(), request(), request()])
    expect(queue.take(0).batch).toHaveLength(4)
    expect(queue.take(0).batch).toHaveLength(0)
  })

  test('never costs a request its deadline', () => {
    const queue = queueOf({ maxDelayMs: 1 })
    offerAll(queue, [request({ deadlineNs: 900_000 })])
    expect(queue.take(0).batch).toHaveLength(1)
  })

  test('ends by force', () => {
    const queue = queueOf({ maxDelayMs: 1 })
    offerAll(queue, [request()])
    expect(queue.take(0, true).batch).toHaveLength(1)
  })
})

test('the bound counts what waits, and the expired make room', () => {
  const queue = queueOf({ maxQueue: 3 })
  const early = request({ deadlineNs: 5 })
  expect(offerAll(queue, [early, request(), request(), request()])).toHaveLength(3)
  expect(queue.offer(request(), 4)).toBe(false)
  expect(queue.offer(request(), 5)).toBe(true)
  expect(queue.take(5)).toMatchObject({ expired: [early], batch: { length: 3 } })
})

test('draining gives everything back', () => {
  const queue = queueOf()
  const requests = [request({ priority: 9 }), request({ deadlineNs: 1 }), request({ family: 'b' })]
  offerAll(queue, requests)
  expect(new Set(queue.drain())).toEqual(new Set(requests))
  expect([queue.size, queue.take(9).batch]).toEqual([0, []])
})

const anyRequest = fc.record({
  rows: fc.nat(5),
  priority: fc.constantFrom(0, 1, 200),
  family: fc.constantFrom('a', 'b'),
  deadlineNs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 60 })),
})
const anyEvent = fc.oneof({ weight: 3, arbitrary: anyRequest }, { weight: 1, arbitrary: fc.constant('take' as const) })
const anyBatching = fc.record({
  maxRows: fc.integer({ min: 1, max: 8 }),
  maxDelayMs: fc.constantFrom(0, 1e-6, 1e-5),
  preferredRows: fc.subarray([1, 2, 3, 5]),
  maxQueue: fc.integer({ min: 1, max: 12 }),
})

test('every request leaves exactly once, in time or as expired, and no batch mixes or overflows', () => {
  fc.assert(
    fc.property(anyBatching, fc.array(anyEvent, { maxLength: 60 }), (batching, events) => {
      const queue = queueOf(batching)
      const accepted = new Set<Request>()
      let now = 0
      const leave = () => {
        const { batch, expired, wakeNs } = queue.take(now)
        for (const each of [...batch, ...expired]) expect(accepted.delete(each)).toBe(true)
        for (const each of batch) expect(each.deadlineNs).toBeGreaterThan(now)
        for (const each of expired) expect(each.deadlineNs).toBeLessThanOrEqual(now)
        expect(new Set(batch.map(({ family }) => family)).size).toBeLessThanOrEqual(1)
        if (batch.length > 1) {
          expect(batch.every(({ rows }) => rows > 0)).toBe(true)
          expect(batch.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(batching.maxRows)
        }
        const ids = Map.groupBy(batch, ({ priority }) => priority).values()
        for (const same of ids) expect(same).toEqual(same.toSorted((a, b) => a.id - b.id))
        if (batch.length === 0 && accepted.size > 0) expect(wakeNs).toBeGreaterThan(now)
        expect(queue.size).toBe(accepted.size)
      }
      for (const event of events) {
        now++
        if (event === 'take') leave()
        else {
          const each = request({ ...event, arrivedNs: now })
          const alive = [...accepted].filter(({ deadlineNs }) => deadlineNs > now).length
          const taken = queue.offer(each, now)
          // Exact: refused if and only if as many as may wait are waiting, expired ones not counted.
          if (accepted.size < batching.maxQueue || alive < batching.maxQueue) expect(taken).toBe(true)
          else expect(taken).toBe(false)
          if (taken) accepted.add(each)
        }
      }
      for (let turn = 0; turn < 200 && accepted.size > 0; turn++) {
        now += 5000
        leave()
      }
      expect(accepted.size).toBe(0)
    }),
    { numRuns: 300 },
  )
})

const rowsAndWidths = fc.record({
  datatype: fc.constantFrom('FP32' as const, 'INT64' as const, 'BYTES' as const),
  width: fc.integer({ min: 1, max: 3 }),
  counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
})

test('rows that were joined are found again, each caller its own', () => {
  const requests = rowsAndWidths.chain(({ datatype, width, counts }) =>
    fc.tuple(
      ...counts.map((rows) =>
        dataOf(datatype, [rows, width]).map((data): Tensor => ({ name: 'x', datatype, shape: [rows, width], data })),
      ),
    ),
  )
  fc.assert(
    fc.property(requests, (tensors) => {
      const total = tensors.reduce((sum, { shape }) => sum + (shape[0] as number), 0)
      const [joined] = joinRows(
        tensors.map((tensor) => ({ inputs: [tensor], wanted: undefined })),
        total,
      ) as [Tensor]
      expect(joined.shape).toEqual([total, tensors[0]?.shape[1]])
      const offset = rowOffsets(joined)
      let row = 0
      for (const { shape, data } of tensors) {
        const end = row + (shape[0] as number)
        expect(Buffer.from(joined.data.subarray(offset(row), offset(end)))).toEqual(Buffer.from(data))
        row = end
      }
    }),
    { numRuns: 100 },
  )
})

test('requests are alike only with the same types, inner shapes and outputs', () => {
  const plain = { inputs: [floats('x', [1, 2], [1, 2])], wanted: undefined }
  expect(alike(plain, { ...plain, inputs: [floats('x', [2, 2], [1, 2, 3, 4])] })).toBe(true)
  expect(alike(plain, { ...plain, inputs: [floats('x', [1, 3], [1, 2, 3])] })).toBe(false)
  expect(alike(plain, { ...plain, inputs: [floats('x', [1, 2, 1], [1, 2])] })).toBe(false)
  expect(alike(plain, { ...plain, inputs: [{ ...floats('x', [1, 2], [1, 2]), datatype: 'INT32' }] })).toBe(false)
  expect(alike(plain, { ...plain, wanted: [0] })).toBe(false)
  expect(alike({ ...plain, wanted: [1, 0] }, { ...plain, wanted: [0, 1] })).toBe(false)
  expect(alike({ ...plain, wanted: [1, 0] }, { ...plain, wanted: [1, 0] })).toBe(true)
})

test('only signatures of rows throughout are batchable, and only requests whose tensors agree on their rows', () => {
  const [rows, fixed] = [
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
    { name: 'y', datatype: 'FP32', shape: [1] },
  ] as const
  const scalar = { name: 'z', datatype: 'FP32' as const, shape: [] }
  const signature = (inputs: readonly object[], outputs: readonly object[]) => ({ inputs, outputs }) as never
  expect(isBatchable(signature([rows], [rows]))).toBe(true)
  expect(isBatchable(signature([rows, fixed], [rows]))).toBe(false)
  expect(isBatchable(signature([rows], [fixed]))).toBe(false)
  expect(isBatchable(signature([rows], [scalar]))).toBe(false)
  expect(rowsOf([floats('x', [2, 1], [1, 2]), floats('y', [2], [1, 2])])).toBe(2)
  expect(rowsOf([floats('x', [2, 1], [1, 2]), floats('y', [1], [1])])).toBe(0)
})
