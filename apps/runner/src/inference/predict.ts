import type { Signature } from '@stead/contracts'
import type { EngineJob } from '../engines/link.ts'
import { monotonicNs } from '../engines/protocol-clock.ts'
import { unknownDeployment } from '../routing/switchboard.ts'
import type { Switchboard } from '../routing/switchboard.ts'
import type { CompiledTable, Target } from '../routing/table.ts'
import { ordered } from '../routing/table.ts'
import { InferenceFailure } from './failure.ts'
import { sees } from '../admission/visitor.ts'
import type { Visitor } from '../admission/visitor.ts'
import type { Uses } from '../admission/uses.ts'
import type { InferRequest } from './request.ts'
import type { Tensor } from './tensor.ts'

/** What the protocols say beside the tensors. */
export interface Asked {
  readonly visitor: Visitor
  readonly version: string | undefined
  /** Requests with the same key are answered by the same version. */
  readonly key: string | undefined
  /** May be run again if its engine dies. */
  readonly idempotent: boolean
  readonly timeoutMs: number | undefined
  /** The caller's W3C trace, continued where traces are collected. */
  readonly traceparent: string | undefined
}

export interface Prediction {
  readonly table: CompiledTable
  readonly version: number
  readonly request: InferRequest
  /** In the order of the signature the request was read by. */
  readonly outputs: readonly (Tensor | undefined)[]
}

/** Hears of each answered request while golden requests are being recorded. */
export type Recorder = (
  table: CompiledTable,
  signature: Signature,
  request: InferRequest,
  outputs: readonly (Tensor | undefined)[],
) => void

/** What the predictions of one front end share. */
export interface Office {
  readonly switchboard: Pick<Switchboard, 'table'>
  readonly dice: () => number
  readonly record: Recorder | undefined
  readonly uses: Pick<Uses, 'count'>
  underWay: number
}

/** One request from admission to answer: the table it meets on arrival is the one it is answered by.
 *  It is the only asynchronous function between a protocol and the engine; every further one costs every request. */
export async function predict(
  office: Office,
  model: string,
  asked: Asked,
  decode: (signature: Signature) => InferRequest,
): Promise<Prediction> {
  const start = performance.now()
  const { dice, record } = office
  const table = office.switchboard.table(model)
  const { visitor } = asked
  if (!sees(visitor, table.served)) throw unknownDeployment(model)
  if (visitor.is === 'consumer') visitor.spend()
  const { target, signature } = table.choose(asked.version, asked.key)
  const meter = target.lane.meter
  office.underWay += 1
  try {
    const request = decode(signature)
    const job = jobOf(table, target, request, asked)
    const answering = target.lane.infer(job, asked.idempotent)
    if (table.shadows.length > 0 && asked.version === undefined) copyToShadows(table, request, asked, dice)
    const answer = await answering
    meter.answered((performance.now() - start) * 1000, rowsOf(request), answer)
    if (visitor.is === 'consumer') office.uses.count(visitor.key, model, target.version, false)
    const outputs = target.outputOrder ? target.outputOrder.map((at) => answer.outputs[at]) : answer.outputs
    if (record && table.served.recording && asked.version === undefined) record(table, signature, request, outputs)
    return { table, version: target.version, request, outputs }
  } catch (error) {
    meter.failed((performance.now() - start) * 1000, error instanceof InferenceFailure ? error.kind : 'internal')
    if (visitor.is === 'consumer') office.uses.count(visitor.key, model, target.version, true)
    throw error
  } finally {
    office.underWay -= 1
  }
}

function jobOf(table: CompiledTable, target: Target, request: InferRequest, asked: Asked): EngineJob {
  const timeoutMs =
    asked.timeoutMs ??
    (request.timeoutMicros === undefined
      ? (table.served.table.config.timeoutMs ?? undefined)
      : request.timeoutMicros / 1000)
  return {
    inputs: ordered(request.inputs, target.inputOrder),
    outputs: request.outputs
      ? request.outputs.map(({ index }) => target.outputOrder?.[index] ?? index)
      : target.outputOrder,
    deadlineNs: timeoutMs === undefined ? undefined : monotonicNs() + timeoutMs * 1e6,
    priority: request.priority,
  }
}

/** Whatever becomes of a copy is counted on its own version and nowhere else. */
function copyToShadows(table: CompiledTable, request: InferRequest, asked: Asked, dice: () => number): void {
  for (const { target, fraction } of table.shadows) {
    if (fraction < 1 && dice() >= fraction) continue
    const { meter } = target.lane
    const start = performance.now()
    const answering = target.lane.offer(jobOf(table, target, request, asked))
    if (!answering) continue
    meter.shadowed()
    answering.then(
      (answer) => meter.answered((performance.now() - start) * 1000, rowsOf(request), answer),
      (error: unknown) =>
        meter.failed((performance.now() - start) * 1000, error instanceof InferenceFailure ? error.kind : 'internal'),
    )
  }
}

function rowsOf({ inputs }: InferRequest): number {
  const shape = inputs[0]?.shape
  return shape && shape.length > 1 ? (shape[0] ?? 1) : 1
}
