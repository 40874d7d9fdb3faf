import { SteadError } from '@stead/contracts'
import { UnreachableError } from '../unreachable.ts'

export interface Patience {
  /** For how long an attempt is repeated, in milliseconds. */
  readonly forMs: number
  readonly wait: (ms: number) => Promise<void>
}

const SHORTEST_WAIT_MS = 250
const LONGEST_WAIT_MS = 15_000

/** Repeats what may be repeated: what the connection, a restart or a throttle kept from happening. Only for acts that are
 *  the same done twice. */
export async function retrying<T>({ forMs, wait }: Patience, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0, waited = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!passes(error) || waited >= forMs) throw error
      const ms = Math.min(askedFor(error) ?? SHORTEST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS)
      waited += ms
      await wait(ms)
    }
  }
}

function passes(error: unknown): boolean {
  if (error instanceof SteadError) return error.status === 429 || error.status >= 500
  return error instanceof UnreachableError
}

/** In milliseconds, where the server says how long. */
function askedFor(error: unknown): number | undefined {
  const { retryAfter } = (error instanceof SteadError ? (error.details ?? {}) : {}) as { retryAfter?: unknown }
  return typeof retryAfter === 'number' ? retryAfter * 1000 : undefined
}

/** Not to the millisecond: runs that broke off together should not all come back together. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms * (0.75 + Math.random() / 2)))
