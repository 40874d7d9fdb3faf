/** How an inference request can fail, with the answer each protocol gives for it.
 *  `unavailable` kinds were certainly not executed, so that clients may retry them. */
export const FAILURES = {
  invalid: { http: 400, grpc: 3 },
  not_found: { http: 404, grpc: 5 },
  unsupported: { http: 501, grpc: 12 },
  too_large: { http: 413, grpc: 8 },
  queue_full: { http: 503, grpc: 14 },
  not_ready: { http: 503, grpc: 14 },
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

  constructor(kind: FailureKind, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'InferenceFailure'
    this.kind = kind
  }
}
