import type { Batching } from '@stead/contracts'

/** A request as the queue sees it. */
export interface QueuedRequest {
  /** Size of the first dimension of all its tensors; 0 if it cannot share a run. */
  readonly rows: number
  /** 1 is the most urgent; 0 stands for DEFAULT_PRIORITY. */
  readonly priority: number
  readonly arrivedNs: number
  /** Infinity for none. At this very time it is too late. */
  readonly deadlineNs: number
}

export interface Take<R> {
  /** In the order they run in; empty if there is nothing to run yet. */
  readonly batch: readonly R[]
  /** Requests that left the queue because their deadline passed. */
  readonly expired: readonly R[]
  /** When to take again although nothing arrives: a fuller batch is awaited until then. Infinity if not. */
  readonly wakeNs: number
}

/** In the middle, so that a caller can ask for less than the default too. */
export const DEFAULT_PRIORITY = 128

interface Level<R> {
  readonly priority: number
  /** First in, first out, from `head` on. What lies before it has left. */
  items: R[]
  head: number
}

interface Plan<R> {
  readonly picks: R[]
  /** Nothing more fits, or nothing more may come along. */
  readonly full: boolean
}

/** The requests that wait for one engine. Holds at most `maxQueue` of them, never hands out an expired one to run,
 *  and forms batches: the most urgent, longest waiting request decides which others (those `alike`) may join it,
 *  in their order, as far as `maxRows` goes. A request that is not alike keeps its place. A single request of more
 *  than `maxRows` runs alone. */
export class BatchQueue<R extends QueuedRequest> {
  readonly #batching: Batching
  readonly #alike: (a: R, b: R) => boolean
  readonly #levels: Level<R>[] = []
  #size = 0
  /** No waiting request's deadline is before this. */
  #earliestNs = Infinity
  #expired: R[] = []

  constructor(batching: Batching, alike: (a: R, b: R) => boolean) {
    this.#batching = batching
    this.#alike = alike
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size >= this.#batching.maxQueue
  }

  /** Whether there was room. Expired requests make room; the next take returns them. */
  offer(request: R, nowNs: number): boolean {
    if (this.isFull) this.#sweep(nowNs)
    if (this.isFull) return false
    this.#levelOf(request.priority === 0 ? DEFAULT_PRIORITY : request.priority).items.push(request)
    this.#size++
    if (request.deadlineNs < this.#earliestNs) this.#earliestNs = request.deadlineNs
    return true
  }

  /** `force` takes what is there without waiting for a fuller batch. */
  take(nowNs: number, force = false): Take<R> {
    this.#sweep(nowNs)
    const expired = this.#expired
    if (expired.length > 0) this.#expired = []
    const plan = this.#plan()
    if (plan.picks.length === 0) return { batch: [], expired, wakeNs: Infinity }
    const wakeNs = force || plan.full ? 0 : this.#waitUntil(plan.picks)
    const count = this.#preferred(plan) ?? (wakeNs <= nowNs ? plan.picks.length : 0)
    if (count === 0) return { batch: [], expired, wakeNs }
    plan.picks.length = count
    this.#remove(plan.picks)
    return { batch: plan.picks, expired, wakeNs: Infinity }
  }

  /** Everything that waits, expired or not, in order. Leaves the queue empty. */
  drain(): R[] {
    const all = this.#expired
    for (const level of this.#levels) all.push(...level.items.splice(level.head))
    this.#levels.length = 0
    this.#size = 0
    this.#expired = []
    this.#earliestNs = Infinity
    return all
  }

  #levelOf(priority: number): Level<R> {
    const levels = this.#levels
    let at = 0
    while (at < levels.length && (levels[at] as Level<R>).priority < priority) at++
    const found = levels[at]
    if (found !== undefined && found.priority === priority) return found
    const level: Level<R> = { priority, items: [], head: 0 }
    levels.splice(at, 0, level)
    return level
  }

  #plan(): Plan<R> {
    const { maxRows } = this.#batching
    const picks: R[] = []
    let rows = 0
    for (const { items, head } of this.#levels) {
      for (let at = head; at < items.length; at++) {
        const item = items[at] as R
        const first = picks[0]
        if (first !== undefined && (item.rows === 0 || !this.#alike(first, item))) continue
        // One that does not fit ends the batch: letting smaller ones pass it for ever would starve it.
        if (first !== undefined && rows + item.rows > maxRows) return { picks, full: true }
        picks.push(item)
        rows += item.rows
        if (item.rows === 0 || rows >= maxRows) return { picks, full: true }
      }
    }
    return { picks, full: false }
  }

  /** How many of the first picks make up the largest preferred size, if any do. */
  #preferred({ picks, full }: Plan<R>): number | undefined {
    const { preferredRows } = this.#batching
    if (full || preferredRows.length === 0) return undefined
    let rows = 0
    let count: number | undefined
    picks.forEach((pick, at) => {
      rows += pick.rows
      if (preferredRows.includes(rows)) count = at + 1
    })
    return count
  }

  #waitUntil(picks: readonly R[]): number {
    const delayNs = this.#batching.maxDelayMs * 1e6
    if (delayNs === 0) return 0
    let until = Infinity
    for (const pick of picks) until = Math.min(until, pick.arrivedNs + delayNs)
    // Whoever would expire by waiting does not wait.
    for (const pick of picks) if (pick.deadlineNs <= until) return 0
    return until
  }

  /** Takes `picks`, which are in queue order, out; what was passed over moves up behind them. */
  #remove(picks: readonly R[]): void {
    let taken = 0
    for (const level of this.#levels) {
      const { items } = level
      const passed: R[] = []
      let at = level.head
      for (; at < items.length && taken < picks.length; at++) {
        const item = items[at] as R
        if (item === picks[taken]) taken++
        else passed.push(item)
      }
      at -= passed.length
      for (let to = 0; to < passed.length; to++) items[at + to] = passed[to] as R
      level.head = at
      tidy(level)
      if (taken === picks.length) break
    }
    this.#size -= picks.length
    if (this.#size === 0) this.#earliestNs = Infinity
  }

  /** Puts the expired aside. Costs nothing until the earliest deadline has come. */
  #sweep(nowNs: number): void {
    if (nowNs < this.#earliestNs) return
    let earliest = Infinity
    for (const level of this.#levels) {
      const kept: R[] = []
      for (let at = level.head; at < level.items.length; at++) {
        const item = level.items[at] as R
        if (item.deadlineNs <= nowNs) this.#expired.push(item)
        else {
          kept.push(item)
          earliest = Math.min(earliest, item.deadlineNs)
        }
      }
      this.#size -= level.items.length - level.head - kept.length
      level.items = kept
      level.head = 0
    }
    this.#earliestNs = earliest
  }
}

/** Drops what has left, but not at each take: that would move the whole queue every time. */
function tidy<R>(level: Level<R>): void {
  if (level.head === level.items.length) {
    level.items = []
    level.head = 0
  } else if (level.head > 1024 && level.head > level.items.length / 2) {
    level.items = level.items.slice(level.head)
    level.head = 0
  }
}
