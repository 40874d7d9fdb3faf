import { connect, type Socket } from 'node:net'
import { FAILURES, type FailureKind, InferenceFailure } from '../inference/failure.ts'
import type { Tensor } from '../inference/tensor.ts'
import type { TensorSpec } from '@stead/contracts'
import { ANSWER_HEAD_BYTES, KIND, PROTOCOL_VERSION, ProtocolError, readJson, readTensors, readU64 } from './protocol.ts'
import { monotonicNs } from './protocol-clock.ts'
import { FrameReader } from './protocol-reader.ts'
import { FrameWriter } from './protocol-writer.ts'

/** One request to an engine. Its data must not change until it is answered. */
export interface EngineJob {
  /** In the order of the link's signature. */
  readonly inputs: readonly Tensor[]
  /** Positions of the outputs wanted; all of them if not given. */
  readonly outputs?: readonly number[] | undefined
  /** In nanoseconds of CLOCK_MONOTONIC, as monotonicNs() and process.hrtime.bigint() give them. */
  readonly deadlineNs?: number | bigint | undefined
  /** 1 is the most urgent, 255 the least; 0 is the default, which is in the middle. */
  readonly priority?: number | undefined
}

export interface EngineAnswer {
  /** By position in the link's signature; undefined where an output was not wanted. Views of what the socket gave. */
  readonly outputs: readonly (Tensor | undefined)[]
  readonly queueNs: number
  readonly computeNs: number
  /** Rows and requests of the run that answered this one. */
  readonly batchRows: number
  readonly batchRequests: number
}

/** What is counted for each link: requests the host has not answered yet, timed out ones among them. */
export interface Account {
  readonly slot: number
  readonly outputs: readonly TensorSpec[]
  inFlight: number
}

interface Pending {
  readonly account: Account
  readonly deadlineNs: number
  readonly resolve: (answer: EngineAnswer) => void
  readonly reject: (failure: InferenceFailure) => void
  /** Its caller has been told of a failure already; the host will still answer. */
  settled: boolean
}

interface Ask {
  readonly resolve: (body: unknown) => void
  readonly reject: (error: Error) => void
}

/** Asks are numbered apart from requests, whose numbers are positions in a dense list. */
const FIRST_ASK = 2 ** 31
/** The longest a Node timer goes. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A connection to an engine host, by a front end or by the supervisor. */
export class HostConnection {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly lost: Promise<void>
  readonly #socket: Socket
  readonly #writer: FrameWriter
  readonly #pending: (Pending | undefined)[] = []
  readonly #free: number[] = []
  readonly #asks = new Map<number, Ask>()
  #nextAsk = FIRST_ASK
  #flushing = false
  #gone = false
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, if it is set. */
  #timerNs = Infinity

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    const reader = new FrameReader(this.#receive)
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', () => socket.destroy())
    this.lost = new Promise((resolve) => {
      socket.on('close', () => {
        this.#lose()
        resolve()
      })
    })
  }

  static async open(socketPath: string, role: 'control' | 'data'): Promise<HostConnection> {
    const socket = connect(socketPath)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const connection = new HostConnection(socket)
    await connection.ask(KIND.hello, 0, { protocol: PROTOCOL_VERSION, role })
    return connection
  }

  get isLost(): boolean {
    return this.#gone
  }

  /** Sends a control frame. Rejects with the host's reason, or when the connection is lost. */
  ask(kind: number, slot: number, body: object): Promise<unknown> {
    if (this.#gone) return Promise.reject(new Error('The engine host is gone'))
    const id = this.#nextAsk++
    if (this.#nextAsk === 2 ** 32) this.#nextAsk = FIRST_ASK
    return new Promise((resolve, reject) => {
      this.#asks.set(id, { resolve, reject })
      this.#writer.json(kind, slot, id, body)
      this.#cork()
    })
  }

  infer(account: Account, job: EngineJob): Promise<EngineAnswer> {
    if (this.#gone) return Promise.reject(lostFailure())
    const deadlineNs = job.deadlineNs === undefined ? 0 : Number(job.deadlineNs)
    if (deadlineNs !== 0 && deadlineNs <= monotonicNs()) return Promise.reject(deadlineFailure())
    return new Promise((resolve, reject) => this.#send(account, job, deadlineNs, resolve, reject))
  }

  /** Rejects what this account has in flight; the host still answers it. */
  abandon(account: Account): void {
    for (const pending of this.#pending) {
      if (pending === undefined || pending.account !== account || pending.settled) continue
      pending.settled = true
      pending.reject(lostFailure())
    }
  }

  close(): void {
    this.#socket.destroy()
    this.#lose()
  }

  #send(
    account: Account,
    job: EngineJob,
    deadlineNs: number,
    resolve: Pending['resolve'],
    reject: Pending['reject'],
  ): void {
    const request = this.#free.pop() ?? this.#pending.length
    try {
      this.#writer.infer({
        slot: account.slot,
        request,
        priority: job.priority === undefined ? 0 : Math.min(Math.max(job.priority, 0), 255),
        deadlineNs,
        inputs: job.inputs,
        wanted: job.outputs,
      })
    } catch (failure) {
      // Nothing was written: a frame is measured before it is begun.
      if (request === this.#pending.length) this.#pending.push(undefined)
      this.#free.push(request)
      return reject(failure as InferenceFailure)
    }
    this.#pending[request] = { account, deadlineNs, resolve, reject, settled: false }
    account.inFlight++
    if (deadlineNs !== 0 && deadlineNs < this.#timerNs) this.#setTimer(deadlineNs)
    this.#cork()
  }

  /** One write for all that is sent in this turn of the event loop. */
  #cork(): void {
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushing = false
    this.#writer.flush()
  }

  readonly #receive = (bytes: Uint8Array, view: DataView, start: number, end: number): void => {
    const kind = view.getUint8(start + 4)
    const id = view.getUint32(start + 8, true)
    if (kind < KIND.infer) return this.#settleAsk(kind, id, readJson(bytes, start, end))
    const pending = this.#pending[id]
    if (pending === undefined) throw new ProtocolError(`The host answered request ${id}, which is not open`)
    this.#pending[id] = undefined
    this.#free.push(id)
    pending.account.inFlight--
    if (pending.settled) return
    if (kind === KIND.answer) pending.resolve(readAnswer(bytes, view, start, end, pending.account.outputs))
    else pending.reject(readRefusal(readJson(bytes, start, end)))
  }

  #settleAsk(kind: number, id: number, body: unknown): void {
    const ask = this.#asks.get(id)
    this.#asks.delete(id)
    if (kind === KIND.failed) ask?.reject(new Error((body as { message: string }).message))
    else ask?.resolve(body)
  }

  #setTimer(deadlineNs: number): void {
    clearTimeout(this.#timer)
    this.#timerNs = deadlineNs
    if (deadlineNs === Infinity) return
    const delayMs = Math.min(Math.max(Math.ceil((deadlineNs - monotonicNs()) / 1e6), 0), MAX_TIMER_MS)
    this.#timer = setTimeout(this.#expire, delayMs)
  }

  /** The caller hears of its deadline on time, however long the engine's present run goes on. */
  readonly #expire = (): void => {
    const now = monotonicNs()
    let next = Infinity
    for (const pending of this.#pending) {
      if (pending === undefined || pending.settled || pending.deadlineNs === 0) continue
      if (pending.deadlineNs <= now) {
        pending.settled = true
        pending.reject(deadlineFailure())
      } else next = Math.min(next, pending.deadlineNs)
    }
    this.#setTimer(next)
  }

  #lose(): void {
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#timer)
    for (const pending of this.#pending) {
      if (pending === undefined) continue
      pending.account.inFlight--
      if (!pending.settled) pending.reject(lostFailure())
    }
    this.#pending.length = 0
    for (const { reject } of this.#asks.values()) reject(new Error('The engine host is gone'))
    this.#asks.clear()
  }
}

function readAnswer(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  specs: readonly TensorSpec[],
): EngineAnswer {
  return {
    outputs: readTensors(bytes, view, start + ANSWER_HEAD_BYTES, end, view.getUint16(start + 12, true), specs),
    queueNs: readU64(view, start + 16),
    computeNs: readU64(view, start + 24),
    batchRows: view.getUint32(start + 32, true),
    batchRequests: view.getUint16(start + 14, true),
  }
}

function readRefusal(body: unknown): InferenceFailure {
  const { kind, message } = body as { kind: string; message: string }
  return new InferenceFailure(Object.hasOwn(FAILURES, kind) ? (kind as FailureKind) : 'internal', message)
}

function lostFailure(): InferenceFailure {
  return new InferenceFailure('engine_lost', 'The engine host is gone; the request may have run')
}

function deadlineFailure(): InferenceFailure {
  return new InferenceFailure('deadline', 'The deadline passed before the model answered')
}
