import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Batching } from '@stead/contracts'
import { type HostProcess, startHost } from './host-process.ts'
import { connectEngine, type EngineLink } from './link.ts'
import { KIND } from './protocol.ts'
import { monotonicNs } from './protocol-clock.ts'
import { FrameReader } from './protocol-reader.ts'
import { FrameWriter } from './protocol-writer.ts'
import { floats, valuesOf } from './testing/frames.ts'

const base = mkdtempSync(join(tmpdir(), 'st-'))
const OPEN: Batching = { maxRows: 4, maxDelayMs: 0, preferredRows: [], maxQueue: 100 }
let host: HostProcess
let nextSlot = 0

/** y = x, after as many milliseconds of busy work as the largest x says, so that the host can do nothing else. */
const SLOW = `
const xy = { datatype: 'FP32', shape: [-1] }
export const signature = { inputs: [{ name: 'x', ...xy }], outputs: [{ name: 'y', ...xy }] }
export const load = () => ({ x }) => {
  const end = performance.now() + x.data.reduce((most, value) => Math.max(most, value), 0)
  while (performance.now() < end);
  return { y: x }
}`
/** As that, but it waits instead of working. */
const LATE = SLOW.replace('({ x }) => {', 'async ({ x }) => {').replace(
  'while (performance.now() < end);',
  'await new Promise((resolve) => setTimeout(resolve, end - performance.now()))',
)

beforeAll(async () => {
  for (const [name, source] of Object.entries({ slow: SLOW, late: LATE })) {
    mkdirSync(join(base, name))
    writeFileSync(join(base, name, 'index.mjs'), source)
  }
  host = await startHost({ runtime: 'javascript', socketDir: base, modelDirs: [base], log: () => undefined })
})
afterAll(async () => {
  await host.kill()
  rmSync(base, { recursive: true })
})

async function linked(model: 'slow' | 'late', batching: Partial<Batching> = {}): Promise<EngineLink> {
  const slot = nextSlot++
  const order = { dir: join(base, model), files: ['index.mjs'], batching: { ...OPEN, ...batching }, threads: 1 }
  await host.load(slot, order, { timeoutMs: 30_000 })
  return connectEngine(host.socketPath, slot)
}

const x = (...values: number[]) => ({ inputs: [floats('x', [values.length], values)] })
const inMs = (ms: number) => monotonicNs() + ms * 1e6
const kinds = async (answers: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(answers)).map((each) => (each.status === 'fulfilled' ? 'answer' : each.reason.kind))

describe('the queue of an engine', () => {
  test('holds exactly maxQueue behind the running batch, whether they come at once or later', async () => {
    const link = await linked('late', { maxQueue: 3, maxRows: 1 })
    const atOnce = Array.from({ length: 7 }, () => link.infer(x(100)))
    expect((await kinds(atOnce)).toSorted((a, b) => a.localeCompare(b))).toEqual([
      ...Array(4).fill('answer'),
      ...Array(3).fill('queue_full'),
    ])
    const first = link.infer(x(300))
    await host.stats()
    const later = Array.from({ length: 5 }, () => link.infer(x(1)))
    expect(await kinds([first, ...later])).toEqual([...Array(4).fill('answer'), ...Array(2).fill('queue_full')])
  })

  test('is one over all links', async () => {
    const link = await linked('late', { maxQueue: 2, maxRows: 1 })
    const other = await connectEngine(host.socketPath, link.slot)
    const first = link.infer(x(300))
    await host.stats()
    const answers = [link, other, link, other].map((each) => each.infer(x(1)))
    expect((await kinds([first, ...answers])).filter((kind) => kind === 'answer')).toHaveLength(3)
  })

  test('serves the more urgent first', async () => {
    const link = await linked('late', { maxRows: 1 })
    const order: number[] = []
    const first = link.infer(x(100))
    await host.stats()
    const answers = [0, 200, 1, 0].map((priority, at) => link.infer({ ...x(1), priority }).then(() => order.push(at)))
    await Promise.all([first, ...answers])
    expect(order).toEqual([2, 0, 3, 1])
  })

  test('never runs what is too late', async () => {
    const link = await linked('late', { maxRows: 1 })
    const first = link.infer(x(200))
    await host.stats()
    await expect(link.infer({ ...x(1), deadlineNs: inMs(50) })).rejects.toMatchObject({ kind: 'deadline' })
    await first
    await link.infer(x(1))
    const { engines } = await host.stats()
    expect(engines.find(({ slot }) => slot === link.slot)).toMatchObject({ requests: 2, refused: { deadline: 1 } })
  })

  test('puts what came during a run into one batch', async () => {
    const link = await linked('slow')
    const first = link.infer(x(50))
    const rest = await Promise.all([first, ...Array.from({ length: 3 }, () => link.infer(x(1)))])
    expect(rest.map(({ batchRequests }) => batchRequests)).toEqual([4, 4, 4, 4])
    expect(rest.every(({ computeNs }) => computeNs >= 49e6)).toBe(true)
  })
})

describe('a link', () => {
  test('tells of a deadline while the host can do nothing', async () => {
    const link = await linked('slow')
    let answered = false
    const busy = link.infer(x(600)).then(() => (answered = true))
    await expect(link.infer({ ...x(1), deadlineNs: BigInt(inMs(30)) })).rejects.toMatchObject({ kind: 'deadline' })
    expect(answered).toBe(false)
    expect(link.inFlight).toBe(2)
    await busy
    await link.infer(x(0))
    expect(link.inFlight).toBe(0)
  })

  test('does not even send what is too late', async () => {
    const link = await linked('late')
    await expect(link.infer({ ...x(1), deadlineNs: monotonicNs() })).rejects.toMatchObject({ kind: 'deadline' })
    expect(link.inFlight).toBe(0)
  })

  test('answers in time in spite of earlier and later deadlines of others', async () => {
    const link = await linked('late', { maxRows: 1 })
    const answers = [500_000, 60, 400_000, 90].map((ms, at) =>
      link.infer({ ...x(at === 0 ? 150 : 1), deadlineNs: inMs(ms) }),
    )
    expect(await kinds(answers)).toEqual(['answer', 'deadline', 'answer', 'deadline'])
  })

  test('out of credits refuses at once', async () => {
    const link = await linked('late', { maxQueue: 2, maxRows: 1 })
    const answers = Array.from({ length: 10 }, () => link.infer(x(1)))
    expect(link.inFlight).toBe(4)
    await Promise.allSettled(answers)
    expect(valuesOf((await link.infer(x(1))).outputs[0])).toEqual([1])
  })

  test('that closes rejects its own requests and none of another on the same socket', async () => {
    const [one, two] = [await linked('late'), await linked('late')]
    const [lost, kept] = [one.infer(x(50)), two.infer(x(50))]
    lost.catch(() => undefined)
    one.close()
    await expect(lost).rejects.toMatchObject({ kind: 'engine_lost' })
    await one.lost
    await expect(one.infer(x(1))).rejects.toMatchObject({ kind: 'not_ready' })
    expect(valuesOf((await kept).outputs[0])).toEqual([50])
  })

  test('to a slot that holds nothing cannot be made', async () => {
    await expect(connectEngine(host.socketPath, 999)).rejects.toThrow('slot 999')
  })

  test('carries megabytes both ways', async () => {
    const link = await linked('slow', { maxRows: 1 })
    const values = Array.from({ length: 400_000 }, (_, at) => (at % 7) / 8)
    const answers = await Promise.all([
      link.infer(x(0.5)),
      link.infer({ inputs: [floats('x', [values.length], values)] }),
    ])
    expect(valuesOf(answers[1].outputs[0])).toEqual(values)
  })
})

test('requests of one turn arrive together, and each number is answered to its own caller', async () => {
  const path = join(base, 'fake.sock')
  const chunks: number[] = []
  const server = await fakeHost(path, chunks)
  onTestFinished(() => void server.close())
  const link = await connectEngine(path, 0)
  const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => link.infer(x(at))))
  expect(answers.map(({ outputs }) => valuesOf(outputs[0])[0])).toEqual([...Array(30).keys()])
  expect(chunks.filter((requests) => requests > 0)).toEqual([30])
  link.close()
})

/** Answers the requests of a chunk last first, each with its input. */
function fakeHost(path: string, chunks: number[]): Promise<Server> {
  const signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  }
  const server = createServer((socket) => {
    const writer = new FrameWriter(socket)
    let inferred: { request: number; value: number }[] = []
    const reader = new FrameReader((_, view, start, end) => {
      const kind = view.getUint8(start + 4)
      const request = view.getUint32(start + 8, true)
      if (kind === KIND.infer) inferred.push({ request, value: view.getFloat32(end - 8, true) })
      else writer.json(kind + 1, 0, request, { credits: 100, signature })
    })
    socket.on('data', (chunk) => {
      reader.push(chunk as Buffer)
      chunks.push(inferred.length)
      for (const { request, value } of inferred.toReversed()) {
        const tensor = floats('y', [1], [value])
        const figures = { slot: 0, request, queueNs: 0, computeNs: 0, batchRows: 1, batchRequests: 1 }
        writer.answer(figures, [{ position: 0, tensor, rows: -1, from: 0, to: 4 }])
      }
      inferred = []
      writer.flush()
    })
  })
  return new Promise((resolve) => server.listen(path, () => resolve(server)))
}
