import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as timeout } from 'node:timers/promises'

/** Time, as everything in a process should see it. `now` may jump when the machine's clock is set; `monotonic`
 *  (milliseconds from an unknown origin) never goes back. `sleep` rejects with the signal's reason once it aborts. */
export interface Clock {
  now(): Date
  monotonic(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A clock that stands still until it is advanced. `sleepers` counts the sleeps that have not ended. */
export interface FakeClock extends Clock {
  readonly sleepers: number
  /** Moves time on, waking sleepers in order of their hour; what a woken sleeper starts sleeping meanwhile counts too. */
  advance(ms: number): Promise<void>
}

// Node fires a longer timer after 1 ms instead.
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted()
    try {
      let left = ms
      for (; left > LONGEST_TIMER_MS; left -= LONGEST_TIMER_MS) await timeout(LONGEST_TIMER_MS, undefined, { signal })
      await timeout(Math.max(0, left), undefined, { signal })
    } catch (error) {
      // Node wraps the reason in an AbortError; our promise is the reason itself.
      signal?.throwIfAborted()
      throw error
    }
  },
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

export function fakeClock(start: Date | string = '2026-01-01T00:00:00.000Z'): FakeClock {
  const origin = new Date(start).getTime()
  const sleepers = new Set<Sleeper>()
  let elapsed = 0

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abandon = () => {
        sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', abandon)
        resolve()
      }
      const sleeper: Sleeper = { due: elapsed + Math.max(0, ms), wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', abandon, { once: true })
    })
  }

  return {
    now: () => new Date(origin + elapsed),
    monotonic: () => elapsed,
    sleep,
    get sleepers() {
      return sleepers.size
    },
    async advance(ms) {
      const target = elapsed + ms
      // A whole turn of the loop before each look: what was just woken must have its chance to sleep again.
      await nextTurn()
      for (let next = earliest(sleepers, target); next; next = earliest(sleepers, target)) {
        elapsed = next.due
        next.wake()
        await nextTurn()
      }
      elapsed = target
    },
  }
}

function earliest(sleepers: Iterable<Sleeper>, until: number): Sleeper | undefined {
  let found: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (sleeper.due <= until && (!found || sleeper.due < found.due)) found = sleeper
  }
  return found
}
