/** How often something happened, and how long it took in all. */
export interface Span {
  readonly count: number
  readonly ns: number
}

/** The three parts of one execution. */
export interface ComputeSpans {
  readonly computeInput: Span
  readonly computeInfer: Span
  readonly computeOutput: Span
}

/** What one version did since it was loaded. Plain data: it crosses processes as JSON. */
export interface VersionCounters extends ComputeSpans {
  /** Requests, over their whole stay in the runner. */
  readonly success: Span
  readonly fail: Span
  readonly queue: Span
  /** Rows answered, and executions they took. */
  readonly inferenceCount: number
  readonly executionCount: number
  /** Milliseconds since the epoch; 0 before the first. */
  readonly lastInferenceMs: number
  /** Executions by their number of rows. */
  readonly batches: Readonly<Record<string, ComputeSpans>>
}

/** One run of the engine, over the rows of one or more requests. Times are in nanoseconds. */
export interface Execution {
  readonly rows: number
  /** For each request: its time in the queue and in all. */
  readonly requests: readonly { readonly queueNs: number; readonly totalNs: number }[]
  readonly inputNs: number
  readonly inferNs: number
  readonly outputNs: number
  readonly atMs: number
}

const NOTHING: Span = { count: 0, ns: 0 }

export const NO_COUNTERS: VersionCounters = {
  success: NOTHING,
  fail: NOTHING,
  queue: NOTHING,
  computeInput: NOTHING,
  computeInfer: NOTHING,
  computeOutput: NOTHING,
  inferenceCount: 0,
  executionCount: 0,
  lastInferenceMs: 0,
  batches: {},
}

/** Commutative and associative, with NO_COUNTERS as its neutral element: any order of any parts gives the same. */
export function merge(a: VersionCounters, b: VersionCounters): VersionCounters {
  return {
    success: add(a.success, b.success),
    fail: add(a.fail, b.fail),
    queue: add(a.queue, b.queue),
    ...addCompute(a, b),
    inferenceCount: a.inferenceCount + b.inferenceCount,
    executionCount: a.executionCount + b.executionCount,
    lastInferenceMs: Math.max(a.lastInferenceMs, b.lastInferenceMs),
    batches: mergeBatches(a.batches, b.batches),
  }
}

/** The counters of one successful execution alone, to be merged. As in Triton, compute is counted per request
 *  in the whole, and per execution by batch size. */
export function countExecution(execution: Execution): VersionCounters {
  const { rows, requests, inputNs, inferNs, outputNs, atMs } = execution
  const count = requests.length
  return {
    success: { count, ns: sum(requests.map((request) => request.totalNs)) },
    fail: NOTHING,
    queue: { count, ns: sum(requests.map((request) => request.queueNs)) },
    computeInput: { count, ns: inputNs * count },
    computeInfer: { count, ns: inferNs * count },
    computeOutput: { count, ns: outputNs * count },
    inferenceCount: rows,
    executionCount: 1,
    lastInferenceMs: atMs,
    batches: {
      [rows]: {
        computeInput: { count: 1, ns: inputNs },
        computeInfer: { count: 1, ns: inferNs },
        computeOutput: { count: 1, ns: outputNs },
      },
    },
  }
}

export function countFailure(totalNs: number): VersionCounters {
  return { ...NO_COUNTERS, fail: { count: 1, ns: totalNs } }
}

function add(a: Span, b: Span): Span {
  return { count: a.count + b.count, ns: a.ns + b.ns }
}

function addCompute(a: ComputeSpans, b: ComputeSpans): ComputeSpans {
  return {
    computeInput: add(a.computeInput, b.computeInput),
    computeInfer: add(a.computeInfer, b.computeInfer),
    computeOutput: add(a.computeOutput, b.computeOutput),
  }
}

function mergeBatches(a: VersionCounters['batches'], b: VersionCounters['batches']): VersionCounters['batches'] {
  const merged: Record<string, ComputeSpans> = { ...a }
  for (const [size, spans] of Object.entries(b)) {
    const known = merged[size]
    merged[size] = known === undefined ? spans : addCompute(known, spans)
  }
  return merged
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
