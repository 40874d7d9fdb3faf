import type { Batching, Signature } from '@stead/contracts'
import { type FailureKind, InferenceFailure } from '../inference/failure.ts'
import type { Tensor } from '../inference/tensor.ts'
import type { LoadedModel } from '../runtimes/runtime.ts'
import { alike, isBatchable, joinRows, rowOffsets, rowsOf } from './batching-rows.ts'
import { BatchQueue, type QueuedRequest } from './batching.ts'
import { createTally, type EngineStats, type Tally } from './host-stats.ts'
import { inputFault } from './host-signature.ts'
import { monotonicNs } from './protocol-clock.ts'
import type { FrameWriter, TensorPart } from './protocol-writer.ts'

/** Where a request came from and its answer goes. */
export interface Asker {
  readonly writer: FrameWriter
  readonly closed: boolean
}

export interface Asked {
  readonly asker: Asker
  readonly id: number
  readonly inputs: readonly (Tensor | undefined)[]
  readonly wanted: readonly number[] | undefined
  readonly priority: number
  readonly arrivedNs: number
  readonly deadlineNs: number
}

interface HeldRequest extends Asked, QueuedRequest {}

export interface EngineOptions {
  readonly slot: number
  readonly model: LoadedModel
  readonly signature: Signature
  readonly batching: Batching
}

/** One loaded model with its queue. At most one run is outstanding; what arrives meanwhile becomes the next batch. */
export class Engine {
  readonly slot: number
  readonly signature: Signature
  /** More than can wait and run at once, so that answers under way do not cost a front end its turn. */
  readonly credits: number
  readonly #model: LoadedModel
  readonly #queue: BatchQueue<HeldRequest>
  readonly #allOutputs: readonly string[]
  readonly #tally: Tally = createTally()
  #batchable: boolean
  #closing = false
  #scheduled: NodeJS.Immediate | undefined
  /** The batch that leaves at this turn's end although it is formed already, because the queue was full. */
  #staged: readonly HeldRequest[] = []
  #running: Promise<void> | undefined
  #wake: NodeJS.Timeout | undefined

  constructor({ slot, model, signature, batching }: EngineOptions) {
    this.slot = slot
    this.signature = signature
    this.#model = model
    this.#queue = new BatchQueue<HeldRequest>(batching, alike)
    this.#batchable = isBatchable(signature)
    this.#allOutputs = signature.outputs.map(({ name }) => name)
    this.credits = batching.maxQueue + 2 * (this.#batchable ? batching.maxRows : 1)
  }

  /** Queues a request, or refuses it at once. Refusals are gathered in the asker's writer, not flushed. */
  ask(asked: Asked): void {
    const fault = inputFault(this.signature, asked)
    if (fault !== undefined) return this.#refuse(asked, 'invalid', fault)
    if (this.#closing) return this.#refuse(asked, 'not_ready', 'The engine is being unloaded')
    const held: HeldRequest = {
      asker: asked.asker,
      id: asked.id,
      inputs: asked.inputs,
      wanted: asked.wanted,
      priority: asked.priority,
      arrivedNs: asked.arrivedNs,
      deadlineNs: asked.deadlineNs,
      rows: this.#batchable ? rowsOf(asked.inputs) : 0,
    }
    // An idle engine takes its next batch before it would refuse: only what waits behind a run counts for the bound.
    if (this.#queue.isFull && this.#running === undefined && this.#staged.length === 0) this.#stage(asked.arrivedNs)
    if (!this.#queue.offer(held, asked.arrivedNs))
      return this.#refuse(asked, 'queue_full', `${this.#queue.size} requests wait for this engine already`)
    this.#tally.waiting(this.#queue.size)
    this.#schedule()
  }

  /** Runs once outside the queue and drops the answer. Nothing else may be running. */
  async warm(inputs: readonly Tensor[]): Promise<void> {
    if (this.#running !== undefined) throw new Error('The engine is running')
    const run = (async () => this.#model.run(inputs, this.#allOutputs))()
    this.#running = run.then(
      () => undefined,
      () => undefined,
    )
    try {
      await run
    } finally {
      this.#running = undefined
      if (this.#queue.size > 0) this.#schedule()
    }
  }

  get isBatchable(): boolean {
    return this.#batchable
  }

  stats(): EngineStats {
    return this.#tally.read(this.slot, this.#queue.size + this.#staged.length, this.#running !== undefined)
  }

  /** Refuses what waits, lets the run end, and frees the model. */
  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#wake)
    const waiting = [...this.#staged, ...this.#queue.drain()]
    this.#staged = []
    for (const request of waiting) this.#refuse(request, 'not_ready', 'The engine was unloaded')
    flushAll(waiting)
    await this.#running
    await this.#model.unload()
  }

  #stage(nowNs: number): void {
    const { batch, expired } = this.#queue.take(nowNs, true)
    this.#staged = batch
    this.#expire(expired)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#running !== undefined) return
    // After the poll phase: every socket that has something is read before the batch is formed.
    this.#scheduled = setImmediate(this.#turn)
  }

  /** Runs what was asked now and not at the end of the turn, for an asker who knows that nothing else comes in it:
   *  ONNX Runtime then gets to run within this turn instead of the next, which a lone request notices. */
  begin(): void {
    if (this.#scheduled === undefined) return
    clearImmediate(this.#scheduled)
    this.#turn()
  }

  readonly #turn = (): void => {
    this.#scheduled = undefined
    clearTimeout(this.#wake)
    if (this.#running !== undefined || this.#closing) return
    let batch = this.#staged
    this.#staged = []
    if (batch.length === 0) {
      const now = monotonicNs()
      const taken = this.#queue.take(now)
      this.#expire(taken.expired)
      batch = taken.batch
      if (taken.wakeNs !== Infinity) this.#wake = setTimeout(this.#turn, Math.ceil((taken.wakeNs - now) / 1e6))
    }
    if (batch.length > 0) this.#running = this.#serve(batch)
  }

  async #serve(batch: readonly HeldRequest[]): Promise<void> {
    const present = batch.some(({ asker }) => asker.closed) ? batch.filter(({ asker }) => !asker.closed) : batch
    if (present.length > 0) await this.#runTogether(present)
    flushAll(present)
    this.#running = undefined
    if (this.#queue.size > 0) this.#schedule()
  }

  async #runTogether(batch: readonly HeldRequest[]): Promise<void> {
    if (batch.length === 1) return this.#runAlone(batch[0] as HeldRequest)
    let rows = 0
    for (const request of batch) rows += request.rows
    const started = monotonicNs()
    try {
      const run = this.#model.run(joinRows(batch, rows), this.#outputNames(batch[0] as HeldRequest))
      const outputs = run instanceof Promise ? await run : run
      if (outputs.every(({ shape }) => shape[0] === rows))
        return this.#answerRows(batch, rows, outputs, started, monotonicNs() - started)
      // Its signature promised rows, but it mixes them: from now on every request of it runs alone.
      this.#batchable = false
    } catch {
      // One request may have spoilt it for all. Alone, each hears of its own error only.
    }
    for (const request of batch) await this.#runAlone(request)
  }

  async #runAlone(request: HeldRequest): Promise<void> {
    const started = monotonicNs()
    if (request.deadlineNs <= started) return this.#expire([request])
    try {
      const run = this.#model.run(request.inputs as Tensor[], this.#outputNames(request))
      const outputs = run instanceof Promise ? await run : run
      const computeNs = monotonicNs() - started
      const parts = outputs.map((tensor, at) => part(request, at, tensor, -1, 0, tensor.data.length))
      this.#answer(request, parts, started, computeNs, Math.max(request.rows, 1), 1)
      this.#tally.ran(Math.max(request.rows, 1), 1, computeNs)
    } catch (error) {
      this.#refuseFor(request, error)
      this.#tally.failed()
    }
  }

  #answerRows(
    batch: readonly HeldRequest[],
    rows: number,
    outputs: readonly Tensor[],
    startedNs: number,
    computeNs: number,
  ): void {
    const offsets = outputs.map(rowOffsets)
    let row = 0
    for (const request of batch) {
      const parts: TensorPart[] = []
      for (let at = 0; at < outputs.length; at++) {
        const offset = offsets[at] as (row: number) => number
        parts.push(part(request, at, outputs[at] as Tensor, request.rows, offset(row), offset(row + request.rows)))
      }
      this.#answer(request, parts, startedNs, computeNs, rows, batch.length)
      row += request.rows
    }
    this.#tally.ran(rows, batch.length, computeNs)
  }

  #answer(
    request: HeldRequest,
    parts: readonly TensorPart[],
    startedNs: number,
    computeNs: number,
    batchRows: number,
    batchRequests: number,
  ): void {
    const { asker, id, arrivedNs } = request
    const queueNs = Math.max(startedNs - arrivedNs, 0)
    this.#tally.waited(queueNs)
    try {
      asker.writer.answer({ slot: this.slot, request: id, queueNs, computeNs, batchRows, batchRequests }, parts)
    } catch (error) {
      // Too large for a frame. The others of its run have their answers.
      this.#refuseFor(request, error)
    }
  }

  #outputNames({ wanted }: HeldRequest): readonly string[] {
    return wanted === undefined ? this.#allOutputs : wanted.map((position) => this.#allOutputs[position] as string)
  }

  #expire(expired: readonly HeldRequest[]): void {
    for (const request of expired) this.#refuse(request, 'deadline', 'The deadline passed before the request could run')
    flushAll(expired)
  }

  #refuseFor(request: HeldRequest, error: unknown): void {
    const { kind, message } = error instanceof InferenceFailure ? error : modelFailure(error)
    this.#refuse(request, kind, message)
  }

  #refuse({ asker, id }: Asked, kind: FailureKind, message: string): void {
    this.#tally.refused(kind)
    asker.writer.refused(this.slot, id, kind, message)
  }
}

function part({ wanted }: HeldRequest, at: number, tensor: Tensor, rows: number, from: number, to: number): TensorPart {
  return { position: wanted === undefined ? at : (wanted[at] as number), tensor, rows, from, to }
}

/** After all answers of a batch are gathered, so that each connection gets them in one write. */
function flushAll(requests: readonly HeldRequest[]): void {
  for (const { asker } of requests) asker.writer.flush()
}

function modelFailure(error: unknown): { kind: FailureKind; message: string } {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { kind: 'model_failed', message: message.slice(0, 500) }
}
