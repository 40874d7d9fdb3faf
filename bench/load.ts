import { setTimeout as pause } from 'node:timers/promises'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { readResponse, writeRequest } from '../apps/runner/src/inference/grpc/messages.ts'
import type { WireRequest } from '../apps/runner/src/inference/grpc/messages.ts'
import { NO_PARAMETERS } from '../apps/runner/src/inference/request.ts'
import { httpRequest, openConnection } from './http-client.ts'
import { processorSeconds } from './processes.ts'
import { quantile } from './statistics.ts'

/* The load generator: a process of its own, so that it never shares an event loop with what it measures. It takes
 * one order at a time from its parent and answers each with what it counted. */

export interface Order {
  readonly protocol: 'rest' | 'grpc'
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Requests under way on each connection; REST has one. */
  readonly streams?: number
  /** Requests for each second at fixed times, whatever the server does; without it each answer brings the next one. */
  readonly perSecond?: number
  readonly warmMs: number
  /** 0 goes on until it is told to stop. */
  readonly countMs: number
  /** The processes whose time is counted. */
  readonly pids: readonly number[]
  readonly requests: readonly Sample[]
}

/** One request, and the first values of the answer to it; undefined where any will do. */
export interface Sample {
  readonly body: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly rows?: readonly (readonly number[])[]
  readonly answers?: readonly number[] | undefined
}

export interface Counted {
  readonly requests: number
  readonly perSecond: number
  readonly cpuMicros: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Samples whose values were compared. */
  readonly compared: number
  readonly errors: readonly string[]
}

/** Sends one request, and says whether its answer is right. */
interface Caller {
  ask(sample: Prepared): Promise<void>
  close(): void
}
interface Prepared extends Sample {
  readonly bytes: Buffer
  readonly message: WireRequest | undefined
  readonly metadata: Metadata
}

const COMPARE_EVERY = 50
let asked = 0
let compared = 0

async function restCaller(port: number): Promise<Caller> {
  const connection = await openConnection(port)
  return {
    async ask({ bytes, answers }) {
      const { status, body } = await connection.ask(bytes)
      if (status !== 200) throw new Error(`status ${status}: ${body.toString().slice(0, 200)}`)
      if (answers === undefined || asked++ % COMPARE_EVERY !== 0) return
      compare(answers, (JSON.parse(body.toString()) as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [])
    },
    close: () => connection.close(),
  }
}

async function grpcCaller(port: number, path: string): Promise<Caller> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  return {
    ask: ({ message, metadata, answers }) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, writeRequest, readResponse, message!, metadata, (error, answer) => {
          if (error) return reject(error)
          if (answers !== undefined && asked++ % COMPARE_EVERY === 0)
            compare(answers, [...new Float32Array(answer!.raw[0]!.slice().buffer)])
          resolve()
        })
      }),
    close: () => client.close(),
  }
}

function compare(wanted: readonly number[], got: readonly number[]): void {
  compared++
  const differ = wanted.some((value, at) => !(Math.abs(value - got[at]!) <= 1e-4 * Math.max(1, Math.abs(value))))
  if (differ) throw new Error(`wanted ${wanted.join(', ')}, got ${got.slice(0, 8).join(', ')}`)
}

function prepare(order: Order): Prepared[] {
  return order.requests.map((sample) => ({
    ...sample,
    bytes: httpRequest(order.path, sample.body, sample.headers),
    message: sample.rows && wireRequest(sample.rows),
    metadata: metadataOf(sample.headers),
  }))
}

function metadataOf(headers: Sample['headers'] = {}): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}

const wireRequest = (rows: readonly (readonly number[])[]): WireRequest => ({
  modelName: 'weather',
  modelVersion: '',
  id: '',
  parameters: NO_PARAMETERS,
  outputs: [],
  inputs: [
    {
      name: 'features',
      datatype: 'FP32',
      shape: [rows.length, rows[0]!.length],
      parameters: NO_PARAMETERS,
      contents: [],
    },
  ],
  raw: [new Uint8Array(Float32Array.from(rows.flat()).buffer)],
})

/** What both loops share: whether to count, and what was counted. */
interface Tape {
  on: boolean
  over: boolean
  readonly latencies: number[]
  readonly errors: string[]
}

async function shoot(caller: Caller, sample: Prepared, since: number, tape: Tape): Promise<void> {
  try {
    await caller.ask(sample)
    if (tape.on) tape.latencies.push(performance.now() - since)
  } catch (error) {
    tape.errors.push(String(error))
    if (tape.errors.length > 100) tape.over = true
  }
}

async function closedLoop(caller: Caller, samples: readonly Prepared[], from: number, tape: Tape): Promise<void> {
  for (let at = from; !tape.over; at++) await shoot(caller, samples[at % samples.length]!, performance.now(), tape)
}

/** A late answer delays nobody: its successors leave on time, over other connections, and are late themselves. */
async function openLoop(order: Order, callers: Caller[], samples: readonly Prepared[], tape: Tape): Promise<void> {
  const start = performance.now()
  const underWay = new Set<Promise<void>>()
  for (let shot = 0; !tape.over; shot++) {
    const due = start + (shot * 1000) / order.perSecond!
    if (due > performance.now()) await pause(due - performance.now())
    const caller = callers.pop() ?? (await restCaller(order.port))
    const sent = shoot(caller, samples[shot % samples.length]!, performance.now(), tape).then(() => {
      callers.push(caller)
      underWay.delete(sent)
    })
    underWay.add(sent)
  }
  await Promise.all(underWay)
}

async function carryOut(order: Order, stopped: Promise<void>): Promise<Counted> {
  const { port, path, connections, streams = 1 } = order
  const samples = prepare(order)
  const callers: Caller[] = await Promise.all(
    Array.from({ length: connections }, () => (order.protocol === 'rest' ? restCaller(port) : grpcCaller(port, path))),
  )
  const tape: Tape = { on: false, over: false, latencies: [], errors: [] }
  asked = compared = 0
  const loops =
    order.perSecond === undefined
      ? callers.flatMap((caller, at) =>
          Array.from({ length: streams }, (_, stream) => closedLoop(caller, samples, at + stream * 7, tape)),
        )
      : [openLoop(order, callers, samples, tape)]
  await pause(order.warmMs)
  const before = processorSeconds(order.pids)
  const start = performance.now()
  tape.on = true
  process.send!({ is: 'counting' })
  await (order.countMs === 0 ? stopped : pause(order.countMs))
  tape.on = false
  const seconds = (performance.now() - start) / 1000
  const cpu = processorSeconds(order.pids) - before
  tape.over = true
  await Promise.all(loops)
  for (const caller of callers) caller.close()
  const sorted = Float64Array.from(tape.latencies).sort()
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    cpuMicros: (cpu * 1e6) / sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? NaN,
    compared,
    errors: tape.errors.slice(0, 5),
  }
}

let stop = () => {}
process.on('message', (message: { is: 'order'; order: Order } | { is: 'stop' }) => {
  if (message.is === 'stop') return stop()
  const stopped = new Promise<void>((resolve) => (stop = resolve))
  carryOut(message.order, stopped).then(
    (counted) => process.send!({ is: 'counted', counted }),
    (error: unknown) => process.send!({ is: 'failed', because: String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
