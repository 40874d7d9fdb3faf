import { createHash } from 'node:crypto'
import { SteadError } from '@stead/contracts'
import type { ErrorBody } from '@stead/contracts'

export interface KeptAnswer {
  readonly requestHash: string
  readonly status: number
  readonly answer: unknown
}

/** Keeps the first answer of each key. `keep` never replaces an answer that is there. */
export interface IdempotencyStore {
  find(scope: string, key: string): Promise<KeptAnswer | undefined>
  keep(scope: string, key: string, answer: KeptAnswer): Promise<void>
}

export interface Idempotency {
  once(call: { key: string; scope: string; request: unknown }, act: () => Promise<unknown>): Promise<unknown>
}

/** A repeated key gets the first answer; while the first is under way, it waits for it. Failures of ours (5xx) and
 *  changes that a newer one replaced are not answers: they may be tried again under the same key. One that somebody
 *  aborted is: a client that only asks again must not bring it back. */
export function createIdempotency(store: IdempotencyStore): Idempotency {
  const underWay = new Map<string, { requestHash: string; answer: Promise<unknown> }>()

  async function answerOnce(
    scope: string,
    key: string,
    requestHash: string,
    act: () => Promise<unknown>,
  ): Promise<unknown> {
    const kept = await store.find(scope, key)
    if (kept) {
      refuseOther(kept.requestHash, requestHash)
      if (kept.status < 400) return kept.answer
      const { error } = kept.answer as ErrorBody
      throw new SteadError(error.code, error.message, {
        details: error.details,
        ...(error.where === undefined ? {} : { where: error.where }),
      })
    }
    try {
      const answer = await act()
      await store.keep(scope, key, { requestHash, status: 200, answer })
      return answer
    } catch (error) {
      if (error instanceof SteadError && error.status < 500 && error.code !== 'superseded') {
        await store.keep(scope, key, { requestHash, status: error.status, answer: error.toBody() })
      }
      throw error
    }
  }

  return {
    async once({ key, scope, request }, act) {
      const requestHash = createHash('sha256')
        .update(JSON.stringify(request ?? null))
        .digest('hex')
      const place = `${scope}\n${key}`
      const first = underWay.get(place)
      if (first) {
        refuseOther(first.requestHash, requestHash)
        return first.answer
      }
      const answer = answerOnce(scope, key, requestHash, act).finally(() => underWay.delete(place))
      underWay.set(place, { requestHash, answer })
      return answer
    },
  }
}

function refuseOther(first: string, now: string): void {
  if (first !== now) throw new SteadError('idempotency_key_reused')
}
