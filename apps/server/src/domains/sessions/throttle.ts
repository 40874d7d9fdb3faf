import type { Clock } from '@stead/chassis'

/** Slows guessing down. After some free attempts each further one takes twice as long as the one before, for the name
 *  and for the address alike. An attempt counts as failed until it has succeeded, so that many at once gain nothing. */
export interface Throttle {
  /** Counts an attempt and gives 0; or gives the milliseconds to wait, and counts nothing. */
  begin(name: string, address: string): number
  /** Milliseconds that the address has to wait; counts nothing. */
  waitOf(address: string): number
  succeed(name: string, address: string): void
}

export interface Pace {
  /** Attempts without waiting. */
  readonly free: number
  readonly firstMs: number
  readonly mostMs: number
}

/** A stranger who fails on purpose must not keep the owner of the name out for long. */
export const NAME_PACE: Pace = { free: 5, firstMs: 1_000, mostMs: 60_000 }
/** Many people may share an address. */
export const ADDRESS_PACE: Pace = { free: 20, firstMs: 1_000, mostMs: 15 * 60_000 }
/** After this long without an attempt everything is forgotten. */
export const FORGOTTEN_MS = 3_600_000
/** Names and addresses remembered, each; those that were tried longest ago go first. */
export const MOST_REMEMBERED = 10_000

export function createThrottle(clock: Pick<Clock, 'monotonic'>): Throttle {
  const names = createAttempts(NAME_PACE, clock)
  const addresses = createAttempts(ADDRESS_PACE, clock)
  return {
    begin(name, address) {
      const wait = Math.max(names.waitOf(name), addresses.waitOf(networkOf(address)))
      if (wait > 0) return wait
      names.count(name)
      addresses.count(networkOf(address))
      return 0
    },
    waitOf: (address) => addresses.waitOf(networkOf(address)),
    succeed(name, address) {
      names.forget(name)
      // Only this one: whoever has one password must not buy guesses at others with it.
      addresses.takeBack(networkOf(address))
    },
  }
}

interface Attempts {
  waitOf(key: string): number
  count(key: string): void
  takeBack(key: string): void
  forget(key: string): void
}

interface Tried {
  readonly times: number
  readonly last: number
  readonly until: number
}

function createAttempts({ free, firstMs, mostMs }: Pace, clock: Pick<Clock, 'monotonic'>): Attempts {
  // In the order of the last attempt.
  const tried = new Map<string, Tried>()
  const find = (key: string): Tried | undefined => {
    const found = tried.get(key)
    if (found && clock.monotonic() - found.last < FORGOTTEN_MS) return found
    tried.delete(key)
    return undefined
  }
  const untilAfter = (times: number, now: number) =>
    times < free ? now : now + Math.min(mostMs, firstMs * 2 ** (times - free))
  return {
    waitOf: (key) => Math.max(0, (find(key)?.until ?? 0) - clock.monotonic()),
    count(key) {
      const now = clock.monotonic()
      const times = (find(key)?.times ?? 0) + 1
      tried.delete(key)
      tried.set(key, { times, last: now, until: untilAfter(times, now) })
      const [oldest] = tried.keys()
      if (tried.size > MOST_REMEMBERED && oldest !== undefined) tried.delete(oldest)
    },
    takeBack(key) {
      const found = find(key)
      if (!found) return
      if (found.times === 1) tried.delete(key)
      else
        tried.set(key, {
          ...found,
          times: found.times - 1,
          until: Math.min(found.until, untilAfter(found.times - 1, found.last)),
        })
    },
    forget: (key) => void tried.delete(key),
  }
}

/** A household or an office has 2⁶⁴ addresses of IPv6, and one network. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail = ''] = address.split('::', 2)
  const before = head.split(':').filter(Boolean)
  const after = address.includes('::') ? tail.split(':').filter(Boolean) : []
  const groups = [
    ...before,
    ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'),
    ...after,
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}
