import { CHAIN_BEGINS, checkChain, type AuditPage, type Flaw } from '@stead/contracts'
import type { AuditStore, StoredEntry } from './audit.store.ts'
import type { CheckpointStore } from './checkpoints.store.ts'
import { sha256 } from './hash.ts'

/** How far a chain has been read and found whole. */
interface Reached {
  readonly sequence: number
  readonly hash: string
}

/** Reads chains again and compares them with what was signed. Not for use by several at once: the caller sees to turns. */
export interface Verification {
  /** Reads on from where it was before, at most so many entries; the rest is read the next time. */
  proceed(chain: string, most?: number): Promise<Reached>
  /** From the beginning: entries that were whole once may have been altered since. */
  readThrough(chain: string, signal: AbortSignal): Promise<void>
  broken(chain: string): Flaw | undefined
  /** The chain was put in place of another one. */
  forget(chain: string): void
}

export interface VerificationParts {
  readonly store: AuditStore
  readonly checkpoints: CheckpointStore
  readonly onBroken: (chain: string, flaw: Flaw) => void
  /** Between two pages of a long reading, so that others have their turn at the database. */
  readonly pause: (signal: AbortSignal) => Promise<void>
}

const PAGE = 500
/** Chains of this length are searched at once for the entry that is wrong. */
const SEARCHED_AT_ONCE = 20_000

export function createVerification({ store, checkpoints, onBroken, pause }: VerificationParts): Verification {
  const reached = new Map<string, Reached>()
  const broken = new Map<string, Flaw>()

  function found(chain: string, flaw: Flaw): void {
    const known = broken.get(chain)
    broken.set(chain, flaw)
    if (!known) onBroken(chain, flaw)
  }

  /** The last place that is known to be right: where the chain was read to, or the newest checkpoint. */
  async function anchorOf(chain: string): Promise<Reached | undefined> {
    const known = reached.get(chain)
    const signed = checkpoints.newest(chain)
    const anchor = known ?? (signed ? { sequence: signed.sequence, hash: signed.head } : undefined)
    if (!known && signed && !checkpoints.isGenuine(signed)) {
      found(chain, flawAt(signed.sequence, 'the checkpoint of it is none that this server has signed'))
      return undefined
    }
    if (!anchor) return { sequence: 0, hash: CHAIN_BEGINS }
    const hash = await store.hashAt(chain, anchor.sequence)
    if (hash === anchor.hash) return anchor
    const { sequence } = await store.head(chain)
    const coarse =
      hash === undefined
        ? { sequence: sequence + 1, through: anchor.sequence, why: 'cut off: there were more entries before' }
        : flawAt(anchor.sequence, 'it is not the entry that was here before')
    found(chain, coarse)
    if (sequence <= SEARCHED_AT_ONCE) found(chain, (await search(chain)) ?? coarse)
    return undefined
  }

  /** The first flaw of a chain, from its beginning. */
  async function search(chain: string, signal?: AbortSignal): Promise<Flaw | undefined> {
    const signed = []
    for await (const checkpoint of checkpoints.of(chain)) signed.push(checkpoint)
    const check = checkChain({ chain, sha256, checkpoints: signed })
    for (let full = true; full && !signal?.aborted;) {
      const page = await store.after(chain, check.sequence, PAGE)
      for (const stored of page) {
        const flaw = check.take(asHashed(stored))
        if (flaw) return flaw
      }
      full = page.length === PAGE
      if (signal && full) await pause(signal)
    }
    return signal?.aborted ? undefined : check.end()
  }

  return {
    async proceed(chain, most = Infinity) {
      const anchor = await anchorOf(chain)
      if (!anchor) return reached.get(chain) ?? { sequence: 0, hash: CHAIN_BEGINS }
      const check = checkChain({ chain, sha256, checkpoints: [], after: anchor })
      for (let left = most; left > 0;) {
        const asked = Math.min(PAGE, left)
        const page = await store.after(chain, check.sequence, asked)
        for (const stored of page) {
          const flaw = check.take(asHashed(stored))
          if (flaw) {
            found(chain, flaw)
            return anchor
          }
        }
        left = page.length < asked ? 0 : left - asked
      }
      const now = { sequence: check.sequence, hash: check.hash }
      reached.set(chain, now)
      return now
    },
    async readThrough(chain, signal) {
      const flaw = await search(chain, signal)
      if (signal.aborted) return
      if (flaw) found(chain, flaw)
      else broken.delete(chain)
    },
    broken: (chain) => broken.get(chain),
    forget(chain) {
      reached.delete(chain)
      broken.delete(chain)
    },
  }
}

const asHashed = ({ entry, isFaithful }: StoredEntry) => (isFaithful ? entry : null)

const flawAt = (sequence: number, why: string): Flaw => ({ sequence, through: sequence, why })

export const brokenOf = (flaw: Flaw | undefined): AuditPage['broken'] =>
  flaw
    ? {
        sequence: flaw.sequence,
        why: flaw.through > flaw.sequence ? `${flaw.why} (to entry ${flaw.through})` : flaw.why,
      }
    : null
