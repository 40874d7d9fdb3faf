import type { Clock } from '@stead/chassis'
import type { DeliveryAttempt } from '@stead/contracts'
import { fetchOutgoing, OutgoingError, type OutgoingOptions } from '../../http/outgoing.ts'
import { headersOf } from './signature.ts'
import type { DueDelivery } from './webhooks.store.ts'
import type { SecretSealing } from './webhooks.ts'

export interface SendingParts {
  readonly sealing: Pick<SecretSealing, 'open'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly allow: NonNullable<OutgoingOptions['allow']>
  readonly signal: AbortSignal
}

export interface Sent extends DeliveryAttempt {
  /** As the receiver asked, in the words of its header. */
  readonly retryAfter: string | null
}

const TIMEOUT_MS = 30_000
const ANSWER_BYTES = 65_536
const ANSWER_LENGTH = 1000

/** Sends a delivery once. Whatever comes of it is told, and nothing is thrown, but for the end of the server. */
export function createSending({ sealing, clock, allow, signal }: SendingParts): (due: DueDelivery) => Promise<Sent> {
  return async (due) => {
    const at = clock.now()
    const begun = clock.monotonic()
    const told = (rest: Pick<Sent, 'status' | 'error' | 'answer' | 'retryAfter'>): Sent => ({
      at: at.toISOString(),
      took: Math.round(clock.monotonic() - begun),
      ...rest,
    })
    const silent = { status: null, answer: '', retryAfter: null }
    const secret = due.secret === null ? null : sealing.open(due.webhook, due.secret)
    if (secret === undefined)
      return told({ ...silent, error: 'its secret was sealed on another machine: set it again' })
    try {
      const answer = await fetchOutgoing(due.url, {
        method: 'POST',
        headers: headersOf({ id: due.id, body: due.body, secret }, at),
        body: due.body,
        allow,
        timeoutMs: TIMEOUT_MS,
        maxBytes: ANSWER_BYTES,
        signal,
      })
      const text = (await answer.text()).replaceAll('\0', '\uFFFD').slice(0, ANSWER_LENGTH).toWellFormed()
      return told({ status: answer.status, error: null, answer: text, retryAfter: answer.headers.get('retry-after') })
    } catch (error) {
      if (error instanceof OutgoingError) return told({ ...silent, error: error.message.slice(0, ANSWER_LENGTH) })
      throw error
    }
  }
}
