import { AsyncLocalStorage } from 'node:async_hooks'

/** Who is acting in this request, as the audit log tells it. It travels beside the calls, for every change of state is
 *  recorded deep in the adapters, in the transaction that makes it. */
export interface Author {
  readonly actor: string
  /** The id of the token or session that was shown. */
  readonly credential: string | null
  /** The caller's address. */
  readonly from: string | null
  readonly request: string | null
}

/** What the server does by itself. */
const ITSELF: Author = { actor: 'stead', credential: null, from: null, request: null }

const acting = new AsyncLocalStorage<Author>()

export const actAs = <T>(author: Author, act: () => T): T => acting.run(author, act)
export const authorNow = (): Author => acting.getStore() ?? ITSELF
