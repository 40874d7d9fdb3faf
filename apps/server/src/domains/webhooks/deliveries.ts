import type { Clock } from '@stead/chassis'
import type { Sent } from './sending.ts'
import { tellingOf } from './tellings.ts'
import type { DeliveryStore, DueDelivery, Outcome } from './webhooks.store.ts'

export interface DeliveryParts {
  readonly store: Pick<DeliveryStore, 'enqueue' | 'due' | 'settle' | 'prune'>
  readonly send: (due: DueDelivery) => Promise<Sent>
  readonly clock: Clock
  /** From 0 to 1. */
  readonly dice: () => number
  readonly onFailure: (error: unknown) => void
}

export interface Deliveries {
  /** Looks for what is due at once instead of at the next beat. */
  nudge(): void
  /** Tells and sends until the signal aborts; what is being sent then is sent again by the next server. */
  run(signal: AbortSignal): Promise<void>
}

const BEAT_MS = 1_000
const PRUNE_MS = 3_600_000
const KEPT_MS = 30 * 86_400_000
const MOST_KEPT = 1_000
/** Webhooks that are told at once; each is told one thing after the other, so that a slow one holds up no other. */
const AT_ONCE = 8

/** Follows the events and sends what webhooks are to be told. An event is turned into deliveries in one transaction with
 *  how far that has come, and a delivery counts as sent only after its answer: each arrives at least once. */
export function createDeliveries({ store, send, clock, dice, onFailure }: DeliveryParts): Deliveries {
  let wake = Promise.withResolvers<void>()
  const busy = new Map<string, Promise<void>>()
  let prunedAt = -Infinity
  let isEnding = false

  async function deliver(due: DueDelivery): Promise<void> {
    const sent = await send(due)
    const { retryAfter: _, ...attempt } = sent
    await store.settle(due.id, attempt, outcomeOf(due, sent, clock.now(), dice()))
  }

  function start(due: DueDelivery): void {
    const work = deliver(due)
      .catch((error: unknown) => {
        // What is cut off by the end is not settled, and so is sent again.
        if (!isEnding) onFailure(error)
      })
      .finally(() => {
        busy.delete(due.webhook)
        wake.resolve()
      })
    busy.set(due.webhook, work)
  }

  async function turn(signal: AbortSignal): Promise<void> {
    while ((await store.enqueue(tellingOf)) && !signal.aborted) await clock.sleep(0, signal)
    const free = AT_ONCE - busy.size
    if (free > 0) for (const due of await store.due(clock.now(), free, [...busy.keys()])) start(due)
    if (clock.monotonic() - prunedAt < PRUNE_MS) return
    prunedAt = clock.monotonic()
    await store.prune(new Date(clock.now().getTime() - KEPT_MS), MOST_KEPT)
  }

  return {
    nudge: () => wake.resolve(),
    async run(signal) {
      const end = () => {
        isEnding = true
        wake.resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      while (!signal.aborted) {
        wake = Promise.withResolvers()
        await turn(signal).catch((error: unknown) => {
          if (!isEnding) onFailure(error)
        })
        const resting = new AbortController()
        await Promise.race([wake.promise, clock.sleep(BEAT_MS, resting.signal).catch(() => {})])
        resting.abort()
      }
      await Promise.all(busy.values())
    },
  }
}

const GIVEN_UP_MS = 86_400_000
const LONGEST_WAIT_MS = 600_000

/** Receivers that are not there, busy or broken are asked again for a day, ever more rarely. */
export function outcomeOf(
  { attempts, createdAt }: Pick<DueDelivery, 'attempts' | 'createdAt'>,
  { status, retryAfter }: Pick<Sent, 'status' | 'retryAfter'>,
  now: Date,
  dice: number,
): Outcome {
  if (status !== null && status >= 200 && status < 300) return { is: 'delivered' }
  const isWorthIt = status === null || status === 408 || status === 429 || status >= 500
  const wait = 1000 * 2 ** Math.min(attempts, 20)
  const asked = retryAfterMs(retryAfter, now)
  const at = now.getTime() + Math.max(Math.min(wait, LONGEST_WAIT_MS) * (1 + 0.2 * dice), asked)
  if (!isWorthIt || at - Date.parse(createdAt) > GIVEN_UP_MS) return { is: 'failed' }
  return { is: 'again', at: new Date(at) }
}

const LONGEST_ASKED_MS = 3_600_000

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfterMs(header: string | null, now: Date): number {
  if (header === null) return 0
  const asked = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return Number.isFinite(asked) ? Math.min(Math.max(asked, 0), LONGEST_ASKED_MS) : 0
}
