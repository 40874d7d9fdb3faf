import type { FailureKind } from '../inference/failure.ts'

/** What an engine did since it was loaded. */
export interface EngineStats {
  readonly slot: number
  /** Runs of the model. */
  readonly executions: number
  /** Requests answered, and the rows they held. */
  readonly requests: number
  readonly rows: number
  /** Requests the model failed. */
  readonly failed: number
  readonly refused: Readonly<Partial<Record<FailureKind, number>>>
  readonly waiting: number
  /** Whether a run is under way. */
  readonly running: boolean
  readonly longestQueue: number
  readonly queueNs: number
  readonly computeNs: number
  /** By rows of a run, ascending. */
  readonly batches: readonly { readonly rows: number; readonly count: number; readonly computeNs: number }[]
}

export interface Tally {
  waiting(requests: number): void
  waited(ns: number): void
  ran(rows: number, requests: number, computeNs: number): void
  failed(): void
  refused(kind: FailureKind): void
  read(slot: number, waiting: number, running: boolean): EngineStats
}

export function createTally(): Tally {
  const sums = { executions: 0, requests: 0, rows: 0, failed: 0, longestQueue: 0, queueNs: 0, computeNs: 0 }
  const refused: Partial<Record<FailureKind, number>> = {}
  const batches = new Map<number, { rows: number; count: number; computeNs: number }>()
  return {
    waiting(requests) {
      if (requests > sums.longestQueue) sums.longestQueue = requests
    },
    waited(ns) {
      sums.queueNs += ns
    },
    ran(rows, requests, computeNs) {
      sums.executions++
      sums.requests += requests
      sums.rows += rows
      sums.computeNs += computeNs
      const batch = batches.get(rows) ?? { rows, count: 0, computeNs: 0 }
      batch.count++
      batch.computeNs += computeNs
      batches.set(rows, batch)
    },
    failed() {
      sums.executions++
      sums.failed++
    },
    refused(kind) {
      refused[kind] = (refused[kind] ?? 0) + 1
    },
    read: (slot, waiting, running) => ({
      slot,
      ...sums,
      refused: { ...refused },
      waiting,
      running,
      batches: [...batches.values()].toSorted((a, b) => a.rows - b.rows).map((batch) => ({ ...batch })),
    }),
  }
}
