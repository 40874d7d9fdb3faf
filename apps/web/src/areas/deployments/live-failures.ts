/** How runners name failures, and the status that callers get; see the runner's inference/failure.ts. */
const CODES: Readonly<Record<string, number>> = {
  invalid: 400,
  not_found: 404,
  too_large: 413,
  model_failed: 500,
  internal: 500,
  unsupported: 501,
  engine_lost: 502,
  queue_full: 503,
  not_ready: 503,
  parked: 503,
  deadline: 504,
}

/** A failure that is not known yet is counted as ours. */
export const codeOf = (kind: string): number => CODES[kind] ?? 500

export const isCallers = (code: number): boolean => code < 500 || code === 501

/** What callers did wrong, and what failed on our side. */
export function failuresOf(errors: Readonly<Record<string, number>>): { refused: number; failed: number } {
  let refused = 0
  let failed = 0
  for (const [kind, count] of Object.entries(errors)) {
    if (isCallers(codeOf(kind))) refused += count
    else failed += count
  }
  return { refused, failed }
}
