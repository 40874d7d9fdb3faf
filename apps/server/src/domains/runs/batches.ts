import { createGroups, type Outcome } from './groups.ts'
import { type Logged, withinLimits } from './limits.ts'

/** What one caller logs into one run: all of it is kept, or nothing. */
export interface LogCall extends Logged {
  readonly projectId: string
  readonly runId: string
}

/** Whose run has changed. */
export interface ChangedRun {
  /** The row of the experiment. */
  readonly experiment: number
  readonly runId: string
}

/** Writes calls in one transaction, in their order: what is refused of one leaves nothing and does not touch the others.
 *  A param that has a value keeps it; of tags the last counts; a metric's latest value is the highest by step, timestamp
 *  and value, where NaN is above all numbers. Groups of the same server never overlap; those of several servers lock
 *  runs in one order, so that none waits in a circle. Throws
 *  what one of the calls may be the reason for; what is nobody's in particular is the outcome of all. */
export interface BatchStore {
  write(calls: readonly LogCall[]): Promise<readonly Outcome<ChangedRun>[]>
}

/** Rows in one transaction: about as many as the embedded database takes in a quarter of a second, for all others wait. */
const MOST_ROWS = 8_000

export type LogBatch = (call: LogCall) => Promise<void>

/** Fails with `run_not_found`, `invalid_request`, `param_fixed` or `logged_model_not_found`. */
export function createBatches(store: BatchStore, onChanged: (changed: ChangedRun) => void): LogBatch {
  const put = createGroups<LogCall, ChangedRun>({
    take: (calls) => store.write(calls),
    weigh: ({ metrics, params, tags }) => 1 + metrics.length + params.length + tags.length,
    most: MOST_ROWS,
  })
  return async (call) => {
    onChanged(await put({ ...call, ...withinLimits(call) }))
  }
}
