/** Limits a rate by the generic cell rate algorithm (ITU-T I.371, the virtual scheduling form), for all threads that
 *  share the buffer together: one 64-bit cell for each consumer holds the theoretical arrival time of its next request,
 *  in monotonic nanoseconds. */
export interface Rates {
  /** Takes one request from a limit. 0 when it was there, or the nanoseconds until one will be. */
  take(slot: number, limit: RateLimit): bigint
}

export interface RateLimit {
  readonly intervalNs: bigint
  /** How far ahead of its time a request may come: a burst less the one that is due. */
  readonly toleranceNs: bigint
}

/** Without a burst of its own, what the rate gives in a second may come at once. */
export function rateLimit(perSecond: number, burst: number | null): RateLimit {
  // Rounded up: never more than the rate.
  const intervalNs = BigInt(Math.ceil(1e9 / perSecond))
  const atOnce = burst ?? Math.max(1, Math.floor(perSecond))
  return { intervalNs, toleranceNs: intervalNs * BigInt(atOnce - 1) }
}

const BYTES = BigInt64Array.BYTES_PER_ELEMENT
/** Eight megabytes of addresses, of which only what is used is memory. */
const MOST_SLOTS = 2 ** 20

export const createRateBuffer = () => new SharedArrayBuffer(64 * BYTES, { maxByteLength: MOST_SLOTS * BYTES })

/** Makes room for so many slots; false where there cannot be as many. */
export function growRates(buffer: SharedArrayBuffer, slots: number): boolean {
  if (slots > MOST_SLOTS) return false
  if (slots * BYTES > buffer.byteLength) buffer.grow(Math.min(MOST_SLOTS, slots * 2) * BYTES)
  return true
}

export function createRates(buffer: SharedArrayBuffer, now: () => bigint = () => process.hrtime.bigint()): Rates {
  const cells = new BigInt64Array(buffer)
  return {
    take(slot, { intervalNs, toleranceNs }) {
      for (;;) {
        const due = Atomics.load(cells, slot)
        const at = now()
        // Never later than the limit itself can have put it: it may have been a slower one before.
        const latest = at + toleranceNs + intervalNs
        if (due > latest) {
          Atomics.compareExchange(cells, slot, due, latest)
          continue
        }
        const early = due - at
        if (early > toleranceNs) return early - toleranceNs
        const after = (early > 0n ? due : at) + intervalNs
        if (Atomics.compareExchange(cells, slot, due, after) === due) return 0n
      }
    },
  }
}
