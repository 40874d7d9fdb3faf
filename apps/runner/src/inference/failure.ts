/** How an inference request can fail, with the answer each protocol gives for it.
 *  `unavailable` kinds were certainly not executed, so that clients may retry them. */
export const FAILURES = {
  invalid: { http: 400, grpc: 3 },
  token_in_url: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  not_found: { http: 404, grpc: 5 },
  unsupported: { http: 501, grpc: 12 },
  too_large: { http: 413, grpc: 8 },
  rate_exceeded: { http: 429, grpc: 8 },
  quota_exhausted: { http: 429, grpc: 8 },
  queue_full: { http: 503, grpc: 14 },
  not_ready: { http: 503, grpc: 14 },
  /** The server has not been heard of for longer than keys are honoured without it. */
  detached_too_long: { http: 503, grpc: 14 },
  parked: { http: 503, grpc: 14 },
  deadline: { http: 504, grpc: 4 },
  /** The host died while it held the request: it may have run. */
  engine_lost: { http: 502, grpc: 13 },
  /** The model itself raised an error. */
  model_failed: { http: 500, grpc: 13 },
  internal: { http: 500, grpc: 13 },
} as const

export type FailureKind = keyof typeof FAILURES

export class InferenceFailure extends Error {
  readonly kind: FailureKind
  /** When the same request may be taken, where that is known. */
  readonly retryAfterMs: number | undefined

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'InferenceFailure'
    this.kind = kind
    this.retryAfterMs = options.retryAfterMs
  }

  /** Whole seconds, as `Retry-After` has them; never 0, which would say: at once. */
  get retryAfterS(): number | undefined {
    return this.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(this.retryAfterMs / 1000))
  }
}
