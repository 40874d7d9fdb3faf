import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import type { Act } from './roles.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
type Shape = z.ZodType | undefined

/** One endpoint of the native API, written once: server, SDK, CLI and OpenAPI derive from it.
 *  `act` names what the caller does, for access control and the audit log.
 *  `streams` marks a body that is not JSON: octets in, octets out, or server-sent events out. */
export interface Endpoint<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Returns extends Shape = Shape,
> {
  readonly act: Act
  readonly method: Method
  readonly path: `/api/v1/${string}`
  readonly says: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly returns?: Returns
  readonly status?: 200 | 201 | 202 | 204
  readonly fails: readonly ErrorCode[]
  readonly streams?: { readonly in?: 'octets'; readonly out?: 'octets' | 'events' }
  /** A repeated `Idempotency-Key` returns the first answer. */
  readonly idempotent?: true
  /** May also answer as server-sent events: `stage` for each step, then `done` or `error`. */
  readonly transcript?: true
}

// @__NO_SIDE_EFFECTS__ lets a bundle leave out the endpoints that nobody calls.
export function endpoint<P extends Shape, Q extends Shape, B extends Shape, R extends Shape>(
  described: Endpoint<P, Q, B, R>,
): Endpoint<P, Q, B, R> {
  return described
}

type Parsed<S> = undefined extends S ? undefined : S extends z.ZodType ? z.output<S> : undefined
type Given<S> = undefined extends S ? undefined : S extends z.ZodType ? z.input<S> : undefined

/** What a handler receives: everything parsed. */
export type RequestOf<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer _R>
    ? { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> }
    : never
/** What a caller gives, before parsing. */
export type CallOf<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer _R>
    ? { params: Given<P>; query: Given<Q>; body: Given<B> }
    : never
export type AnswerOf<E> =
  E extends Endpoint<infer _P, infer _Q, infer _B, infer R>
    ? undefined extends R
      ? void
      : R extends z.ZodType
        ? z.output<R>
        : void
    : never
