import { createHistogram } from '@stead/chassis'
import type { Figure } from '@stead/contracts'
import type { FailureKind } from '../inference/failure.ts'
import type { ComputeSpans, VersionCounters } from '../inference/statistics.ts'

/** What the engine tells of one answered request. */
export interface Answered {
  readonly queueNs: number
  readonly computeNs: number
  readonly batchRows: number
  readonly batchRequests: number
}

/** Counts what one version does in one front end; on the path of every request, so it only adds to numbers. */
export interface Meter {
  answered(micros: number, rows: number, told: Answered): void
  failed(micros: number, kind: FailureKind): void
  shadowed(): void
  waiting(length: number): void
  /** Totals since the start. */
  counters(): VersionCounters
  /** What came since the last call; undefined when nothing did. */
  take(): Figure | undefined
}

export function createMeter(): Meter {
  const latency = createHistogram()
  let success = 0,
    successNs = 0,
    fail = 0,
    failNs = 0,
    queueNs = 0,
    computeNs = 0,
    rows = 0,
    executions = 0,
    last = 0
  const batches = new Map<number, { count: number; ns: number }>()
  let since = emptySince()

  return {
    answered(micros, requestRows, told) {
      success += 1
      successNs += micros * 1000
      queueNs += told.queueNs
      computeNs += told.computeNs
      rows += requestRows
      // Each of the n requests of a run adds its n-th part, so that over all front ends the sum counts runs.
      const part = 1 / told.batchRequests
      executions += part
      last = Date.now()
      const batch = batches.get(told.batchRows)
      if (batch) {
        batch.count += part
        batch.ns += told.computeNs * part
      } else batches.set(told.batchRows, { count: part, ns: told.computeNs * part })
      latency.record(micros)
      since.requests += 1
      since.rows += requestRows
      since.executions += part
    },
    failed(micros, kind) {
      fail += 1
      failNs += micros * 1000
      since.requests += 1
      since.errors[kind] = (since.errors[kind] ?? 0) + 1
    },
    shadowed() {
      since.shadowed += 1
    },
    waiting(length) {
      if (length > since.queue) since.queue = length
    },
    counters: () => ({
      success: { count: success, ns: successNs },
      fail: { count: fail, ns: failNs },
      queue: { count: success, ns: queueNs },
      ...spans(success, computeNs),
      inferenceCount: rows,
      executionCount: executions,
      lastInferenceMs: last,
      batches: Object.fromEntries([...batches].map(([size, { count, ns }]) => [size, spans(count, ns)])),
    }),
    take() {
      if (since.requests === 0 && since.shadowed === 0) return undefined
      const figure: Figure = { ...since, latency: latency.take() as Figure['latency'] }
      since = emptySince()
      return figure
    },
  }
}

/** The hosts tell one time for the whole of a run; Triton's parts before and after it are within. */
const spans = (count: number, ns: number): ComputeSpans => ({
  computeInput: { count, ns: 0 },
  computeInfer: { count, ns },
  computeOutput: { count, ns: 0 },
})

const emptySince = () => ({
  requests: 0,
  errors: {} as Record<string, number>,
  rows: 0,
  executions: 0,
  shadowed: 0,
  queue: 0,
})
